package interference

import (
	"encoding/json"
	"fmt"
	"strings"
)

// change draws a request that writes.
func (d die) change() request {
	kind := d.to(7)
	if (d.theme == ofDenials || d.theme == ofDocuments) && d.one(2) {
		kind = 2
	}
	switch kind {
	case 0:
		return d.bundle()
	case 1:
		return d.operation()
	default:
		q := d.single()
		if d.headers(&q); d.one(8) {
			q.header = append(q.header, [2]string{"Accept-Language", "fr"})
		}
		return q
	}
}

func (d die) single() request {
	kind, key := d.to(8), d.key()
	switch {
	case d.theme == ofDenials && d.one(2):
		kind = 0
	case d.theme == ofDocuments && d.one(2):
		kind, key = 2+d.to(2), d.of(d.some1("DocumentReference"), d.some1("DocumentReference"), "Binary/b0", "Binary/b1")
	}
	switch kind {
	case 0, 1:
		typ := d.of(clinical...)
		q := request{method: "POST", path: typ, body: d.recordOf(typ, "")}
		if d.one(2) {
			q.header = append(q.header, [2]string{"If-None-Exist", d.condition(typ)})
		}
		return q
	case 2, 3:
		q := request{method: "PUT", path: key, body: d.bodyOf(key)}
		if d.one(3) {
			q.header = append(q.header, [2]string{"If-Match", d.of(`W/"1"`, `W/"2"`, `W/"9"`)})
		}
		return q
	case 4:
		q := request{method: "DELETE", path: key}
		if d.one(4) {
			q.header = append(q.header, [2]string{"If-Match", d.of(`W/"1"`, `W/"9"`)})
		}
		return q
	case 5:
		typ := d.of(clinical...)
		return request{method: "DELETE", path: typ + "?" + d.condition(typ)}
	case 6:
		typ := d.of(clinical...)
		id := ""
		if d.one(4) {
			id = d.number(typ)
		}
		return request{method: "PUT", path: typ + "?" + d.condition(typ), body: d.recordOf(typ, id)}
	case 7:
		return request{method: "POST", path: d.of("CareTeam", "Consent", "Patient"), body: ""}.with(d)
	}
	typ := d.of(clinical...) // conditional references, and what is refused
	body := d.recordOf(typ, "")
	body = strings.Replace(body, `"Patient/`+d.of(patients...)+`"`, `"Patient?identifier=`+d.of(numbers...)+`"`, 1)
	if d.one(3) {
		body = strings.Replace(body, `"resourceType"`, `"nothing":1,"resourceType"`, 1)
	}
	return request{method: "POST", path: typ, body: body}
}

// with gives a create of a policy its body.
func (q request) with(d die) request {
	switch q.path {
	case "CareTeam":
		q.body = d.team("x")
	case "Consent":
		q.body = d.consent("x")
	default:
		q.body = d.patient("x")
		if d.one(2) {
			q.header = append(q.header, [2]string{"If-None-Exist", "identifier=" + d.of(numbers...)})
		}
	}
	return q
}

// condition is the query of a conditional change.
func (d die) condition(typ string) string {
	list := []string{"_id=" + d.number(typ), d.of(params[typ]...)}
	return strings.ReplaceAll(d.of(list...), "|", "%7C")
}

// bodyOf is a body for an id.
func (d die) bodyOf(key string) string {
	typ, id, _ := strings.Cut(key, "/")
	switch typ {
	case "Patient":
		return d.patient(id)
	case "CareTeam":
		return d.team(id)
	case "Consent":
		return d.consent(id)
	case "Binary":
		return d.binary(id, d.some1("DocumentReference"))
	case "Group":
		return d.group(id)
	case "Communication":
		return `{"resourceType":"Communication","id":"` + id + `",` + d.meta() + `"status":"completed","subject":` + ref(d.aPatient()) + `}`
	case "Organization":
		return `{"resourceType":"Organization","id":"` + id + `","name":"Autre"}`
	case "PractitionerRole":
		return `{"resourceType":"PractitionerRole","id":"` + id + `","active":true}`
	}
	return d.recordOf(typ, id)
}

// bundle draws a batch or transaction.
func (d die) bundle() request {
	kind := d.of("batch", "transaction")
	var entries []any
	used := map[string]bool{}
	for i := range 1 + d.to(3) {
		q := d.single()
		if d.one(3) {
			q = request{method: "GET", path: d.of(d.key(), d.search(), d.key()+"/_history/1")}
		}
		if used[q.path] && q.method != "GET" && kind == "transaction" {
			continue
		}
		used[q.path] = true
		ask := map[string]any{"method": q.method, "url": q.path}
		for _, h := range q.header {
			switch h[0] {
			case "If-Match":
				ask["ifMatch"] = h[1]
			case "If-None-Exist":
				ask["ifNoneExist"] = h[1]
			}
		}
		e := map[string]any{"request": ask}
		if q.body != "" {
			e["resource"] = json.RawMessage(q.body)
		}
		if q.method == "POST" {
			e["fullUrl"] = fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-00000000000%d", i)
		}
		entries = append(entries, e)
	}
	body, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": kind, "entry": entries})
	if err != nil {
		d.Fatal(err)
	}
	q := request{method: "POST", body: string(body)}
	if d.one(3) {
		q.header = append(q.header, [2]string{"Prefer", "return=representation"})
	}
	return q
}

// event is what happens between two pages: a withdrawal, a grant, a mask, a
// record that comes or goes.
func (d die) event() []write {
	by := d.of(organisations...)
	switch d.to(4) {
	case 0:
		id := "n" + d.of("0", "1", "8")
		return []write{{by: by, key: "Consent/" + id, body: d.consent(id)}}
	case 1:
		id := "t" + d.of("0", "1", "8")
		return []write{{by: by, key: "CareTeam/" + id, body: d.team(id)}}
	case 2: // an opposition
		body := `{"resourceType":"Consent","id":"n7","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":` +
			ref("Patient/"+d.of(patients...)) + `,"policy":[{"uri":"https://cordee-sante.github.io/policy"}],"dateTime":"2026-01-14","provision":{"type":"deny"}}`
		return []write{{by: by, key: "Consent/n7", body: body}}
	}
	typ := d.of(clinical...)
	id := d.number(typ)
	return []write{{by: by, key: typ + "/" + id, body: d.recordOf(typ, id)}}
}
