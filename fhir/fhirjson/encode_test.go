package fhirjson

import (
	"errors"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

func TestEncode(t *testing.T) {
	ref, text := "Medication/1", "<b>1 & 2</b>\u2028"
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"null, {}, [] and empty strings", map[string]any{"a": nil, "b": map[string]any{}, "c": []any{}, "d": "", "e": 0, "f": false}, `{"e":0,"f":false}`},
		{"what becomes empty", map[string]any{"a": map[string]any{"b": []any{map[string]any{"c": nil}, nil}}, "d": []any{"", 1, nil, 2}}, `{"d":[1,2]}`},
		{"nothing left", map[string]any{"a": nil}, ``},
		{"resourceType first, at every level", map[string]any{"contained": []any{map[string]any{"a": 1, "resourceType": "B"}}, "a": 2, "resourceType": "A"},
			`{"resourceType":"A","a":2,"contained":[{"resourceType":"B","a":1}]}`},
		{"names and strings", map[string]any{"a\"": "<>&\u2028\"\\\n\té😀"}, `{"a\"":"<>&` + "\u2028" + `\"\\\n\té😀"}`},
		{"a model: its other choice, its null slice, its HTML", r4.MedicationRequest{
			Text:                &r4.Narrative{Status: r4.NarrativeStatusGenerated, Div: text},
			MedicationReference: r4.Reference{Reference: &ref}, Intent: "order", Status: "active"},
			`{"resourceType":"MedicationRequest","text":{"status":"generated","div":"<b>1 & 2</b>` + "\u2028" +
				`"},"status":"active","intent":"order","medicationReference":{"reference":"Medication/1"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Encode(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, v := range map[string]any{"a function": func() {}, "a control character": map[string]any{"a": "\x00"}} {
		_, err := Encode(v)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Kind != fhir.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}
