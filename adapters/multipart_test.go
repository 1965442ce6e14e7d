package adapters_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/profile"
)

// posted is a multipart body of parts, each with the header that is given.
func posted(t *testing.T, header textproto.MIMEHeader, parts ...[]byte) adapters.Delivery {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, part := range parts {
		p, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		p.Write(part)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return adapters.Delivery{ContentType: w.FormDataContentType(), Body: b.Bytes()}
}

func operation(b *book) *adapters.Ingest {
	return &adapters.Ingest{Intake: *intake(b), Mode: adapters.Integration,
		Sender: func(context.Context) (string, string, bool) { return "client", "Organization/sender", true },
		Status: func(k fhir.Kind) int { return map[fhir.Kind]int{fhir.Unprocessable: 422, fhir.Malformed: 400}[k] }}
}

// statuses are those of the entries of a batch-response.
func statuses(t *testing.T, answer []byte) []string {
	t.Helper()
	doc := parse(answer)
	if issues := profile.Validate(doc); len(issues) > 0 {
		t.Errorf("the answer is not valid: %+v", issues)
	}
	if typ := doc.Root().Get("type").Text(); typ != "batch-response" {
		t.Errorf("a Bundle of type %s", typ)
	}
	var list []string
	for e := range doc.Root().Get("entry").Items() {
		status := e.At("response", "status").Text()
		if status[0] == '2' {
			status += " " + e.At("resource", "resourceType").Text()
		} else {
			status += " " + e.At("response", "outcome").Get("issue").First().At("details").Get("coding").First().Get("code").Text()
		}
		list = append(list, status)
	}
	return list
}

// TestSeveralDocuments: each part is taken in by itself, in order; one that
// cannot be read does not keep the others out.
func TestSeveralDocuments(t *testing.T) {
	file := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="document"; filename="DUPONT Marie.xml"`}}
	mixed := textproto.MIMEHeader{"Content-Type": {"text/xml"}}
	for name, header := range map[string]textproto.MIMEHeader{"form-data": file, "mixed": mixed} {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			answer, err := operation(b).Accept(context.Background(), posted(t, header, document(t, "vsm-complet"), []byte("MSH|^~\\&|"), nil, document(t, "plan")))
			if err != nil {
				t.Fatal(err)
			}
			want := "200 OK Parameters, 422 Unprocessable Entity intake.unknown-format, 400 Bad Request intake.empty, 200 OK Parameters"
			if got := strings.Join(statuses(t, answer), ", "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if bytes.Contains(answer, []byte("DUPONT")) {
				t.Error("the answer shows a file name")
			}
		})
	}
}

// TestMultipartRefused: what is not one part for each document is refused as a
// whole, before anything is stored.
func TestMultipartRefused(t *testing.T) {
	field := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="dry-run"`}}
	encoded := textproto.MIMEHeader{"Content-Type": {"text/xml"}, "Content-Transfer-Encoding": {"base64"}}
	vsm := document(t, "vsm-complet")
	whole := posted(t, textproto.MIMEHeader{"Content-Type": {"text/xml"}}, vsm, vsm)
	cut := whole
	cut.Body = cut.Body[:len(cut.Body)-len(vsm)/2]
	for _, c := range []struct {
		name string
		d    adapters.Delivery
		kind fhir.Kind
		id   string
	}{
		{"no boundary", adapters.Delivery{ContentType: "multipart/mixed", Body: whole.Body}, fhir.Malformed, "intake.multipart"},
		{"another boundary", adapters.Delivery{ContentType: "multipart/mixed; boundary=x", Body: whole.Body}, fhir.Malformed, "intake.multipart"},
		{"no part", posted(t, nil), fhir.Malformed, "intake.multipart"},
		{"cut", cut, fhir.Malformed, "intake.multipart"},
		{"P10 base64", posted(t, encoded, []byte("PGEv!")), fhir.Malformed, "intake.multipart"},
		{"a field that is no file", posted(t, field, []byte("true")), fhir.Malformed, "intake.multipart"},
		{"P09 parts", posted(t, nil, make([][]byte, 1001)...), fhir.TooLarge, "intake.multipart-parts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook()
			_, err := operation(b).Accept(context.Background(), c.d)
			var e *fhir.Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.Issues[0].ID != c.id || b.commits > 0 {
				t.Errorf("got %v, %d commits", err, b.commits)
			}
		})
	}
}

func TestTransferEncoding(t *testing.T) {
	vsm := document(t, "vsm-complet")
	lines := base64.StdEncoding.EncodeToString(vsm)
	var folded strings.Builder
	for len(lines) > 76 {
		folded.WriteString(lines[:76] + "\r\n")
		lines = lines[76:]
	}
	folded.WriteString(lines)
	header := textproto.MIMEHeader{"Content-Type": {"text/xml"}, "Content-Transfer-Encoding": {"BASE64"}}
	b := newBook()
	o := operation(b)
	if _, err := o.Accept(context.Background(), adapters.Delivery{ContentType: "text/xml", Body: vsm}); err != nil {
		t.Fatal(err)
	}
	before := len(b.kept)
	answer, err := o.Accept(context.Background(), posted(t, header, []byte(folded.String())))
	if err != nil || statuses(t, answer)[0] != "200 OK Parameters" || len(b.kept) != before {
		t.Errorf("the same bytes became %d more resources: %v", len(b.kept)-before, err)
	}
}

func FuzzMultipart(f *testing.F) {
	f.Add("multipart/mixed; boundary=b", []byte("--b\r\nContent-Transfer-Encoding: base64\r\n\r\nPGE+\r\n--b--"))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n<a/>\r\n--b--"))
	f.Add("multipart/x", []byte(""))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		b := newBook()
		answer, err := operation(b).Accept(context.Background(), adapters.Delivery{ContentType: contentType, Body: body})
		var e *fhir.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("an error that is not for clients: %v", err)
		}
		if err == nil {
			parse(answer)
		}
	})
}
