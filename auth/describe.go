package auth

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// describe writes a query as it was understood, for the trail: what was asked
// for, and neither sorting nor paging.
func describe(q *fhir.Query) string {
	var b strings.Builder
	if q.Compartment.Type != "" {
		b.WriteString(q.Compartment.String() + "/")
	}
	b.WriteString(q.Type)
	sep := byte('?')
	next := func() {
		b.WriteByte(sep)
		sep = '&'
	}
	if len(q.Types) > 0 {
		next()
		b.WriteString("_type=" + strings.Join(q.Types, ","))
	}
	for i := range q.Params {
		next()
		describeParam(&b, &q.Params[i])
	}
	for _, in := range q.Includes {
		next()
		b.WriteString(includeName(in) + "=" + in.Type + ":" + in.Code)
		if in.Target != "" {
			b.WriteString(":" + in.Target)
		}
	}
	if q.Explain {
		next()
		b.WriteString("_explain=true")
	}
	return b.String()
}

func describeParam(b *strings.Builder, p *fhir.Param) {
	for _, link := range p.Chain {
		b.WriteString(link.String())
	}
	if p.Join != 0 {
		describeJoin(b, p)
		return
	}
	b.WriteString(p.Code)
	if p.Modifier != "" {
		b.WriteString(":" + p.Modifier)
	}
	if p.Compare != "" {
		b.WriteString(":" + p.Compare)
	}
	b.WriteString("=" + strings.Join(p.Values, ","))
}

// describeJoin writes a condition made of others: (a=1 or not(b=2)).
func describeJoin(b *strings.Builder, p *fhir.Param) {
	word := " and "
	switch p.Join {
	case fhir.Or:
		word = " or "
	case fhir.Not:
		b.WriteString("not")
	}
	b.WriteByte('(')
	for i := range p.Of {
		if i > 0 {
			b.WriteString(word)
		}
		describeParam(b, &p.Of[i])
	}
	b.WriteByte(')')
}

func includeName(in fhir.Include) string {
	name := "_include"
	if in.Reverse {
		name = "_revinclude"
	}
	if in.Iterate {
		name += ":iterate"
	}
	return name
}

// patientsNamed returns the patients whom a query names by id: whoever asks
// about somebody is found under them, whatever the answer.
func patientsNamed(q *fhir.Query) (patients []string) {
	if q.Compartment.Type == "Patient" && q.Compartment.ID != "" {
		patients = append(patients, q.Compartment.ID)
	}
	for i := range q.Params {
		q.Params[i].All(func(p *fhir.Param) {
			for _, v := range p.Values {
				if id, _ := patientNamed(q, p, v); id != "" {
					patients = append(patients, id)
				}
			}
		})
	}
	return patients
}

// patientNamed returns the id of the patient whom a value names, and whether it
// is written as Patient/id.
func patientNamed(q *fhir.Query, p *fhir.Param, value string) (id string, typed bool) {
	own := q.Type == "Patient" && p.Code == "_id"
	if len(p.Chain) > 0 || !own && p.Code != "patient" && p.Code != "subject" {
		return "", false
	}
	if key, ok := fhir.ParseReference(value); ok && key.Type == "Patient" {
		return key.ID, true
	} else if (own || p.Code == "patient") && fhir.ValidID(value) {
		return value, false
	}
	return "", false
}
