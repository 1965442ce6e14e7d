package consent_test

import (
	"context"
	"fmt"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
)

// patient is a snapshot in which Patient/p1 lets the pharmacy see them.
type patient struct{}

func (patient) Epochs(context.Context, []string) ([]uint64, error) { return []uint64{1}, nil }

func (patient) Policy(context.Context, string) ([]fhir.Resource, error) {
	return []fhir.Resource{{Key: fhir.Key{Type: "Consent", ID: "c1", Version: "3"}, Body: []byte(`{
		"resourceType": "Consent", "id": "c1", "status": "active",
		"scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
		"patient": {"reference": "Patient/p1"},
		"provision": {"type": "permit", "actor": [{
			"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]},
			"reference": {"reference": "Organization/pharmacie"}}]}}`)}}, nil
}

func Example() {
	point := consent.New(consent.Config{})
	who := auth.Principal{Client: "officine", Organization: "Organization/pharmacie", Practitioner: "Practitioner/p", Profession: "10", Purpose: auth.PurposeTreatment}
	view, err := point.View(context.Background(), who, "Observation")
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := fhir.Facts{Key: fhir.Key{Type: "Observation", ID: "o1"}, Patients: []string{"p1"}, Contributor: "Organization/msp"}
	sees, err := view.Sees(context.Background(), patient{}, []fhir.Facts{facts})
	if err != nil {
		fmt.Println(err)
		return
	}
	why := view.(auth.Explainer).Explain(context.Background(), patient{}, facts)
	fmt.Println(sees[0], why.Rule, why.Policies)
	// Output: true consent.permitted [Consent/c1/_history/3 urn:cordee:matrix:fr-2026.2]
}
