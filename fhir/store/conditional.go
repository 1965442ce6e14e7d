package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// query is the condition of a change, nil when it has none.
func (c *change) query() *fhir.Query {
	if c.IfNoneExist != nil {
		return c.IfNoneExist
	}
	return c.Where
}

// condition gives a conditional change its key.
func (s *settlement) condition(ctx context.Context, c *change) error {
	q := c.query()
	if q == nil {
		return nil
	}
	if s.guard != nil {
		if err := s.guard(ctx, c.guard); err != nil {
			return err
		}
	}
	var gone map[fhir.Key]bool
	if c.IfNoneExist != nil { // what a conditional update finds must not be deleted beside it: checkIdentity
		gone = s.deleted
	}
	keys, err := s.find(ctx, *q, gone)
	if err != nil {
		return err
	}
	if len(keys) > 1 {
		return fhir.Errorf(fhir.PreconditionFailed, "store.Commit", "condition.multiple", fhir.CodeMultipleMatches, c.conditionAt(),
			fhir.T("More than one resource matches the condition.", "Plusieurs ressources répondent à la condition."),
			fhir.T("Narrow the condition, or name the resource by its id.", "Précisez la condition, ou désignez la ressource par son id."))
	}
	if earlier := s.first[string(c.guard)]; earlier != nil && len(keys) == 0 {
		c.Key.ID, c.matched = earlier.Key.ID, c.IfNoneExist != nil && earlier.IfNoneExist != nil
		return nil
	}
	if len(keys) == 0 {
		s.first[string(c.guard)] = c
	}
	switch {
	case c.IfNoneExist != nil && len(keys) == 1:
		c.Key.ID, c.matched = keys[0].ID, true
	case c.IfNoneExist != nil && c.Key.ID == "":
		c.Key.ID = c.fresh
	case c.Where != nil:
		return c.name(keys)
	}
	return nil
}

// conditionAt is where the client wrote the condition.
func (c *change) conditionAt() string {
	switch {
	case c.bundled && c.IfNoneExist != nil:
		return c.at("request.ifNoneExist")
	case c.bundled:
		return c.at("request.url")
	case c.IfNoneExist != nil:
		return "http.If-None-Exist"
	}
	return "http.url"
}

// name settles a conditional update or delete: no match with an id in the body
// creates that id, one match must agree with the id in the body.
func (c *change) name(keys []fhir.Key) error {
	id := ""
	if c.doc != nil {
		id = c.doc.Root().Get("id").Text()
	}
	switch {
	case len(keys) == 1 && id != "" && id != keys[0].ID:
		return fhir.Errorf(fhir.Malformed, "store.Commit", "condition.id", fhir.CodeInvalid, c.at("id"),
			fhir.T("The id of the body is not that of the resource which matches the condition.", "L'id du corps n'est pas celui de la ressource qui répond à la condition."),
			fhir.T("Leave the id out, or send the right one.", "Omettez l'id, ou envoyez le bon."))
	case len(keys) == 1:
		c.Key.ID = keys[0].ID
	case c.Method == fhir.Update && id != "":
		c.Key.ID = id
	default:
		c.Key.ID = c.fresh
	}
	return nil
}

// guard touches a key that stands for the condition, so that two processes
// that evaluate the same condition at once do not both find nothing: the engine
// protects keys that were read, not ranges (kv.Engine.Update).
func (tx *transaction) guard(ctx context.Context, key []byte) error {
	if _, err := tx.w.Get(ctx, key); err != nil {
		return err
	}
	return tx.w.Put(key, binary.BigEndian.AppendUint64(nil, uint64(tx.now.UnixMicro())))
}

// guardKey is the same for the same condition, in whatever order it is written.
func guardKey(q *fhir.Query) []byte {
	params := make([]string, len(q.Params))
	for i, p := range q.Params {
		p.Values = slices.Clone(p.Values)
		slices.Sort(p.Values)
		params[i] = fmt.Sprintf("%#v", p)
	}
	slices.Sort(params)
	h := sha256.New()
	fmt.Fprintf(h, "%q %q", q.Type, params)
	return h.Sum([]byte{famGuard})
}

// find returns up to two keys that match a condition, within its view, beside
// those that the commit deletes.
func (s *settlement) find(ctx context.Context, q fhir.Query, deleted map[fhir.Key]bool) ([]fhir.Key, error) {
	q.Count, q.Cursor, q.Sort, q.Includes, q.Total = 2+len(deleted), "", nil, nil, fhir.TotalNone
	page, err := s.store.execute(ctx, s.r, q, nil)
	if err != nil {
		return nil, err
	}
	var keys []fhir.Key
	for _, m := range page.Matches {
		if key := m.Key.Current(); !deleted[key] && len(keys) < 2 {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// resolve finds the one resource that a conditional reference of a change means.
func (s *settlement) resolve(ctx context.Context, c *change, reference string) (fhir.Key, error) {
	refuse := func(text fhir.Text) error {
		return fhir.Errorf(fhir.PreconditionFailed, "store.Commit", "reference.conditional", fhir.CodeNotFound, c.at("resource"),
			text, fhir.T("A conditional reference must find exactly one resource that you may see.", "Une référence conditionnelle doit trouver exactement une ressource que vous pouvez voir."))
	}
	typ, query, _ := strings.Cut(reference, "?")
	values, err := search.Pairs(query)
	if err != nil || c.Within == nil {
		return fhir.Key{}, refuse(fhir.T("A conditional reference cannot be resolved.", "Une référence conditionnelle ne peut pas être résolue."))
	}
	q, _, _, err := search.Parse(s.store.registry, search.Request{Type: typ, Values: values, Strict: true})
	if err != nil {
		return fhir.Key{}, err
	}
	if len(q.Params) == 0 || q.Contained.Any() {
		return fhir.Key{}, refuse(fhir.T("A conditional reference does not say which resource it means.", "Une référence conditionnelle ne dit pas quelle ressource elle désigne."))
	}
	q.Within = c.Within
	if v, ok := c.Within.(fhir.Searching); ok {
		q.Within = v.Searching()
	}
	keys, err := s.find(ctx, q, s.deleted)
	if err == nil && len(keys) != 1 {
		err = refuse(fhir.T("A conditional reference finds no resource, or several.", "Une référence conditionnelle ne trouve aucune ressource, ou plusieurs."))
	}
	if err != nil {
		return fhir.Key{}, err
	}
	return keys[0], nil
}
