package conformance

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/cordee-sante/cordee/conformance/harness"
	"github.com/cordee-sante/cordee/conformance/script"
)

// The canaries: health data and identity that occur nowhere else.
const (
	canaryName    = "CANARIVOLANT"
	canaryINS     = "199128675309042"
	canaryText    = "serinite aigue canarienne"
	canaryCode    = "CANARI-E10.9"
	canaryAttack  = "CANARI\u202eFORGE" // turns the direction of what follows
	canaryPatient = "canari-a"
)

var canaries = []string{canaryName, canaryINS, canaryText, canaryCode, "CANARI"}

// TestN06Canary sends health data through every channel, wrong ones included:
// none of it is in an error, a log, a metric, a profile or the location of an
// answer; the trail says who asked for what, and not what records say. Names of
// parameters and elements are no health data, and errors do repeat them.
func TestN06Canary(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a gateway of its own")
	}
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	g := running(t, data)
	actors := harness.NewActors(g)
	sinks := map[string]string{}
	for i, q := range flock() {
		a, err := actors.Send(q)
		if err != nil {
			t.Fatal(q.Method, q.Path, err)
		}
		if i < 3 && a.Status/100 != 2 {
			t.Fatalf("%s %s: %d %s", q.Method, q.Path, a.Status, a.Body)
		}
		if a.Status >= 500 {
			t.Errorf("%s %s: %d", q.Method, q.Path, a.Status)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: Cache-Control %q", q.Method, q.Path, a.Header.Get("Cache-Control"))
		}
		if a.Status >= 400 {
			sinks[fmt.Sprintf("the answer %d to %s %.40s (%d)", a.Status, q.Method, q.Path, i)] = string(a.Body)
		}
		sinks[fmt.Sprintf("the location of %d", i)] = a.Header.Get("Location") + a.Header.Get("Content-Location")
	}
	for _, path := range []string{"/metrics", "/health/ready", "/debug/pprof/goroutine?debug=2", "/debug/pprof/heap?debug=1", "/debug/pprof/allocs?debug=1"} {
		sinks[path] = admin(t, g, path)
	}
	sinks["the log"] = g.Log()
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	sinks["the log at the end"] = g.Log()
	for sink, text := range sinks {
		for _, canary := range canaries {
			if i := strings.Index(text, canary); i >= 0 {
				t.Errorf("N06: %s holds %q: …%.160s…", sink, canary, text[max(0, i-80):])
			}
		}
	}
	// What was asked for is in the trail on purpose (BALP); what was written is not.
	if in := holds(t, filepath.Join(data, "trail"), canaryText); len(in) > 0 {
		t.Errorf("N06: what a record says is in %v", in)
	}
	if in := holds(t, data, canaryText); len(in) == 0 {
		t.Error("not even the store holds the canary: this proves nothing")
	}
	cleanLog(t, g.Log())
}

// flock are the requests; the first three must succeed.
func flock() []script.Request {
	patient := `{"resourceType":"Patient","id":"` + canaryPatient + `","identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"` + canaryINS + `"}],"name":[{"family":"` + canaryName + `"}],"managingOrganization":{"reference":"Organization/msp-tilleuls"}}`
	condition := `{"resourceType":"Condition","code":{"coding":[{"system":"urn:c","code":"` + canaryCode + `"}],"text":"` + canaryText + `"},"subject":{"reference":"Patient/` + canaryPatient + `"}`
	ask := func(method, path, body string, header ...[2]string) script.Request {
		return script.Request{Actor: "practice", Method: method, Path: path, Body: []byte(body), Header: header}
	}
	e := url.QueryEscape
	list := []script.Request{
		ask("PUT", "Patient/"+canaryPatient, patient),
		ask("POST", "Condition", condition+"}"),
		ask("GET", "Condition?code="+e(canaryCode)+"&patient.identifier="+canaryINS, ""),
		// wrong, and with canaries where they are wrong
		ask("POST", "Condition", condition+`,"nothing":"`+canaryName+`"}`),
		ask("POST", "Condition", condition+`,"recordedDate":"`+canaryText+`"}`),
		ask("POST", "Condition", condition+`,"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"`+canaryCode+`"}]}}`),
		ask("POST", "Condition", condition+`,"note":"`+canaryText+`"`),
		ask("POST", "Condition", strings.Replace(condition, "Condition", canaryName, 1)+"}"),
		ask("POST", "Condition", condition+`,"encounter":{"reference":"Patient/`+canaryName+`"}}`),
		ask("POST", "Condition", condition+`,"encounter":{"reference":"Encounter?identifier=`+canaryINS+`"}}`),
		ask("PUT", "Patient/"+canaryPatient, strings.Replace(patient, canaryPatient, canaryName, 1)),
		ask("PUT", "Patient/"+canaryPatient, patient, [2]string{"If-Match", canaryINS}),
		ask("POST", "Patient", patient, [2]string{"If-None-Exist", "nothing=" + canaryINS}),
		ask("POST", "Patient", patient, [2]string{"Content-Type", canaryName + "/x"}),
		ask("GET", "Patient/"+canaryName, ""),
		ask("GET", "Patient/"+canaryName+"/_history/"+canaryINS, ""),
		ask("GET", canaryName, ""), ask("GET", "Patient/a/$"+canaryName, ""), ask("PATCH", "Patient/"+canaryName, patient),
		ask("GET", "Patient?birthdate="+canaryName, ""), ask("GET", "Patient?nothing="+canaryName, ""), ask("GET", "Patient?identifier:nothing="+canaryINS, ""),
		ask("GET", "Observation?value-quantity="+canaryName, ""), ask("GET", "Patient?_cursor="+canaryINS, ""), ask("GET", "Patient?_count="+canaryINS, ""),
		ask("GET", "Patient?_include="+canaryName, ""), ask("GET", "Patient?_filter="+e("name eq "+canaryName+" )"), ""),
		ask("GET", "Condition?subject:Patient.nothing="+canaryName, ""), ask("GET", "Patient?_has:"+canaryName+":x:y=1", ""), ask("GET", "Patient?_elements="+canaryName, ""),
		ask("GET", "Patient?_format="+canaryName, ""), ask("GET", "Patient", "", [2]string{"Accept", canaryName + "/x"}), ask("GET", "Patient?_summary="+canaryName, ""),
		ask("GET", "_history?_since="+canaryName, ""), ask("GET", "Patient?name=%zz"+canaryName, ""), ask("GET", "Patient/%0a"+canaryName, ""),
		ask("POST", ".", `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":`+patient+`,"request":{"method":"PUT","url":"Condition/`+canaryName+`"}}]}`),
		ask("POST", ".", `{"resourceType":"Bundle","type":"`+canaryName+`"}`),
		ask("POST", "Patient/$match", `{"resourceType":"Parameters","parameter":[{"name":"`+canaryName+`","resource":`+patient+`}]}`),
		ask("POST", "$ingest", "<ClinicalDocument><title>"+canaryText+"</title></ClinicalDocument>", [2]string{"Content-Type", "application/xml"}),
		ask("POST", "$ingest", `<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="`+canaryINS+`"/></patientRole></recordTarget>`, [2]string{"Content-Type", "application/xml"}),
		ask("POST", "Patient/_search", "name="+canaryName+"&nothing="+canaryINS, [2]string{"Content-Type", "application/x-www-form-urlencoded"}),
		{Actor: "nobody", Method: "GET", Path: "Patient?identifier=" + canaryINS},
		{Actor: "nobody", Method: "GET", Path: "Patient?access_token=" + canaryName},
		{Actor: "nobody", Method: "GET", Path: "Patient", Header: [][2]string{{"Authorization", "Bearer " + canaryName}}},
		{Actor: "outsider", Method: "GET", Path: "Patient/" + canaryPatient},
		{Actor: "outsider", Method: "GET", Path: "Patient?identifier=nothing&x=" + canaryINS},
		{Actor: "practice", Method: "GET", Path: "Patient/x", Header: [][2]string{{"User-Agent", e(canaryAttack)}, {"Accept-Language", canaryName}}},
		{Actor: "practice", Method: "GET", Path: "Patient/" + e(canaryAttack)},
	}
	return list
}

func admin(t *testing.T, g *harness.Gateway, path string) string {
	t.Helper()
	resp, err := http.Get(g.Admin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %v", path, resp.StatusCode, err)
	}
	return string(text)
}

// holds lists the files of a folder that hold the text in clear.
func holds(t *testing.T, dir, text string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// cleanLog: a line of the log is one event, without what a terminal or a reader
// would be led astray by (N04).
func cleanLog(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("N04: %q in the log: %q", r, line)
				break
			}
		}
		if strings.HasPrefix(line, "time=") && strings.Count(line, " level=") != 1 {
			t.Errorf("N04: two lines in one: %q", line)
		}
	}
}

// TestN04HeaderValues: what comes back in a header is never split, and what
// cannot stand in one is refused or left out.
func TestN04HeaderValues(t *testing.T) {
	t.Parallel()
	const split = "x%0d%0aSet-Cookie:%20canari=1%0d%0a%0d%0a<html>"
	plain, err := url.PathUnescape(split)
	if err != nil {
		t.Fatal(err)
	}
	id := unique()
	for _, q := range []script.Request{
		{Method: "PUT", Path: "Observation/" + id + split, Body: []byte(observation(id))},
		{Method: "GET", Path: "Observation/" + split}, {Method: "GET", Path: "Observation/a/_history/" + split}, {Method: "GET", Path: split}, {Method: "GET", Path: "/" + split},
		{Method: "GET", Path: "Observation?code=" + split}, {Method: "GET", Path: "Observation?_format=" + split}, {Method: "GET", Path: "Observation?_cursor=" + split},
		{Method: "GET", Path: "Observation?" + split + "=1"}, {Method: "GET", Path: "$" + split}, {Method: "PUT", Path: "Observation?identifier=" + split, Body: []byte(observation(unique()))},
		{Method: "POST", Path: "Observation", Header: [][2]string{{"If-None-Exist", "identifier=" + split}}, Body: []byte(observation(""))},
		{Method: "POST", Path: "Binary", Body: []byte(`{"resourceType":"Binary","contentType":"text/plain\r\nSet-Cookie: canari=1","data":"AAAA"}`)},
	} {
		q.Actor = "practice"
		a := send(t, q)
		for name, values := range a.Header {
			if name == "Set-Cookie" || strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				t.Errorf("%s %s: %s: %q", q.Method, q.Path, name, values)
			}
		}
		if a.Status >= 500 || strings.Contains(string(a.Body), plain) {
			t.Errorf("%s %s: %d %.300s", q.Method, q.Path, a.Status, a.Body)
		}
	}
	absent(t, id)
	long := strings.Repeat("r", 4096)
	for _, value := range []string{long, "a b", `a"b`, "<script>", "a\tb", "é"} {
		a := send(t, script.Request{Actor: "practice", Method: "GET", Path: "Patient?_count=1", Header: [][2]string{{"X-Request-Id", value}, {"X-Correlation-Id", value}}})
		for name, values := range a.Header {
			if strings.Contains(strings.Join(values, ""), value) && len(value) > 1 {
				t.Errorf("%s gives %.40q back", name, value)
			}
		}
	}
}
