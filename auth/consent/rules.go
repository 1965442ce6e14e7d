package consent

import (
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// Version names this set of rules. It is part of the fingerprint of every view,
// so that a cursor made under other rules is refused.
const Version = "2"

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

	// By who asks.
	NoFunction        = "consent.no-function"
	NoDelegation      = "consent.no-delegation"
	Delegated         = "consent.delegated"
	Subject           = "consent.subject"
	NotSubject        = "consent.not-subject"
	Representative    = "consent.representative"
	NotRepresentative = "consent.not-representative"
	Deceased          = "consent.deceased"
	ReadOnly          = "consent.read-only"

	// By the policy of the patient.
	Opposition      = "consent.opposition"
	Denied          = "consent.denied"
	Permitted       = "consent.permitted"
	CareTeam        = "consent.care-team"
	OutsideCareTeam = "consent.outside-care-team"
	BreakGlass      = "consent.break-glass"
	Linked          = "consent.linked"
	Matrix          = "consent.matrix"
	Sensitive       = "consent.sensitive"

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
	FeedingPermitted  = "consent.feeding-permitted"
	ForbiddenByPCF    = "consent.forbidden-by-pcf"
	UnknownActor      = "consent.unknown-actor"
	PeriodReversed    = "consent.period-reversed"
	TooDeep           = "consent.too-deep"
	NoSubject         = "consent.no-subject"
	Unreadable        = "consent.unreadable"

	// WriteRefused is what a client reads in place of the rules that would tell
	// it about a patient.
	WriteRefused = "consent.write-refused"
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
	NoFunction:        {EN: "The person holds no such function in this organisation now.", FR: "La personne n'exerce pas cette fonction dans cette organisation aujourd'hui."},
	NoDelegation:      {EN: "Nobody of this organisation whom the person could stand in for holds a function now.", FR: "La personne ne supplée ni n'assiste aucun professionnel en exercice dans cette organisation."},
	Delegated:         {EN: "The person stands in for somebody whom the care team or a consent lets in.", FR: "La personne agit pour un professionnel que l'équipe de soins ou un consentement autorise."},
	Subject:           {EN: "Patients see their own record.", FR: "Le patient voit son propre dossier."},
	NotSubject:        {EN: "Patients see no record but their own.", FR: "Un patient ne voit que son propre dossier."},
	Representative:    {EN: "The person represents the patient.", FR: "La personne représente le patient."},
	NotRepresentative: {EN: "The person does not represent the patient, or no longer.", FR: "La personne ne représente pas le patient, ou ne le représente plus."},
	Deceased:          {EN: "The patient has died: their own access and that of representatives has ended.", FR: "Le patient est décédé : son accès et celui de ses représentants ont pris fin."},
	ReadOnly:          {EN: "Patients and representatives read and do not write.", FR: "Les patients et leurs représentants consultent sans écrire."},
	Linked:            {EN: "Another Patient that is the same person does not let it be seen.", FR: "Un autre dossier Patient de la même personne ne permet pas l'accès."},
	Sensitive:         {EN: "The record bears a sensitive label and the patient's consent to it does not name who asks.", FR: "La donnée porte un libellé sensible et aucun consentement du patient ne désigne le demandeur pour ce libellé."},
	FeedingPermitted:  {EN: "The patient consents to contributions by this organisation or person.", FR: "Le patient consent à l'alimentation par cette organisation ou cette personne."},
	ForbiddenByPCF:    {EN: "IHE PCF forbids this element of a consent.", FR: "IHE PCF interdit cet élément d'un consentement."},
	UnknownActor:      {EN: "The actor is not known here.", FR: "L'acteur n'est pas connu ici."},
	PeriodReversed:    {EN: "The period ends before it starts.", FR: "La période se termine avant de commencer."},
	TooDeep:           {EN: "Provisions are nested too deep.", FR: "Les dispositions sont trop imbriquées."},
	BreakGlass:        {EN: "Access in an emergency, which is recorded and told to the patient.", FR: "Accès en urgence, tracé et porté à la connaissance du patient."},
	OutsideCareTeam:   {EN: "Outside the care team and without consent.", FR: "Hors de l'équipe de soins et sans consentement."},
	Matrix:            {EN: "The default rules do not open this class of data to this profession.", FR: "Les règles par défaut n'ouvrent pas cette classe de données à cette profession."},
	Withheld:          {EN: "Another resource of this id is withheld.", FR: "Une autre ressource de cet identifiant n'est pas visible."},
	WriteRefused:      {EN: "You may not write this resource.", FR: "Vous ne pouvez pas écrire cette ressource."},
	Registrar:         {EN: "The registrar keeps consents, terminology and conformance resources.", FR: "Le teneur du registre tient les consentements, les terminologies et les ressources de conformité."},
	AuditTrail:        {EN: "Audit events are written by the gateway alone.", FR: "Les traces ne sont écrites que par la passerelle."},
	DirectoryWriter:   {EN: "Practices and contributors write the directory.", FR: "Les cabinets et les contributeurs écrivent l'annuaire."},
	OwnPatient:        {EN: "The organisation contributed this patient.", FR: "L'organisation a versé ce patient."},
	NewPatient:        {EN: "The patient is new.", FR: "Le patient est nouveau."},
	OwnRecord:         {EN: "The record names no patient and stays with the organisation.", FR: "La donnée ne désigne aucun patient et reste à l'organisation."},
	OwnCorrection:     {EN: "The organisation corrects what it wrote itself.", FR: "L'organisation corrige ce qu'elle a elle-même versé."},
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
	ForbiddenByPCF: {
		EN: "Leave the element out: say what the consent is about by actor, purpose, securityLabel and data.",
		FR: "Retirez cet élément : précisez le consentement par actor, purpose, securityLabel et data."},
	UnknownActor: {
		EN: "Refer to an Organization, Practitioner, PractitionerRole, Group, CareTeam, RelatedPerson or Patient of this gateway; write functions and groups first.",
		FR: "Référencez une Organization, un Practitioner, PractitionerRole, Group, CareTeam, RelatedPerson ou Patient de cette passerelle ; écrivez d'abord les fonctions et les groupes."},
	PeriodReversed: {
		EN: "Let period.end be no earlier than period.start.",
		FR: "Donnez à period.end une date qui ne précède pas period.start."},
	TooDeep: {
		EN: "Keep exceptions one level below the base provision (IHE PCF).",
		FR: "Limitez les exceptions à un niveau sous la disposition de base (IHE PCF)."},
	NoSubject: {
		EN: "Refer to a Patient of this gateway, not to a contained one.",
		FR: "Faites référence à un Patient de cette passerelle, pas à une ressource contenue."},
	WriteRefused: {
		EN: "Create a resource without choosing its id; ask the patient's care team, of which a member records the consent of the patient.",
		FR: "Créez une ressource sans en choisir l'identifiant ; adressez-vous à l'équipe de soins, dont un membre enregistre le consentement du patient."},
	Unavailable: {EN: "Try again.", FR: "Réessayez."},
	NoPurpose: {
		EN: "Have the client registered with a purpose of use.",
		FR: "Faites enregistrer le client avec un motif d'accès."},
	NoOrganization: {
		EN: "Have the client registered with an organisation.",
		FR: "Faites enregistrer le client avec une organisation."},
	DirectoryWriter: {
		EN: "Have the client registered with the role practice or contributor.",
		FR: "Faites enregistrer le client avec le rôle practice ou contributor."},
	Registrar: {
		EN: "Have the client registered with the role registrar.",
		FR: "Faites enregistrer le client avec le rôle registrar."},
	ForeignRecord: {
		EN: "Answer a note with one that appends to it; ask the author to delete a record.",
		FR: "Répondez à une note par une note qui la complète ; demandez à l'auteur de supprimer une donnée."},
	ForeignConsent: {
		EN: "Record the patient's wish as a new Consent: a deny prevails.",
		FR: "Enregistrez la volonté du patient dans un nouveau Consent : un refus l'emporte."},
}

// A Refusal is why a write was refused, for the trail. It is the cause of the
// error that Write returns, so it is never shown: the client is not told
// whether a patient exists, objects, or has a care team (errors.As finds it).
type Refusal struct{ Why auth.Reason }

// Error names the rule.
func (r *Refusal) Error() string { return r.Why.Rule }

// Reason returns the rule with the policies that it rests on.
func (r *Refusal) Reason() auth.Reason { return r.Why }

// refusal is the error of what the rule refuses. What depends on the policies
// of a patient, or on what exists, reads the same whatever the rule.
func refusal(rule string, policies ...string) error {
	return refused(rule).Wrap(&Refusal{reason(rule, policies...)})
}

func refused(rule string) *fhir.Error {
	const op = "consent.Write"
	switch rule {
	case Unreadable:
		return fhir.Errorf(fhir.Unprocessable, op, rule, fhir.CodeBusinessRule, "Consent.provision", texts[rule], hints[rule])
	case Unavailable:
		return fhir.Errorf(fhir.Unavailable, op, rule, fhir.CodeTransient, "", texts[rule], hints[rule])
	case NoOrganization, NoPurpose, Officer, AuditTrail, ReadOnly, NoFunction, NoDelegation, NoSubject, DirectoryWriter, Registrar, ForeignRecord, ForeignConsent:
		return fhir.Errorf(fhir.Forbidden, op, rule, fhir.CodeForbidden, "", texts[rule], hints[rule])
	}
	return fhir.Errorf(fhir.Forbidden, op, WriteRefused, fhir.CodeForbidden, "", texts[WriteRefused], hints[WriteRefused])
}
