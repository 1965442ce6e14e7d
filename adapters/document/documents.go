package document

import (
	"context"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Documents make the documents of stored Compositions.
type Documents struct {
	Repo  Repository
	Base  string           // own FHIR base
	Clock func() time.Time // nil for time.Now
}

// Of returns the document of a Composition. It fails as a read of the
// Composition does.
func (d *Documents) Of(ctx context.Context, key fhir.Key) (*Bundle, error) {
	composition, err := d.Repo.Read(ctx, key)
	if err != nil {
		return nil, err
	}
	g := Gatherer{Repo: d.Repo, Base: d.Base}
	if err := g.Add(composition); err != nil {
		return nil, err
	}
	if err := g.Follow(ctx); err != nil {
		return nil, err
	}
	b := &Bundle{Entries: g.Entries(), Timestamp: now(d.Clock)}
	if b.Composition().Get("resourceType").Text() != "Composition" {
		return nil, errNoComposition()
	}
	return b, nil
}

// Operation is Composition/[id]/$document and Composition/$document?id=[id]
// (R4 composition-operation-document.html).
func (d *Documents) Operation() rest.Operation {
	return rest.Operation{
		Name: "document", Definition: "http://hl7.org/fhir/OperationDefinition/Composition-document",
		Type: true, Instance: true, Types: []string{"Composition"}, Safe: true,
		Handle: func(ctx context.Context, call rest.Call) (rest.Answer, error) {
			key, err := d.which(call)
			if err != nil {
				return rest.Answer{}, err
			}
			b, err := d.Of(ctx, key)
			if err != nil {
				return rest.Answer{}, err
			}
			return rest.Answer{Resource: b.JSON()}, nil
		},
	}
}

// which returns the Composition that a call names.
func (d *Documents) which(call rest.Call) (fhir.Key, error) {
	inputs, err := call.Inputs("id", "persist", "graph")
	if err != nil {
		return fhir.Key{}, err
	}
	key := call.Key
	for _, p := range inputs {
		switch {
		case p.Name == "graph" && p.Value != "":
			return key, errInput(fhir.NotImplemented, "document.graph", p.Name,
				fhir.T("Documents are not made along a GraphDefinition.", "Les documents ne sont pas constitués suivant un GraphDefinition."),
				fhir.T("Leave graph out.", "Omettez graph."))
		case p.Name == "persist" && p.Value != "false":
			return key, errInput(fhir.NotImplemented, "document.persist", p.Name,
				fhir.T("Documents are not stored.", "Les documents ne sont pas conservés."),
				fhir.T("A stored copy would not follow what the patient decides later. Ask for it again when you need it.", "Une copie conservée ne suivrait pas ce que le patient décide ensuite. Redemandez le document au besoin."))
		case p.Name == "id" && key.ID == "":
			named, ok := fhir.ParseReference(strings.TrimPrefix(p.Value, d.Base+"/"))
			switch {
			case ok && named.Type == "Composition":
				key = named.Current()
			case fhir.ValidID(p.Value):
				key.ID = p.Value
			}
		}
	}
	if key.ID == "" {
		return key, errInput(fhir.Malformed, "document.id", "id",
			fhir.T("It is not said of which Composition.", "La Composition n'est pas indiquée."),
			fhir.T("Name one that is stored here: Composition/[id]/$document.", "Nommez-en une qui est conservée ici : Composition/[id]/$document."))
	}
	return key, nil
}

func errInput(kind fhir.Kind, id, name string, text, hint fhir.Text) error {
	code := fhir.CodeNotSupported
	if kind == fhir.Malformed {
		code = fhir.CodeRequired
	}
	return fhir.Errorf(kind, "document.Operation", id, code, "http."+name, text, hint)
}

func errNoComposition() error {
	return fhir.Errorf(fhir.Malformed, "document.Of", "document.id", fhir.CodeRequired, "http.id",
		fhir.T("A document is made of a Composition.", "Un document se constitue à partir d'une Composition."), fhir.Text{})
}

func now(clock func() time.Time) time.Time {
	if clock == nil {
		return time.Now()
	}
	return clock()
}
