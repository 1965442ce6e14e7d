package cda_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
)

// said is what the resources of a conversion say in typed elements: codings as
// system|code, quantities as value|unit, dates as they are written. What is kept
// as it stands (extension cda-element) is not among them.
type said map[string]int

func (s said) add(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["url"] == adapters.Canonical+"/StructureDefinition/cda-element" {
			return
		}
		if code, ok := v["code"].(string); ok {
			s[fmt.Sprintf("%v|%s", v["system"], code)]++
		}
		if n, ok := v["value"].(json.Number); ok {
			unit, _ := v["code"].(string)
			if unit == "" {
				unit, _ = v["unit"].(string)
			}
			s[n.String()+"|"+unit]++
		}
		for _, time := range [][2]string{{"period", "periodUnit"}, {"duration", "durationUnit"}} {
			if n, ok := v[time[0]].(json.Number); ok {
				s[fmt.Sprintf("%s|%v", n, v[time[1]])]++
			}
		}
		for name, member := range v {
			if n, ok := member.(json.Number); ok && name != "value" {
				s[n.String()+"|"]++
			}
			s.add(member)
		}
	case []any:
		for _, item := range v {
			s.add(item)
		}
	case string:
		s[v]++
	}
}

// TestDigits: every code, quantity and date of an entry, as an independent reading
// finds it, is in a typed element with its system, unit and digits.
func TestDigits(t *testing.T) {
	for name, text := range family(t) {
		t.Run(name, func(t *testing.T) {
			c, err := cda.Adapter{}.Convert(t.Context(), adaptertest.Input([]byte(text)))
			if err != nil {
				t.Fatal(err)
			}
			out := said{}
			for _, change := range c.Changes {
				if change.Key.Type == "Provenance" {
					continue
				}
				d := json.NewDecoder(strings.NewReader(string(change.Body)))
				d.UseNumber()
				var v any
				if err := d.Decode(&v); err != nil {
					t.Fatal(err)
				}
				out.add(v)
			}
			for _, entry := range elementOf(t, text).below(named("entry")) {
				seek(t, out, entry, "")
			}
		})
	}
}

func seek(t *testing.T, out said, e *element, path string) {
	path += "/" + e.name
	for _, want := range wanted(e) {
		if len(want) > 0 && !found(out, want) {
			t.Errorf("%s: %v is in no element", path, want)
		}
	}
	for _, kid := range e.kids {
		if kid.name != "" {
			seek(t, out, kid, path)
		}
	}
}

func found(out said, any []string) bool {
	for _, want := range any {
		if out[want] > 0 {
			return true
		}
	}
	return false
}

// structure are elements whose code says what the resource is, or how it stands:
// FHIR has elements or codes of its own for that.
var structure = regexp.MustCompile(`^(statusCode|templateId|typeId|languageCode|confidentialityCode|administrativeGenderCode)$`)

// fixed are the codes that every statement of a kind has: it is the kind that says
// them.
var fixed = regexp.MustCompile(`\|(48767-8|DRUG|33999-4|SEV|66455-7|30973-2|11323-3|82606-5|69764-9|PINSTRUCT|FINSTRUCT|SPRECEIVE|CONC|ASSERTION|IMMUNIZ|94030-4|42349-1|113014|113015` +
	`|121139|404684003|64572001|G-1009|GEN-31[89]|MED-80[13])$`)

var stamp = regexp.MustCompile(`^[0-9]{4,14}(\.[0-9]+)?([+-][0-9]{4})?$`)

// wanted are the things that an element says, each in the forms that it may have
// in FHIR.
func wanted(e *element) (list [][]string) {
	code, system, value, unit := e.attr("code"), e.attr("codeSystem"), e.attr("value"), e.attr("unit")
	if code != "" && !structure.MatchString(e.name) && value == "" {
		uri := "<nil>"
		if s := adapters.System(system); s != "" {
			uri = s
		}
		bare := strings.Join(strings.Fields(code), " ")
		if want := uri + "|" + bare; !fixed.MatchString(want) {
			list = append(list, []string{want})
		}
		if (system == "" || strings.HasPrefix(system, "2.16.840.1.113883.4.642.")) && len(list) > 0 { // codes of FHIR
			list[0] = append(list[0], bare)
		}
	}
	if e.attr("xsi:type") == "BL" || value == "" || value == "true" || value == "false" || e.name == "telecom" || e.name == "reference" {
		return list
	}
	if stamp.MatchString(value) && unit == "" && (len(value) >= 8 || isTime(e)) {
		return append(list, dates(value))
	}
	if n := strings.TrimPrefix(value, "+"); regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString(n) {
		if unit == "" && code != "" {
			unit = code
		}
		if unit == "min" { // an offset
			return append(list, []string{n + "|min", n + "|"})
		}
		return append(list, []string{n + "|" + unit})
	}
	return list
}

func isTime(e *element) bool {
	return e.name == "effectiveTime" || e.name == "birthTime" || (e.name == "low" || e.name == "high") && e.attr("xsi:type") == "" && len(e.attr("value")) >= 4
}

// dates are the ways in which FHIR may write a TS.
func dates(v string) []string {
	switch len(v) {
	case 4:
		return []string{v, v + "|"}
	case 6:
		if v[4:] > "12" { // no date
			return nil
		}
		return []string{v[:4] + "-" + v[4:], v + "|"}
	}
	day := v[:4] + "-" + v[4:6] + "-" + v[6:8]
	list := []string{day, v[:4], v[:4] + "-" + v[4:6]}
	if len(v) > 8 {
		list = list[:0]
		digits, zone := v, ""
		if i := strings.IndexAny(v, "+-"); i > 0 {
			digits, zone = v[:i], v[i:]
		}
		digits, fraction, _ := strings.Cut(digits, ".")
		digits = (digits + "000000")[:14]
		if fraction != "" {
			fraction = "." + fraction
		}
		clock := digits[8:10] + ":" + digits[10:12] + ":" + digits[12:14]
		for _, z := range []string{"+01:00", "+02:00", strings.Replace(zone, "00", ":00", 1)} {
			if zone != "" {
				z = zone[:3] + ":" + zone[3:]
			}
			list = append(list, day+"T"+clock+fraction+z)
		}
		list = append(list, day, clock)
	}
	return list
}
