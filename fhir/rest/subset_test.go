package rest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
