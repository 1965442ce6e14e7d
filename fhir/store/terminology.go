package store

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// The token modifiers in, not-in, above and below are answered from the ValueSet
// and CodeSystem resources of the store, on the snapshot and within the view of
// the query (R4 search.html#modifiers, valueset.html#compose). What a set names by
// properties of its concepts, or a system that is not here, is refused: half a
// set would look like the whole.

// A terminology expands what one parameter names.
type terminology struct {
	x     *execution
	name  string // of the parameter, for errors
	steps int    // codes gone through
	under []string
}

// Bounds of one expansion.
const (
	setsNested = 10      // value sets that name each other
	stepsMost  = 200_000 // codes gone through
)

// compile compiles a parameter, with the terminology of the store.
func (x *execution) compile(typ string, param fhir.Param) (*search.Predicate, error) {
	switch param.Modifier {
	case "in", "not-in", "above", "below":
		if p, ok := x.store.registry.Param(typ, param.Code); ok && p.Type == search.Reference && !p.Canonical {
			return x.compileClimb(typ, param)
		}
		t := &terminology{x: x, name: param.Code + ":" + param.Modifier}
		return x.store.registry.CompileWith(typ, param, t.codings)
	}
	return x.store.registry.Compile(typ, param)
}

// codings implements search.Codings.
func (t *terminology) codings(modifier, value string) ([]search.Coding, error) {
	if modifier == "in" {
		set, err := t.valueSet(value)
		return set.list(), err
	}
	url, code, _ := strings.Cut(value, "|")
	system, err := t.codeSystem(url)
	if err != nil {
		return nil, err
	}
	codes, ok := system.reach(code, modifier == "above")
	if !ok {
		return nil, t.refuse("search.unknown-code",
			fhir.T("The code system has no such code.", "Le système de codes n'a pas ce code."),
			fhir.T("Codes are those of CodeSystem.concept.", "Les codes sont ceux de CodeSystem.concept."))
	}
	list := make([]search.Coding, len(codes))
	for i, c := range codes {
		list[i] = search.Coding{System: url, Code: c}
	}
	return list, nil
}

// A codingSet is a set of codings; one without a code stands for all of its
// system.
type codingSet map[search.Coding]bool

func (s codingSet) has(c search.Coding) bool { return s[c] || s[search.Coding{System: c.System}] }

func (s codingSet) list() []search.Coding {
	list := make([]search.Coding, 0, len(s))
	for c := range s {
		list = append(list, c)
	}
	return list
}

// both is what is in both sets.
func (s codingSet) both(o codingSet) codingSet {
	out := codingSet{}
	for c := range s {
		if o.has(c) {
			out[c] = true
		}
	}
	for c := range o {
		if s.has(c) {
			out[c] = true
		}
	}
	return out
}

// valueSet expands a value set by its canonical, or by its address on this
// server: ValueSet/id, with the base in front or without.
func (t *terminology) valueSet(url string) (codingSet, error) {
	if slices.Contains(t.under, url) || len(t.under) == setsNested {
		return nil, t.refuse("search.value-set-nested",
			fhir.T("The value set is made of too many others, or of itself.", "Le jeu de valeurs est fait de trop d'autres, ou de lui-même."), fhir.Text{})
	}
	t.under = append(t.under, url)
	defer func() { t.under = t.under[:len(t.under)-1] }()
	doc, err := t.definition("ValueSet", url)
	if err != nil {
		return nil, err
	}
	if doc == nil {
		if set := published(url); set != nil {
			return set, nil
		}
		return nil, t.unknown("search.unknown-value-set", "ValueSet", url)
	}
	compose := doc.Root().Get("compose")
	if !compose.Exists() {
		set := codingSet{}
		return set, t.contains(set, doc.Root().At("expansion", "contains"))
	}
	return t.compose(compose)
}

// published is a value set of R4 itself that can be listed.
func published(url string) codingSet {
	url, _, _ = strings.Cut(url, "|")
	codes, ok := tables.Codes(url)
	if !ok {
		return nil
	}
	set := codingSet{}
	for _, system := range codes.Systems() {
		for _, code := range codes.All() {
			if codes.ContainsCoding(system, code) {
				set[search.Coding{System: system, Code: code}] = true
			}
		}
	}
	return set
}

// contains adds what an expansion lists.
func (t *terminology) contains(set codingSet, list fhirjson.Node) error {
	for c := range list.Items() {
		if err := t.step(); err != nil {
			return err
		}
		if code := c.Get("code").Text(); code != "" && c.Get("abstract").Text() != "true" {
			set[search.Coding{System: c.Get("system").Text(), Code: code}] = true
		}
		if err := t.contains(set, c.Get("contains")); err != nil {
			return err
		}
	}
	return nil
}

// compose is what the includes name, without what the excludes name.
func (t *terminology) compose(compose fhirjson.Node) (codingSet, error) {
	set := codingSet{}
	for part := range compose.Get("include").Items() {
		some, err := t.part(part)
		if err != nil {
			return nil, err
		}
		for c := range some {
			set[c] = true
		}
	}
	for part := range compose.Get("exclude").Items() {
		some, err := t.part(part)
		if err != nil {
			return nil, err
		}
		if set, err = t.without(set, some); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// without takes codings away. A system that stands for all its codes is listed
// first where some of them go.
func (t *terminology) without(set, less codingSet) (codingSet, error) {
	out, some := codingSet{}, map[string]bool{}
	for c := range less {
		some[c.System] = true
	}
	for c := range set {
		if c.Code != "" || less.has(c) || !some[c.System] {
			out[c] = true
			continue
		}
		system, err := t.codeSystem(c.System)
		if err != nil {
			return nil, err
		}
		for code := range system.known {
			out[search.Coding{System: c.System, Code: code}] = true
		}
	}
	for c := range out {
		if less.has(c) {
			delete(out, c)
		}
	}
	return out, nil
}

// part is one include or exclude: what the system names and all value sets have.
func (t *terminology) part(part fhirjson.Node) (codingSet, error) {
	var set codingSet
	if system := part.Get("system").Text(); system != "" {
		var err error
		if set, err = t.ofSystem(system, part); err != nil {
			return nil, err
		}
	}
	for v := range part.Get("valueSet").Items() {
		some, err := t.valueSet(v.Text())
		if err != nil {
			return nil, err
		}
		if set == nil {
			set = some
		} else {
			set = set.both(some)
		}
	}
	return set, nil
}

func (t *terminology) ofSystem(system string, part fhirjson.Node) (codingSet, error) {
	set := codingSet{}
	if !part.Get("concept").Exists() && !part.Get("filter").Exists() {
		set[search.Coding{System: system}] = true
		return set, nil
	}
	for c := range part.Get("concept").Items() {
		if err := t.step(); err != nil {
			return nil, err
		}
		set[search.Coding{System: system, Code: c.Get("code").Text()}] = true
	}
	first := true
	for f := range part.Get("filter").Items() {
		some, err := t.filter(system, f)
		if err != nil {
			return nil, err
		}
		if first {
			set, first = some, false
		} else {
			set = set.both(some)
		}
	}
	return set, nil
}

// filter is what a filter over the hierarchy of a system lets through.
func (t *terminology) filter(url string, f fhirjson.Node) (codingSet, error) {
	op, code := f.Get("op").Text(), f.Get("value").Text()
	if property := f.Get("property").Text(); property != "concept" && property != "code" || op != "is-a" && op != "descendent-of" && op != "=" {
		return nil, t.refuse("search.value-set-filter",
			fhir.T("The value set selects codes by a filter that is not supported.", "Le jeu de valeurs choisit ses codes par un filtre non pris en charge."),
			fhir.T("Supported are is-a, descendent-of and = over concept.", "Sont pris en charge is-a, descendent-of et = sur concept."))
	}
	set := codingSet{}
	if op == "=" {
		set[search.Coding{System: url, Code: code}] = true
		return set, nil
	}
	system, err := t.codeSystem(url)
	if err != nil {
		return nil, err
	}
	codes, _ := system.reach(code, false)
	for _, c := range codes {
		if op == "is-a" || c != code {
			set[search.Coding{System: url, Code: c}] = true
		}
	}
	return set, nil
}

// definition reads the ValueSet or CodeSystem of a canonical: of several versions
// the greatest. It is nil when there is none that may be seen.
func (t *terminology) definition(typ, url string) (*fhirjson.Doc, error) {
	params := []fhir.Param{}
	if id, ok := strings.CutPrefix(t.x.store.registry.Relative(url), typ+"/"); ok {
		params = append(params, fhir.Param{Code: "_id", Values: []string{escapes.Replace(id)}})
	} else {
		plain, version, versioned := strings.Cut(url, "|")
		params = append(params, fhir.Param{Code: "url", Values: []string{escapes.Replace(plain)}})
		if versioned && version != "" {
			params = append(params, fhir.Param{Code: "version", Values: []string{escapes.Replace(version)}})
		}
	}
	if url == "" {
		return nil, nil
	}
	hits, err := t.x.inner(typ, fhir.Param{Join: fhir.And, Of: params}, false)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	keys := make([]fhir.Key, len(hits))
	for i := range hits {
		keys[i] = fhir.Key{Type: typ, ID: hits[i].id}
	}
	list, err := readAll(t.x.ctx, t.x.r, keys)
	if err != nil {
		return nil, err
	}
	var best *fhirjson.Doc
	for i := range list {
		doc, err := fhirjson.Parse(list[i].Body)
		if err != nil {
			return nil, corrupt("body of a %s", typ)
		}
		if best == nil || doc.Root().Get("version").Text() > best.Root().Get("version").Text() {
			best = doc
		}
	}
	return best, nil
}

// escapes makes a value of what a parameter would otherwise take apart.
var escapes = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

func (t *terminology) step() error {
	if t.steps++; t.steps <= stepsMost {
		return nil
	}
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.too-many-codes", fhir.CodeTooCostly, "http."+t.name,
		fhir.T("The value stands for too many codes.", "La valeur représente trop de codes."),
		fhir.T("Use a narrower value set or code.", "Utilisez un jeu de valeurs ou un code plus étroit."))
}

func (t *terminology) refuse(id string, text, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "store.Search", id, fhir.CodeNotSupported, "http."+t.name, text, hint)
}

// unknown names what is not here. A canonical is no health data; what does not
// look like one is not repeated.
func (t *terminology) unknown(id, typ, url string) error {
	if len(url) > 200 || !strings.Contains(url, ":") && !strings.HasPrefix(url, typ+"/") || strings.ContainsAny(url, " \"<>\n\r\t") {
		url = "?"
	}
	return t.refuse(id, fhir.T("No %[1]s %[2]s is known here.", "Aucun %[1]s %[2]s n'est connu ici.", typ, url),
		fhir.T("Store it as a %[1]s resource, or give codes instead.", "Enregistrez-le comme ressource %[1]s, ou donnez des codes.", typ))
}
