package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// Every kind has its status, and an issue that says nothing of itself gets a
// code and both texts.
func TestErrorKinds(t *testing.T) {
	want := map[fhir.Kind]int{fhir.Malformed: 400, fhir.Unauthenticated: 401, fhir.Forbidden: 403, fhir.NotFound: 404, fhir.NotAllowed: 405,
		fhir.NotAcceptable: 406, fhir.Conflict: 409, fhir.Gone: 410, fhir.PreconditionFailed: 412, fhir.TooLarge: 413, fhir.UnsupportedMedia: 415,
		fhir.Unprocessable: 422, fhir.Throttled: 429, fhir.Internal: 500, fhir.NotImplemented: 501, fhir.Unavailable: 503, fhir.InsufficientStorage: 507}
	headers := map[int]string{401: "WWW-Authenticate: Bearer", 429: "Retry-After: *", 503: "Retry-After: *"}
	for kind := fhir.Malformed; kind <= fhir.InsufficientStorage; kind++ {
		f := newFake()
		f.fail = &fhir.Error{Kind: kind, Issues: []fhir.Issue{{ID: "fake.x"}}}
		if want[kind] == 0 || rest.Status(kind) != want[kind] {
			t.Errorf("%s: status %d", kind, rest.Status(kind))
		}
		call{request: "GET /Patient/p1", status: want[kind], wants: headers[want[kind]]}.run(t, serve(t, f))
	}
	if rest.Status(0) != 500 || rest.Status(200) != 500 {
		t.Error("a kind that nobody knows is a failure of ours")
	}
}

// What is not a *fhir.Error, or has nothing to say, is a bare 500: no text of it
// reaches the client, and none of a foreign error the log (H4).
func TestErrorOfOthersIsBare(t *testing.T) {
	for name, err := range map[string]error{
		"foreign":   errors.New("canary INS 255069911111136"),
		"wrapped":   fmt.Errorf("canary: %w", errors.New("x")),
		"internal":  fhir.Errorf(fhir.Internal, "fake", "fake.internal", fhir.CodeException, "Patient.name", fhir.T("canary", "canary"), fhir.Text{}),
		"empty":     &fhir.Error{Kind: fhir.NotFound},
		"zero kind": &fhir.Error{Issues: []fhir.Issue{{ID: "fake.canary"}}},
		"nil":       (*fhir.Error)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFake()
			f.fail = err
			w := call{request: "GET /Patient/p1", status: 500, id: "rest.internal", wants: "!canary"}.run(t, serve(t, f, func(c *rest.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }))
			if issues := checkOutcome(t, w); len(issues) != 1 || issues[0].Expression != nil {
				t.Errorf("%+v", issues)
			}
			if name == "foreign" && strings.Contains(log.String(), "canary") {
				t.Errorf("log %s", &log)
			}
			if log.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
	f := newFake()
	f.fail = fmt.Errorf("x: %w", context.Canceled)
	call{request: "GET /Patient/p1", status: 503, id: "rest.interrupted"}.run(t, serve(t, f))
}

func TestC2Language(t *testing.T) {
	french, english := "Content-Language: fr\nCette ressource n'existe pas.", "Content-Language: en\nThere is no such resource."
	f := newFake()
	f.fail = notFound("fake.absent")
	for _, c := range []struct {
		accept, wants string
		def           rest.Language
	}{
		{"", french, ""}, {"", english, rest.English}, {"", french, "de"},
		{"fr", french, rest.English}, {"en;q=0.9,fr;q=0.5", english, ""}, {"en;q=0.5, fr;q=0.9", french, rest.English},
		{"de", french, ""}, {"de, en;q=0.1", english, ""}, {"en-GB", english, ""}, {"FR-fr", french, rest.English},
		{"*", english, rest.English}, {"en;q=0", french, ""}, {"en;q=nonsense", french, ""}, {";;,,;q=,", french, ""},
	} {
		h := serve(t, f, func(cfg *rest.Config) { cfg.Language = c.def })
		headers := ""
		if c.accept != "" {
			headers = "Accept-Language: " + c.accept
		}
		call{request: "GET /Patient/p1", headers: headers, status: 404, wants: c.wants}.run(t, h)
	}
}

// C3, and the other language as an extension of the text; C8: no-break spaces.
func TestOutcomeOfAnIssue(t *testing.T) {
	f := newFake()
	f.fail = fhir.Errorf(fhir.Unprocessable, "fake", "fake.x", fhir.CodeRequired, "Patient.name[0].given[1]",
		fhir.T(`It lacks "this"`, "Il manque ceci : « cela » !"), fhir.T("Do <b>", "Faites"))
	call{request: "GET /Patient/p1", headers: "X-Request-Id: id-1", status: 422, at: "Patient.name[0].given[1]",
		wants: `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"required","details":{"coding":[{"system":"` + rest.ErrorSystem + `","code":"fake.x"}],"text":"` +
			"Il manque ceci\u00a0: «\u00a0cela\u00a0»\u00a0!" + `","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"en"},{"url":"content","valueString":"It lacks \"this\""}]}]}},"diagnostics":"Faites [X-Request-Id id-1]","expression":["Patient.name[0].given[1]"]}]}`}.run(t, serve(t, f))
	f.fail = fhir.Errorf(fhir.Unprocessable, "fake", "fake.x", fhir.CodeRequired, "/ClinicalDocument/code", fhir.Text{}, fhir.Text{})
	call{request: "GET /Patient/p1", status: 422, wants: `"location":["/ClinicalDocument/code"]`}.run(t, serve(t, f))
}

func TestOutcomeIsBounded(t *testing.T) {
	e := &fhir.Error{Kind: fhir.Unprocessable}
	for i := range 250 {
		e.Issues = append(e.Issues, fhir.Issue{ID: "fake.n" + strconv.Itoa(i), Code: fhir.CodeStructure})
	}
	f := newFake()
	f.fail = e
	w := call{request: "GET /Patient/p1", headers: "Accept-Language: en", status: 422, wants: "150 more issues"}.run(t, serve(t, f))
	if issues := checkOutcome(t, w); len(issues) != 101 || issues[100].Severity != "information" {
		t.Errorf("%d issues", len(issues))
	}
}

// Headers of an answer that was begun and then failed are not those of the error.
func TestErrorForgetsTheAnswer(t *testing.T) {
	wrap, _ := rest.Envelope(rest.EnvelopeConfig{})
	h := wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"ETag", "Last-Modified", "Location", "Content-Disposition"} {
			w.Header().Set(name, "x")
		}
		w.Header().Set("Www-Authenticate", `Bearer error="invalid_token"`)
		rest.Error(w, r, fhir.Errorf(fhir.Unauthenticated, "fake", "fake.token", fhir.CodeExpired, "", fhir.Text{}, fhir.Text{}))
	}))
	call{request: "GET /x", status: 401, wants: "WWW-Authenticate: Bearer error=\"invalid_token\"\n!ETag: *\n!Location: *\n!Content-Disposition: *"}.run(t, h)
}
