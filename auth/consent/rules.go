package consent

import (
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// Version names this set of rules. It is part of the fingerprint of every view,
// so that a cursor made under other rules is refused.
const Version = "1"

// Rule names, as they reach AuditEvents. Those of reading come first.
const (
	// Whatever is asked for.
	NoOrganization = "consent.no-organization"
	NoPurpose      = "consent.no-purpose"
	Officer        = "consent.officer"
	Unavailable    = "consent.unavailable"

	// Whatever patient it is about.
	OwnContribution = "consent.own-contribution"
	Masked          = "consent.masked"
	Directory       = "consent.directory"
	Unclassified    = "consent.unclassified"

	// By the policy of the patient.
	Opposition      = "consent.opposition"
	Denied          = "consent.denied"
	Permitted       = "consent.permitted"
	CareTeam        = "consent.care-team"
	OutsideCareTeam = "consent.outside-care-team"
	Matrix          = "consent.matrix"

	// Writing.
	Withheld          = "consent.withheld"
	AuditTrail        = "consent.audit-trail"
	DirectoryWriter   = "consent.directory-writer"
	OwnPatient        = "consent.own-patient"
	NewPatient        = "consent.new-patient"
	OwnRecord         = "consent.own-record"
	OwnCorrection     = "consent.own-correction"
	Registrar         = "consent.registrar"
	ForeignConsent    = "consent.foreign-consent"
	ForeignRecord     = "consent.foreign-record"
	Widening          = "consent.widening"
	FeedingOpposition = "consent.feeding-opposition"
	NoSubject         = "consent.no-subject"
	Unreadable        = "consent.unreadable"
)

// texts say each rule to a person. They hold no health data.
var texts = map[string]fhir.Text{
	NoOrganization:    {EN: "The client acts for no organisation.", FR: "Le client n'agit pour aucune organisation."},
	NoPurpose:         {EN: "The token names no purpose of use.", FR: "Le jeton n'indique aucun motif d'accès."},
	Officer:           {EN: "Security officers see no clinical record.", FR: "Les responsables de la sécurité ne voient aucun dossier clinique."},
	Unavailable:       {EN: "The policies of the patient cannot be read.", FR: "Les règles d'accès du patient ne peuvent pas être lues."},
	OwnContribution:   {EN: "The organisation wrote this itself.", FR: "L'organisation a elle-même versé cette donnée."},
	Masked:            {EN: "The record is masked and another organisation wrote it.", FR: "La donnée est masquée et une autre organisation l'a versée."},
	Directory:         {EN: "It describes the offer of care and holds no patient data.", FR: "Elle décrit l'offre de soins et ne contient aucune donnée de patient."},
	Unclassified:      {EN: "No rule opens records of this kind that name no patient.", FR: "Aucune règle n'ouvre les données de ce type qui ne désignent aucun patient."},
	Opposition:        {EN: "The patient objects to every access.", FR: "Le patient s'oppose à tout accès."},
	Denied:            {EN: "The patient denies access to this organisation or person.", FR: "Le patient refuse l'accès à cette organisation ou à cette personne."},
	Permitted:         {EN: "The patient consents to access by this organisation or person.", FR: "Le patient consent à l'accès de cette organisation ou de cette personne."},
	CareTeam:          {EN: "The organisation or person is in the care team.", FR: "L'organisation ou la personne fait partie de l'équipe de soins."},
	OutsideCareTeam:   {EN: "Outside the care team and without consent.", FR: "Hors de l'équipe de soins et sans consentement."},
	Matrix:            {EN: "The default rules do not open this class of data to this profession.", FR: "Les règles par défaut n'ouvrent pas cette classe de données à cette profession."},
	Withheld:          {EN: "No such resource.", FR: "Cette ressource n'existe pas."},
	AuditTrail:        {EN: "Audit events are written by the gateway alone.", FR: "Les traces ne sont écrites que par la passerelle."},
	DirectoryWriter:   {EN: "The client may write the directory.", FR: "Le client peut écrire l'annuaire."},
	OwnPatient:        {EN: "The organisation contributed this patient.", FR: "L'organisation a versé ce patient."},
	NewPatient:        {EN: "The patient is new.", FR: "Le patient est nouveau."},
	OwnRecord:         {EN: "The record names no patient and stays with the organisation.", FR: "La donnée ne désigne aucun patient et reste à l'organisation."},
	OwnCorrection:     {EN: "The organisation corrects what it wrote itself.", FR: "L'organisation corrige ce qu'elle a elle-même versé."},
	Registrar:         {EN: "The client keeps the consent registry.", FR: "Le client tient le registre des consentements."},
	ForeignConsent:    {EN: "Another organisation recorded this consent.", FR: "Une autre organisation a enregistré ce consentement."},
	ForeignRecord:     {EN: "Another organisation wrote this.", FR: "Une autre organisation a versé cette donnée."},
	Widening:          {EN: "An organisation cannot open to itself a patient that it may not see.", FR: "Une organisation ne peut pas s'ouvrir à elle-même un patient qu'elle ne peut pas voir."},
	FeedingOpposition: {EN: "The patient objects to contributions by this organisation or person.", FR: "Le patient s'oppose à l'alimentation par cette organisation ou cette personne."},
	NoSubject:         {EN: "A record of this type must name its patient on this gateway.", FR: "Une donnée de ce type doit désigner son patient sur cette passerelle."},
	Unreadable:        {EN: "The consent holds elements that this gateway does not enforce.", FR: "Le consentement contient des éléments que cette passerelle n'applique pas."},
}

// reason returns the Reason of a rule.
func reason(rule string, policies ...string) auth.Reason {
	return auth.Reason{Rule: rule, Policies: policies, Text: texts[rule]}
}

// hints say how to put right what a write was refused for.
var hints = map[string]fhir.Text{
	Unreadable: {
		EN: "Write an IHE PCF Consent: provision with type, period, actor, purpose and at most one nested level; no verification, action, class or code.",
		FR: "Écrivez un Consent IHE PCF : provision avec type, period, actor, purpose et un seul niveau imbriqué ; sans verification, action, class ni code."},
	NoSubject: {
		EN: "Refer to a Patient of this gateway, not to a contained one.",
		FR: "Faites référence à un Patient de cette passerelle, pas à une ressource contenue."},
	Widening: {
		EN: "A member of the care team records the consent of the patient.",
		FR: "Un membre de l'équipe de soins enregistre le consentement du patient."},
	ForeignRecord: {
		EN: "Answer a note with one that appends to it; ask the author to delete a record.",
		FR: "Répondez à une note par une note qui la complète ; demandez à l'auteur de supprimer une donnée."},
	ForeignConsent: {
		EN: "Record the patient's wish as a new Consent: a deny prevails.",
		FR: "Enregistrez la volonté du patient dans un nouveau Consent : un refus l'emporte."},
}

// refusal is the error of a write that the rule refuses. Withheld looks like
// absent.
func refusal(rule string) error {
	switch rule {
	case Withheld:
		return fhir.Errorf(fhir.NotFound, "consent.Write", "resource.not-found", fhir.CodeNotFound, "", texts[rule], fhir.Text{})
	case Unreadable:
		return fhir.Errorf(fhir.Unprocessable, "consent.Write", rule, fhir.CodeBusinessRule, "Consent.provision", texts[rule], hints[rule])
	case Unavailable:
		return fhir.Errorf(fhir.Unavailable, "consent.Write", rule, fhir.CodeTransient, "", texts[rule], fhir.Text{})
	}
	return fhir.Errorf(fhir.Forbidden, "consent.Write", rule, fhir.CodeForbidden, "", texts[rule], hints[rule])
}
