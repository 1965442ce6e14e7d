package conceptmap

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
)

func TestShipped(t *testing.T) {
	for _, body := range Shipped() {
		doc, err := fhirjson.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if issues := profile.Validate(doc); len(issues) > 0 {
			t.Errorf("%s: %+v", doc.Root().Get("id").Text(), issues)
		}
	}
	list := ShippedURIs()
	if list["2.16.840.1.113883.6.1"] != "http://loinc.org" || len(list) < 40 {
		t.Errorf("%d systems", len(list))
	}
	owner := map[string]string{}
	for oid, uri := range list {
		if owner[uri] != "" {
			t.Errorf("%s has the OIDs %s and %s", uri, oid, owner[uri])
		}
		owner[uri] = oid
	}
}
