// Package consent is the consent decision point of the gateway: the Consent
// Authorization Server of IHE Privacy Consent on FHIR
// (https://profiles.ihe.net/ITI/PCF/). It says what a principal may see and
// write, from the Patient, CareTeam and Consent resources of the patients
// concerned, as they stand in the snapshot that answers the request. It never
// reads the records asked for: Facts are all it knows of them.
//
// # Reading
//
// The first rule that applies decides (rules.go names them; the name goes into
// the AuditEvent). docs/consent.md has them in full.
//
//  1. no organisation or no purpose of use: nothing is visible; security officers
//     see no clinical record;
//  2. who asks in a function that the directory does not have now, or stands in
//     for somebody without one, sees the directory alone;
//  3. own-contribution: an organisation sees the versions that it wrote;
//  4. directory: what describes the offer of care and holds no patient data;
//     every other record without a patient is invisible;
//  5. for each patient of the record, and for each Patient that is the same
//     person: a Consent that denies, then one that permits, then the care team
//     (article L1110-12 of the French public health code). All must let it be
//     seen. Patients see themselves, representatives whom they represent;
//  6. the default rules narrow what is open: the class of data by profession,
//     masks and sensitive labels by the grounds on which it is open.
//
// Deny beats permit, whichever is newer: several active Consents that
// contradict each other resolve to the strictest, and the reason of the
// decision names them all.
//
// # What a Consent means here
//
// Only an active Consent of scope patient-privacy counts; one that is active
// and cannot be read in full counts as the opposition of the patient to
// everything. A deny without actor is an opposition: it hides the patient from
// everybody but the contributors, the care team included. A permit without
// actor names nobody: it opens nothing, since outside the care team a consent
// names whom it lets in (L1110-4); nested in a deny it lifts that deny, and the
// care team decides. The category dmp-alimentation is about contributing, and
// has no say in reading (L1111-14, L1111-15).
//
// # Writing
//
// Both images of a change are judged (write.go). The one before must be visible
// and may be altered by its contributor, or by the care team as far as it is
// neither deleted nor a document or Consent of another. The one after must be
// about patients whose care team or consent lets the organisation in, about
// patients that it contributed itself, or about new ones. Nobody opens a patient
// to themselves: see widening.go. What a client is told of a refusal does not
// say whether a patient exists or objects; the trail gets the rule (Refusal).
//
// Write judges by the policies as the transaction sees them, earlier commits of
// the same batch included; without a snapshot it refuses.
//
// # What it is not
//
// It enforces nothing: the guard of package auth does. It gives nobody a token
// for an emergency; whoever holds one (purpose BTG, one patient) it lets read.
package consent
