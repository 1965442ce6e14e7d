package explain

import (
	"context"
	"strings"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

const op = "explain.Operation"

// A question is the parameters of a call.
type question struct {
	actor        fhir.Key
	organization string // "Organization/id"; that of a PractitionerRole when empty
	purpose      string
	profession   string
}

// question reads the parameters, of the URL or of a Parameters resource.
func (c *Config) question(call rest.Call) (q question, err error) {
	given := map[string]string{}
	take := func(name, value string) error {
		if _, twice := given[name]; twice {
			return errParameter(name, fhir.T("Give it once.", "Donnez-le une seule fois."))
		}
		given[name] = strings.TrimPrefix(value, c.Base+"/")
		return nil
	}
	for _, p := range call.Params {
		if err := take(p.Name, p.Value); err != nil {
			return q, err
		}
	}
	if call.Body != nil {
		doc, err := fhirjson.Parse(call.Body)
		if err != nil {
			return q, err
		}
		for p := range doc.Root().Get("parameter").Items() {
			value := p.Get("valueCode").Text() + p.Get("valueString").Text() + p.Get("valueUri").Text() + p.At("valueReference", "reference").Text()
			if err := take(p.Get("name").Text(), value); err != nil {
				return q, err
			}
		}
	}
	return read(given)
}

func read(given map[string]string) (q question, err error) {
	for name, value := range given {
		switch name {
		case "actor":
			var ok bool
			if q.actor, ok = fhir.ParseReference(value); !ok || q.actor.Version != "" {
				return q, errActor()
			}
		case "organization":
			if key, ok := fhir.ParseReference(value); !ok || key.Type != "Organization" || key.Version != "" {
				return q, errParameter(name, fhir.T("Write it as Organization/id.", "Écrivez Organization/id."))
			}
			q.organization = value
		case "purpose":
			if q.purpose = value; !auth.ValidPurpose(value) {
				return q, errParameter(name, fhir.T("Use a code of v3-ActReason, such as TREAT.", "Utilisez un code de v3-ActReason, par exemple TREAT."))
			}
		case "profession":
			if q.profession = value; len(value) != 2 || strings.Trim(value, "0123456789") != "" {
				return q, errParameter(name, fhir.T("Use a code of TRE_G15-ProfessionSante, such as 60.", "Utilisez un code de la TRE_G15-ProfessionSante, par exemple 60."))
			}
		default:
			return q, errParameter("", fhir.T("It takes actor, organization, purpose and profession.", "Elle accepte actor, organization, purpose et profession."))
		}
	}
	if q.actor.Type == "" {
		return q, errActor()
	}
	return q, nil
}

// actor is the principal that the question is about, as a token would make it.
// Of a PractitionerRole the directory says for which organisation; one that it
// does not have acts for none, and sees nothing.
func (c *Config) actor(ctx context.Context, q question, patient string) (p auth.Principal, err error) {
	p = auth.Principal{Organization: q.organization, Purpose: q.purpose, Profession: q.profession}
	if p.Purpose == "" {
		p.Purpose = auth.PurposeTreatment
	}
	target := q.actor.String()
	switch q.actor.Type {
	case "Organization":
		if q.organization != "" && q.organization != target {
			return p, errActor()
		}
		p.Organization = target
	case "Practitioner":
		p.Practitioner = target
	case "PractitionerRole":
		p.Role = target
		if p.Organization == "" {
			p.Organization, err = c.employer(ctx, q.actor)
		}
	case "Patient":
		p.Roles, p.Patient = []string{auth.RolePatient}, q.actor.ID
	case "RelatedPerson":
		p.Roles, p.Related, p.Patient = []string{auth.RoleRepresentative}, target, patient
	default:
		return p, errActor()
	}
	if q.purpose == "" && p.Kind() != auth.KindProfessional {
		p.Purpose = auth.PurposePatientRequest
	}
	if p.Kind() != auth.KindProfessional && p.Organization == "" {
		p.Organization = "Organization/cordee" // through whose portal makes no difference
	}
	if p.Purpose == auth.PurposeBreakTheGlass {
		p.Patient = patient
	}
	return p, err
}

// employer is the organisation of a PractitionerRole; empty when there is none.
func (c *Config) employer(ctx context.Context, role fhir.Key) (string, error) {
	r, err := c.Records.Read(ctx, role)
	switch fhir.KindOf(err) {
	case fhir.NotFound, fhir.Gone:
		return "", nil
	case 0:
	default:
		return "", err
	}
	doc, err := fhirjson.Parse(r.Body)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(doc.Root().At("organization", "reference").Text(), c.Base+"/"), nil
}

func errActor() error {
	return errParameter("actor", fhir.T("Name who asks: Organization/id, PractitionerRole/id, Practitioner/id with organization, Patient/id or RelatedPerson/id.",
		"Indiquez qui demande : Organization/id, PractitionerRole/id, Practitioner/id avec organization, Patient/id ou RelatedPerson/id."))
}

func errParameter(name string, hint fhir.Text) error {
	at := ""
	if name != "" {
		at = "http." + name
	}
	return fhir.Errorf(fhir.Malformed, op, "consent.decision-parameter", fhir.CodeValue, at,
		fhir.T("$consent-decision was called with a parameter or value that it does not know.", "$consent-decision a été appelée avec un paramètre ou une valeur inconnus."), hint)
}
