package rest_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cordee-sante/cordee/fhir"
)

func TestSubset(t *testing.T) {
	observation := `{"resourceType":"Observation","id":"o1","meta":{"profile":["urn:p"],"tag":[{"code":"own"}]},"text":{"status":"generated"},"contained":[{"resourceType":"Patient"}],` +
		`"extension":[{"url":"u"}],"modifierExtension":[{"url":"m"}],"status":"final","_status":{"id":"s"},"code":{"text":"c"},"valueQuantity":{"value":1.00},"note":[{"text":"n"}],` +
		`"component":[{"code":{"text":"k"},"valueString":"v","interpretation":[{"text":"h"}]}]}`
	document := `{"resourceType":"DocumentReference","id":"d1","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"YQ==","url":"urn:x"}}]}`
	f := newFake(observation, document, `{"resourceType":"Observation","id":"o2","status":"final","code":{"text":"c"},"valueSampledData":{"origin":{"value":1},"period":1,"dimensions":1}}`)
	h := serve(t, f)
	for _, c := range []struct{ path, keys string }{
		{"/Observation/o1?_summary=false", "code component contained extension id meta modifierExtension note resourceType status _status text valueQuantity"},
		{"/Observation/o1?_summary=data", "code component contained extension id meta modifierExtension note resourceType status _status valueQuantity"},
		{"/Observation/o1?_summary=text", "code id meta resourceType status _status text"},
		{"/Observation/o1?_summary=true", "code component id meta modifierExtension resourceType status _status valueQuantity"},
		{"/Observation/o1?_elements=note", "code id meta modifierExtension note resourceType status _status"},
		{"/Observation/o1?_elements=value", "code id meta modifierExtension resourceType status _status valueQuantity"},
		{"/Observation/o1?_elements=valueQuantity,contained,nonsense", "code contained id meta modifierExtension resourceType status _status valueQuantity"},
		{"/Observation/o1/_history/1?_summary=text", "code id meta resourceType status _status text"},
	} {
		w := call{request: "GET " + c.path, status: 200}.run(t, h)
		var got map[string]json.RawMessage
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err, w.Body)
		}
		var keys []string
		for k := range got {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return strings.Compare(strings.TrimPrefix(a, "_"), strings.TrimPrefix(b, "_")) })
		want := strings.Fields(c.keys)
		slices.Sort(keys)
		slices.Sort(want)
		if d := cmp.Diff(want, keys); d != "" {
			t.Errorf("%s: %s", c.path, d)
		}
		if tagged := strings.Contains(w.Body.String(), "SUBSETTED"); tagged == strings.HasSuffix(c.path, "false") {
			t.Errorf("%s: tagged %v", c.path, tagged)
		}
	}
	call{request: "GET /Observation/o1?_summary=true", status: 200, wants: "{\"value\":1.00}\n[{\"code\":{\"text\":\"k\"},\"valueString\":\"v\"}]\n\"tag\":[{\"code\":\"own\"},{\"system\"\n\"profile\":[\"urn:p\"]"}.run(t, h)
	call{request: "GET /Observation/o2?_summary=true", status: 200, wants: `"valueSampledData":{"origin":{"value":1},"period":1,"dimensions":1}`}.run(t, h)
	call{request: "GET /DocumentReference/d1?_summary=true", status: 200, wants: "\"attachment\":{\"contentType\":\"text/plain\",\"url\":\"urn:x\"}\n!YQ=="}.run(t, h)
	call{request: "GET /Observation/_history?_elements=code", status: 200, wants: "SUBSETTED\n!\"note\""}.run(t, h)
}

// What was read as a subset cannot be written back over the whole.
func TestSubsetCannotBeWritten(t *testing.T) {
	f := newFake(patient)
	h := serve(t, f)
	body := send(h, "GET /Patient/p1?_elements=name", "", "").Body.String()
	call{request: "PUT /Patient/p1", body: body, status: 422, id: "rest.subsetted"}.run(t, h)
	call{request: "POST /", body: bundleOf("transaction", request("PUT", "Patient/p1", with(body))), status: 400, id: "rest.subsetted", at: "Bundle.entry[0].resource.meta.tag"}.run(t, h)
}

// including answers a search with a match and what it includes.
type including struct{ fhir.Repository }

func (including) Search(context.Context, fhir.Query) (fhir.Page, error) {
	resource := func(typ, id string) fhir.Resource {
		return fhir.Resource{Key: fhir.Key{Type: typ, ID: id, Version: "1"}, Body: []byte(`{"resourceType":"` + typ + `","id":"` + id + `","meta":{"versionId":"1"},"active":true,"gender":"male","name":[{"text":"x"}]}`)}
	}
	return fhir.Page{Matches: []fhir.Resource{resource("Patient", "p")}, Included: []fhir.Resource{resource("Practitioner", "d")}, Total: 1, Count: 10}, nil
}

// R4 search.html#elements: the list of elements does not apply to what is
// included; a summary does.
func TestElementsOfMatchesOnly(t *testing.T) {
	h := serve(t, including{newFake()})
	for query, want := range map[string]string{
		"_elements=gender": "active gender id meta resourceType | active gender id meta name resourceType",
		"_summary=data":    "active gender id meta name resourceType | active gender id meta name resourceType",
		"_summary=true":    "active gender id meta name resourceType | active gender id meta name resourceType",
		"":                 "active gender id meta name resourceType | active gender id meta name resourceType",
	} {
		var b struct {
			Entry []struct{ Resource map[string]any }
		}
		w := call{request: "GET /Patient?_include=Patient:general-practitioner&" + query, status: 200}.run(t, h)
		if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil || len(b.Entry) != 2 {
			t.Fatalf("%s: %v %s", query, err, w.Body)
		}
		var got []string
		for _, e := range b.Entry {
			got = append(got, strings.Join(slices.Sorted(maps.Keys(e.Resource)), " "))
		}
		if got := strings.Join(got, " | "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
