package fhirjson

import "testing"

func parse(t testing.TB, text string) *Doc {
	t.Helper()
	doc, err := ParseLimits([]byte(text), Limits{Null: true})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTree(t *testing.T) {
	r := parse(t, ` {"a":[1,{"b":"x\ny","c":[]}],"d":{},"e":null,"\u0066":true , "g":"z"} `).Root()
	names := ""
	for m := range r.Members() {
		names += m.Name() + "=" + m.Raw() + ";"
	}
	if want := `a=[1,{"b":"x\ny","c":[]}];d={};e=null;f=true;g="z";`; names != want {
		t.Errorf("got %s", names)
	}
	if got := r.Get("g").Text() + r.Get("f").Text(); got != "ztrue" {
		t.Errorf("g and f: %q", got)
	}
	var second Node
	for item := range r.Get("a").Items() {
		second = item
	}
	if second.Get("b").Text() != "x\ny" || second.Get("c").Len() != 0 || r.Get("a").Len() != 2 || r.Get("d").Len() != 0 {
		t.Errorf("a and d: %s", r.Raw())
	}
	if n := second.Get("c").Next(); n.Exists() {
		t.Errorf("after the last member: %s", n.Raw())
	}
}

func TestAbsentNode(t *testing.T) {
	var n Node
	for range n.Items() {
		t.Error("an item of nothing")
	}
	if n.Exists() || n.Kind() != Absent || n.Get("a").Exists() || n.At("a", "b").Exists() || n.Len() != 0 ||
		n.Text()+n.Raw()+n.Name() != "" || n.First().Exists() || n.Next().Exists() {
		t.Error("an absent node is there")
	}
}

func TestItemsOfOne(t *testing.T) {
	n := 0
	for item := range parse(t, `{"a":{"b":1}}`).Root().Get("a").Items() {
		n++
		if item.Get("b").Text() != "1" {
			t.Error(item.Raw())
		}
	}
	if n != 1 {
		t.Errorf("%d items of a single element", n)
	}
}
