package adapters

import (
	"context"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// Codes under which a document in quarantine is found:
// GET DocumentReference?category=<IntakeSystem>|quarantine.
const (
	IntakeSystem   = Canonical + "/CodeSystem/intake"
	QuarantineCode = "quarantine"
)

// quarantine keeps a document that could not be taken in: a Binary with the
// bytes and a DocumentReference that says why. It has no subject, so it lies in
// nobody's compartment and is its sender's alone, and it is labelled as very
// restricted, since nobody knows yet what it says of whom. It is found by its
// category; it leaves quarantine when the same bytes are accepted later.
func (i *Intake) quarantine(ctx context.Context, in Input, reason *fhir.Error) (Result, error) {
	a := NewAssembly(in, Converter{Format: string(Sniff(in.Bytes)), Name: "intake", Version: "1"})
	a.Label(new(draft.Object).Set("system", v3+"Confidentiality").Set("code", "V"))
	reference := a.Original("application/octet-stream")
	reference.Set("docStatus", "preliminary")
	reference.Add("category", concept(IntakeSystem, QuarantineCode))
	for _, issue := range reason.Issues {
		reference.Add("extension", new(draft.Object).Set("url", Canonical+"/StructureDefinition/quarantine-reason").
			Put("value|CodeableConcept", quarantineReason(issue)))
	}
	if in.Organization != "" {
		reference.Put("custodian", new(draft.Object).Set("reference", in.Organization))
	}
	reference.Set("description", reason.Issues[0].Text.FR)
	reference.Add("content", new(draft.Object).Put("attachment", a.OriginalAttachment("application/octet-stream")))

	changes := make([]fhir.Change, 0, 2)
	for _, p := range a.parts {
		changes = append(changes, p.change(p.AppendJSON(nil)))
	}
	resources, err := i.Repo.Commit(ctx, changes)
	if err != nil {
		return Result{}, err
	}
	kept := &fhir.Error{Kind: fhir.Unprocessable, Op: "adapters.Accept", Err: reason, Issues: append(reason.Issues[:len(reason.Issues):len(reason.Issues)],
		fhir.Issue{ID: "intake.quarantined", Severity: fhir.SeverityInformation, Code: fhir.CodeInformational, At: a.Report.Reference,
			Text: fhir.T("The document is kept in quarantine; nothing of it reached a record.", "Le document est gardé en quarantaine ; rien n’en est entré dans un dossier."),
			Hint: fhir.T("Put the cause right and send it again, or ask your coordination platform.", "Corrigez la cause et renvoyez-le, ou demandez à votre structure de coordination.")})}
	result := Result{Report: a.Report, Quarantine: a.Report.Reference}
	for n := range changes {
		result.add(changes[n].FullURL, resources[n])
	}
	return result, kept
}

// quarantineReason names an issue and its place; issues hold no health data.
func quarantineReason(issue fhir.Issue) *draft.Object {
	text := issue.Text.FR
	if issue.At != "" {
		text += " " + issue.At
	}
	return concept("https://github.com/cordee-sante/cordee/blob/main/docs/errors.md", issue.ID).Set("text", text)
}
