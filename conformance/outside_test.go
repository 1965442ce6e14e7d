package conformance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/conformance/script"
)

// TestN03NothingIsFetched: what a record or a request names elsewhere is stored
// or refused, and never asked for: neither references and attachments, nor value
// sets and their imports, nor the pictures and entities of a document.
func TestN03NothingIsFetched(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.Write([]byte("{}")) }))
	defer elsewhere.Close()
	fill := strings.NewReplacer("${run}", unique(), "${there}", elsewhere.URL)
	for _, q := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "Observation/${run}", `{"resourceType":"Observation","id":"${run}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/jeanne-durand"},"focus":[{"reference":"${there}/fhir/Condition/1"}],"derivedFrom":[{"reference":"${there}/fhir/Observation/1"}]}`, 201},
		{"PUT", "DocumentReference/${run}", `{"resourceType":"DocumentReference","id":"${run}","status":"current","subject":{"reference":"Patient/jeanne-durand"},"content":[{"attachment":{"contentType":"application/pdf","url":"${there}/a.pdf"}}]}`, 201},
		{"GET", "Observation/${run}", "", 200},
		{"GET", "Observation?_id=${run}&_include=*&_include:iterate=*", "", 200},
		{"GET", "Observation?_id=${run}&focus:Condition.code=x", "", 200},
		{"GET", "Observation?_id=${run}&focus=${there}/fhir/Condition/1", "", 200},
		{"GET", "DocumentReference?_id=${run}&_include=*", "", 200},
		{"GET", "Observation?code:in=${there}/fhir/ValueSet/1", "", 0},
		{"POST", "Observation", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"${there}/fhir/Patient/1"}}`, 0},
		{"POST", ".", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"${there}/fhir/Patient/1"}}]}`, 0},
		{"POST", "$ingest", `<?xml version="1.0"?><?xml-stylesheet href="${there}/a.xsl"?><!DOCTYPE ClinicalDocument SYSTEM "${there}/a.dtd"><ClinicalDocument xmlns="urn:hl7-org:v3"/>`, 0},
		{"POST", "$ingest", `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="${there}/a.xsl"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:hl7-org:v3 ${there}/CDA.xsd"/>`, 0},
	} {
		a := send(t, script.Request{Actor: "practice", Method: q.method, Path: fill.Replace(q.path), Body: []byte(fill.Replace(q.body))})
		if q.status != 0 && a.Status != q.status || a.Status >= 500 {
			t.Errorf("%s %s: %d %.300s", q.method, q.path, a.Status, a.Body)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests left the gateway", n)
	}
}
