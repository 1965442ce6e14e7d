package store

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// fixed is a view of which only the fingerprint counts.
type fixed struct {
	fhir.View
	print string
}

func (v fixed) Fingerprint() []byte { return []byte(v.print) }

// TestA11BindingHoldsEverything: whatever field of a query is another, but for
// those that a client may change from page to page, a cursor is bound to another.
func TestA11BindingHoldsEverything(t *testing.T) {
	free := []string{"Count", "Cursor", "Includes", "Total", "Summary", "Elements", "Explain"}
	q := fhir.Query{Within: fixed{print: "view"}}
	populate(reflect.ValueOf(&q).Elem(), 2)
	before := bindingOfQuery(&q)
	fields := 0
	var vary func(v reflect.Value, at string)
	vary = func(v reflect.Value, at string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; at != "" || !slices.Contains(free, name) && name != "Within" {
					vary(v.Field(i), at+"."+name)
				}
			}
			return
		case reflect.Slice:
			if v.Len() == 0 {
				return // as deep as populate went
			}
			for i := range v.Len() {
				vary(v.Index(i), at+"[]")
			}
		}
		saved := reflect.New(v.Type()).Elem()
		saved.Set(v)
		alter(v)
		if fields++; bytes.Equal(bindingOfQuery(&q), before) {
			t.Errorf("a cursor does not depend on %s", at)
		}
		v.Set(saved)
	}
	vary(reflect.ValueOf(&q).Elem(), "")
	if q.Within = (fixed{print: "other"}); bytes.Equal(bindingOfQuery(&q), before) {
		t.Error("a cursor does not depend on the view")
	}
	if fields < 40 {
		t.Errorf("only %d fields were changed", fields)
	}
}

// TestA11BindingIsUnambiguous: what one query says in one field no other says in
// another, nor in a field and in its view.
func TestA11BindingIsUnambiguous(t *testing.T) {
	known := map[string]string{}
	note := func(q fhir.Query) {
		said := fmt.Sprintf("%+v", q)
		if other, twice := known[string(bindingOfQuery(&q))]; twice {
			t.Errorf("the same binding for\n%s and\n%s", said, other)
		}
		known[string(bindingOfQuery(&q))] = said
	}
	for _, chain := range [][]fhir.Link{nil, {{}}, {{Reverse: true}}, {{}, {}}} {
		for _, values := range [][]string{nil, {""}, {"", ""}} {
			for _, of := range [][]fhir.Param{nil, {{}}, {{}, {}}} {
				for _, sort := range [][]fhir.SortKey{nil, {{}}, {{}, {}}} {
					for n := range 16 {
						p := fhir.Param{Chain: chain, Values: values, Of: of}
						note(fhir.Query{Params: []fhir.Param{p}, Sort: sort, Within: fixed{print: strings.Repeat("\x00", n)}})
						note(fhir.Query{Params: []fhir.Param{p, {}}, Sort: sort, Within: fixed{print: strings.Repeat("\x00", n)}})
					}
				}
			}
		}
	}
	for n := 1; n < 1<<5; n++ {
		flag := func(i int) bool { return n>>i&1 == 1 }
		note(fhir.Query{Contained: fhir.ContainedMode{Only: flag(0), Both: flag(1), Inner: flag(2)}, Care: fhir.Care{All: flag(3), Support: flag(4)}, Within: fixed{}})
	}
}

// TestA11BindingOfHistory: nor does the cursor of one history serve another, or
// another caller.
func TestA11BindingOfHistory(t *testing.T) {
	known := map[string]bool{}
	for _, typ := range []string{"", "Patient", "Patient\" \"a"} {
		for _, id := range []string{"", "a", "b"} {
			for _, since := range []time.Time{{}, time.UnixMilli(1), time.UnixMilli(2)} {
				for _, view := range []string{"", "x", "xx"} {
					known[string(bindingOfHistory(&fhir.HistoryQuery{Type: typ, ID: id, Since: since, Within: fixed{print: view}}))] = true
				}
			}
		}
	}
	if len(known) != 3*3*3*3 {
		t.Errorf("%d bindings of %d histories", len(known), 3*3*3*3)
	}
}

// populate gives every field a value and every slice two elements, so deep.
func populate(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			populate(v.Field(i), depth)
		}
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			populate(v.Index(0), depth-1)
			populate(v.Index(1), depth-1)
		}
	case reflect.Interface:
	default:
		alter(v)
	}
}

// alter gives another value: one element less, a longer text.
func alter(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(v.Slice(0, max(0, v.Len()-1)))
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	}
}
