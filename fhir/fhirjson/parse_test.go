package fhirjson

import "testing"

func TestParseTree(t *testing.T) {
	d, err := Parse([]byte(`{"a":[1,{"b":"x\ny","c":[]}],"d":{},"e":null,"f":true , "g":"z"}`))
	if err != nil {
		t.Fatal(err)
	}
	r := d.Root()
	var names string
	for m := range r.Members() {
		names += m.Name() + "=" + m.Raw() + ";"
	}
	if want := `a=[1,{"b":"x\ny","c":[]}];d={};e=null;f=true;g="z";`; names != want {
		t.Errorf("got %s", names)
	}
	if got := r.Get("g").Text(); got != "z" {
		t.Errorf("g = %q", got)
	}
	n := 0
	for it := range r.Get("a").Items() {
		n++
		if it.Get("b").Exists() && it.Get("b").Text() != "x\ny" {
			t.Error("escape")
		}
		if it.Get("c").Len() != 0 {
			t.Error("empty array")
		}
	}
	if n != 2 || r.Get("d").Len() != 0 {
		t.Error(n)
	}
}
