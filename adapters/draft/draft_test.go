package draft_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/adapters/draft"
	"pgregory.net/rapid"
)

func Example() {
	o := draft.New("Observation", "o1")
	o.Set("status", "final", 1)
	o.Put("value|Quantity", new(draft.Object).Literal("value", "1.50", 2).Set("unit", "mg", 2))
	o.Add("note", new(draft.Object).Set("text", `"quoted"`, 3, 4))
	o.Put("code", new(draft.Object)) // nothing was said of it
	fmt.Printf("%s\n", o.JSON())
	var t *draft.Tracer
	t = draft.NewTracer(func(from draft.Origin) { fmt.Println(from, t.Path()) })
	t.Trace(o)
	// Output:
	// {"resourceType":"Observation","id":"o1","status":"final","valueQuantity":{"value":1.50,"unit":"mg"},"note":[{"text":"\"quoted\""}]}
	// 1 Observation.status
	// 2 Observation.value.ofType(Quantity).value
	// 2 Observation.value.ofType(Quantity).unit
	// 3 Observation.note[0].text
	// 4 Observation.note[0].text
}

func TestEmptyIsLeftOut(t *testing.T) {
	o := draft.New("Patient", "")
	o.Set("gender", "", 1).Add("name", new(draft.Object).Mark(2)).AddText("given", "", 3).Put("x", nil).Literal("active", "", 4)
	if got := string(o.JSON()); got != `{"resourceType":"Patient"}` {
		t.Errorf("got %s", got)
	}
	draft.NewTracer(func(from draft.Origin) { t.Errorf("origin %d is said to be somewhere", from) }).Trace(o)
}

func TestMerge(t *testing.T) {
	person := func(n draft.Origin, phone, birth string) *draft.Resource {
		r := draft.New("Practitioner", "p")
		r.Set("birthDate", birth, n)
		r.Add("telecom", new(draft.Object).Set("system", "phone").Set("value", phone, n+1))
		r.Add("name", new(draft.Object).Set("family", "ROUX", n+2).AddText("given", "Anne", n+3))
		return r
	}
	p := person(10, "1", "1970")
	p.Merge(&person(20, "1", "1970").Object)
	p.Merge(&person(30, "2", "1971").Object)
	if got, want := string(p.JSON()), `{"resourceType":"Practitioner","id":"p","birthDate":"1970","telecom":[{"system":"phone","value":"1"},{"system":"phone","value":"2"}],"name":[{"family":"ROUX","given":["Anne"]}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	traced := map[draft.Origin]string{}
	var tracer *draft.Tracer
	tracer = draft.NewTracer(func(from draft.Origin) { traced[from] = tracer.Path() })
	tracer.Trace(p)
	want := map[draft.Origin]string{
		10: "Practitioner.birthDate", 20: "Practitioner.birthDate", // 30 disagrees and is nowhere
		11: "Practitioner.telecom[0].value", 21: "Practitioner.telecom[0].value", 31: "Practitioner.telecom[1].value",
		12: "Practitioner.name[0].family", 22: "Practitioner.name[0].family", 32: "Practitioner.name[0].family",
		13: "Practitioner.name[0].given[0]", 23: "Practitioner.name[0].given[0]", 33: "Practitioner.name[0].given[0]",
	}
	for n, path := range want {
		if traced[n] != path {
			t.Errorf("origin %d: got %q, want %q", n, traced[n], path)
		}
	}
	if len(traced) != len(want) {
		t.Errorf("traced %v", traced)
	}
}

func TestJSONIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		o := new(draft.Object).Set("a", text)
		var back map[string]string
		if err := json.Unmarshal(o.AppendJSON(nil), &back); err != nil {
			t.Fatal(err)
		}
		if back["a"] != text {
			t.Fatalf("got %q, want %q", back["a"], text)
		}
	})
}
