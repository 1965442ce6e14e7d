package store

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// secure gives a Binary the patients and labels of its security context:
// whoever may see the resource it belongs to may see it (R4
// binary.html#security). The context is a Patient, a resource of the same
// commit, or one that is stored and that the writer may see: what is withheld
// is absent (A05). A Binary without a context, or with one that is not there,
// is about nobody, and is its contributor's alone.
func (s *Store) secure(ctx context.Context, c *change, changes []*change) error {
	context, ok := fhir.ParseReference(c.doc.Root().At("securityContext", "reference").Text())
	if !ok {
		return nil
	}
	context = context.Current()
	if context.Type == "Patient" {
		c.facts.Patients = []string{context.ID}
		return nil
	}
	if i := slices.IndexFunc(changes, func(o *change) bool { return o.Key.Current() == context }); i >= 0 {
		c.belong(&changes[i].facts)
		return nil
	}
	return s.engine.View(ctx, func(r kv.Reader) error {
		rec, err := readCurrent(ctx, r, context.Type, context.ID)
		if err != nil || rec == nil || c.Within == nil {
			return err
		}
		facts := rec.facts
		facts.Key = context
		visible, err := sees(ctx, snapshot{r}, c.Within, []fhir.Facts{facts})
		if err == nil && visible[0] {
			c.belong(&facts)
		}
		return err
	})
}

// belong makes the Binary one of the record: about the same patients, and as
// closed by its labels.
func (c *change) belong(to *fhir.Facts) {
	c.facts.Patients = to.Patients
	c.facts.Labels = slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.facts.Labels, to.Labels))))
}
