package search

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// A Config is what a Registry is made for.
type Config struct {
	Base string         // own FHIR base; absolute references under it are read as relative ones
	Zone *time.Location // zone of dates that name none; UTC when nil
	Limits

	Codes Codings // terminology for what Compile compiles; nil when it is only known when a query runs (CompileWith)
}

// Codings returns the codings that the value of a token modifier (in, above,
// below) stands for: the members of a value set, or the codes that subsume the
// code, or that it subsumes. It fails with a *fhir.Error when it does not know.
type Codings func(modifier, value string) ([]Coding, error)

// A Coding is a pair of system and code. Without Code it is every code of the
// system.
type Coding struct{ System, Code string }

// Limits bound what one query may ask for. Zero fields take the default.
type Limits struct {
	Params   int // parameters of a query, 100
	Values   int // alternatives of one parameter, 1000
	Codes    int // codings that the value of a token modifier may stand for, 10000
	Chain    int // links of a chain, 5
	Has      int // of which go back (_has), 3
	Includes int // _include and _revinclude together, 20
	Filter   int // bytes of a _filter, 4000
}

func (l Limits) filled() Limits {
	l.Params = cmp.Or(l.Params, 100)
	l.Values = cmp.Or(l.Values, 1000)
	l.Codes = cmp.Or(l.Codes, 10_000)
	l.Chain = cmp.Or(l.Chain, 5)
	l.Has = cmp.Or(l.Has, 3)
	l.Includes = cmp.Or(l.Includes, 20)
	l.Filter = cmp.Or(l.Filter, 4000)
	return l
}

// A Registry holds the compiled search parameters: those that R4 publishes and
// those given to Use. It is safe for concurrent use.
type Registry struct {
	base    string // ends in a slash; unlike any reference when there is none
	zone    *time.Location
	limits  Limits
	codings Codings
	units   map[string]conversion // of common UCUM codes; without unit where there is none
	writers sync.Pool

	definitions map[string]*tables.SearchParameter // the published, by URL
	published   map[string][]*parameter            // by base
	hierarchies map[string]string                  // by type (hierarchy.go)
	plain       map[string]*resourceType           // with the published alone
	current     atomic.Pointer[table]
	using       sync.Mutex // held by Use
}

// resourceType is a resource type with its parameters.
type resourceType struct {
	params   []*parameter // sorted by code
	byCode   map[string]*parameter
	walk     walk                  // over all parameters, by their index in params
	patients walk                  // over those that place the resource in a patient's compartment
	waiting  map[string]func() int // custom parameters that are not ready, by code
}

// New compiles the published search parameters. It fails on an expression that
// it does not understand.
func New(c Config) (*Registry, error) {
	r := &Registry{base: strings.TrimSuffix(c.Base, "/") + "/", zone: c.Zone, limits: c.Limits.filled(),
		codings: c.Codes, units: make(map[string]conversion, len(commonUnits)), plain: make(map[string]*resourceType, 160)}
	if c.Zone == nil {
		r.zone = time.UTC
	}
	for _, code := range commonUnits {
		r.units[code], _ = conversionOf(code)
	}
	published := tables.Params()
	r.hierarchies = hierarchies(published)
	b := &builder{definitions: map[string]*tables.SearchParameter{}, expressions: map[string]*expr{}, hierarchies: r.hierarchies}
	for i := range published {
		b.definitions[published[i].URL] = &published[i]
	}
	byBase := map[string][]*parameter{}
	for i := range published {
		p, err := b.parameter(&published[i])
		if err != nil {
			return nil, fmt.Errorf("search parameter %s of %s: %w", published[i].Code, published[i].Base, err)
		}
		byBase[p.Base] = append(byBase[p.Base], p)
	}
	for _, own := range byBase {
		divide(own)
	}
	byBase["Resource"] = append(byBase["Resource"], wordParams()...)
	for _, typ := range tables.Types() {
		r.plain[typ] = newType(typ, slices.Concat(byBase[typ], byBase["Resource"]), nil)
	}
	r.plain["Resource"] = newType("Resource", byBase["Resource"], nil)
	r.definitions, r.published = b.definitions, byBase
	r.current.Store(&table{types: r.plain})
	r.writers.New = func() any { return &writer{Registry: r, part: wide} }
	return r, nil
}

// newType merges the paths of the parameters of a type. Only published ones place
// a resource in a compartment.
func newType(typ string, published, custom []*parameter) *resourceType {
	params := slices.Concat(published, custom)
	slices.SortFunc(params, func(a, b *parameter) int { return strings.Compare(a.Code, b.Code) })
	t := &resourceType{params: params, byCode: make(map[string]*parameter, len(params))}
	for i, p := range params {
		t.byCode[p.Code] = p
		if p.Code == "_id" || p.Code == "_lastUpdated" {
			continue // the store has these without an index row
		}
		for _, s := range p.written() {
			t.walk.add(s.steps, sink{i, s.emit})
		}
	}
	for _, code := range tables.Compartment("Patient")[typ] {
		if p := t.byCode[code]; p != nil && !slices.Contains(custom, p) {
			for _, s := range p.sources {
				t.patients.add(s.steps, sink{0, s.emit})
			}
		}
	}
	return t
}

// find returns the parameter of the type.
func (r *Registry) find(typ, code string) (*parameter, bool) {
	t := r.table().types[typ]
	if t == nil {
		return nil, false
	}
	p, ok := t.byCode[code]
	return p, ok
}

// Param returns the search parameter of the resource type, including those of
// every type (_id, _lastUpdated, _tag, …).
func (r *Registry) Param(typ, code string) (*Param, bool) {
	p, ok := r.find(typ, code)
	if !ok {
		return nil, false
	}
	return &p.Param, true
}

// Params returns the search parameters of the resource type that can be searched
// by, sorted by code.
func (r *Registry) Params(typ string) []*Param {
	t := r.table().types[typ]
	if t == nil {
		return nil
	}
	out := make([]*Param, 0, len(t.params))
	for _, p := range t.params {
		if t.waiting[p.Code] == nil {
			out = append(out, &p.Param)
		}
	}
	return out
}

// Compartment returns the reference parameters that place a resource of the
// type in the compartment ("Patient", "Encounter", …), and whether the type is
// the compartment's own, in which case the resource with the compartment's id
// lies in it too. ok is false when no resource of the type can.
func (r *Registry) Compartment(compartment, typ string) (params []*Param, self, ok bool) {
	codes, ok := tables.Compartment(compartment)[typ]
	for _, code := range codes {
		if p, found := r.Param(typ, code); found {
			params = append(params, p)
		}
	}
	self = typ == compartment
	return params, self, ok || self
}

// SortValue returns, from the values that a resource has for one parameter, the
// bytes by which it sorts: the least value, or with desc the greatest. Texts
// sort without case and accents, dates by their start, quantities by their
// number whatever the unit. It is nil when none sorts.
func (r *Registry) SortValue(values [][]byte, desc bool) []byte {
	var best []byte
	for _, v := range values {
		s := sortPart(v)
		if s != nil && (best == nil || bytes.Compare(s, best) < 0 != desc) {
			best = s
		}
	}
	return best
}

// SortRanges are the values of a parameter by which resources sort (SortValue):
// within each range the order of the values is that of what sorts. It is nil
// for a parameter whose values lie in no such order.
func SortRanges(p *Param) []Range {
	if p == nil {
		return nil
	}
	head := ""
	switch p.Type {
	case Date:
		return []Range{tagged(dateShort, dateShort), tagged(dateFrom, dateFrom), tagged(dateOpen, dateOpen)}
	case String:
		return []Range{tagged(stringWhole, stringWhole)}
	case Token:
		coded := func(tag byte) Range { return Range{Lo: []byte{tag, end + 1}, Hi: []byte{tag + 1}} } // without what has a system alone
		return []Range{coded(tokenPair), tagged(tokenCode, tokenCode), coded(tokenPlain)}
	case Reference:
		return []Range{tagged(refKey, refKey), tagged(uriWhole, uriWhole)}
	case URI:
		return []Range{tagged(uriWhole, uriWhole)}
	case Quantity:
		head = string(quantityAny)
	case Number:
	default:
		return nil
	}
	point, from := []byte(head+string(numberPoint)), []byte(head+string(numberFrom))
	return []Range{{Lo: point, Hi: append([]byte(head), numberPoint+1)}, {Lo: from, Hi: append([]byte(head), numberFrom+1)}}
}

// Relative takes the base of this server off an address.
func (r *Registry) Relative(address string) string { return strings.TrimPrefix(address, r.base) }

// SortStart is where, in one of SortRanges, the values begin that sort as given.
func SortStart(r Range, sorted []byte) []byte {
	head := r.Lo
	if head[0] == tokenPair || head[0] == tokenPlain {
		head = head[:1]
	}
	return append(slices.Clip(head), sorted...)
}

// sortPart is what of a row sorts, or nil.
func sortPart(v []byte) []byte {
	switch v[0] {
	case tokenCode, refKey, uriWhole:
		return v[1:]
	case tokenPair, tokenPlain:
		if code := codeOf(v); len(code) > 0 {
			return code
		}
	case stringWhole:
		return v[1 : 1+bytes.IndexByte(v[1:], end)]
	case dateShort, dateFrom, dateOpen:
		return v[1 : 1+instantLen]
	case numberPoint, numberFrom:
		return v[1 : len(v)-len(skipDecimal(v[1:]))]
	case quantityAny:
		return sortPart(v[1:])
	}
	return nil
}
