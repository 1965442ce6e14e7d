package rest_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// still answers every read and search with the same bytes, at no cost.
type still struct {
	fhir.Repository
	one  fhir.Resource
	page fhir.Page
}

func (s *still) Read(context.Context, fhir.Key) (fhir.Resource, error) { return s.one, nil }
func (s *still) Search(context.Context, fhir.Query) (fhir.Page, error) { return s.page, nil }

// body is a Patient of the size of the published example, 2.5 KB.
func body(id string) []byte {
	b := []byte(`{"resourceType":"Patient","id":"` + id + `","meta":{"versionId":"1","lastUpdated":"2026-11-21T08:00:00.123Z"},"name":[`)
	for i := range 28 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"use":"official","family":"Fictive-Dupont","given":["Zoé","Anne","Jeanne"],"text":"`+strconv.Itoa(i)+`"}`...)
	}
	return append(b, `],"active":true}`...)
}

func newStill() *still {
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	s := &still{one: fhir.Resource{Key: fhir.Key{Type: "Patient", ID: "p1", Version: "1"}, LastUpdated: at, Effect: fhir.Created, Body: body("p1")}, page: fhir.Page{Total: -1, Count: 20, Next: "c2VhbGVkIGN1cnNvciBvZiBzb21lIGxlbmd0aA"}}
	for i := range 20 {
		id := "p" + strconv.Itoa(i)
		s.page.Matches = append(s.page.Matches, fhir.Resource{Key: fhir.Key{Type: "Patient", ID: id, Version: "1"}, LastUpdated: at, Effect: fhir.Created, Body: body(id)})
	}
	return s
}

// bare writes the same bytes under the same headers and does nothing else.
func bare(like *httptest.ResponseRecorder) http.Handler {
	header, text := like.Header(), like.Body.Bytes()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, values := range header {
			h[name] = values
		}
		w.Write(text)
	})
}

// discard is a ResponseWriter of no cost of its own.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkHandler is what the handler itself costs, without a connection.
func BenchmarkHandler(b *testing.B) {
	h := serve(b, newStill())
	for _, c := range []struct{ name, path string }{{"read", "/Patient/p1"}, {"page20", "/Patient?name=x"}, {"elements", "/Patient/p1?_elements=name"}} {
		r := httptest.NewRequest("GET", base+c.path, nil)
		r.Header.Set("Accept", "application/fhir+json")
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(&discard{h: make(http.Header, 12)}, r)
			}
		})
	}
}

// BenchmarkConnection compares with the bare handler over loopback, one
// keep-alive connection, requests as bytes: the client costs next to nothing.
func BenchmarkConnection(b *testing.B) {
	h := serve(b, newStill())
	for _, c := range []struct{ name, path string }{{"read", "/Patient/p1"}, {"page20", "/Patient?name=x"}} {
		like := httptest.NewRecorder()
		r := httptest.NewRequest("GET", base+c.path, nil)
		h.ServeHTTP(like, r)
		b.Run(c.name+"/gateway", func(b *testing.B) { drive(b, h, c.path) })
		b.Run(c.name+"/bare", func(b *testing.B) { drive(b, bare(like), c.path) })
	}
}

func drive(b *testing.B, h http.Handler, path string) {
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	request := []byte("GET /fhir" + path + " HTTP/1.1\r\nHost: x\r\nAccept: application/fhir+json\r\n\r\n")
	buf := make([]byte, 1<<20)
	size := exchange(b, conn, request, buf, 0)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		exchange(b, conn, request, buf, size)
	}
}

// exchange sends a request and reads size bytes; with 0 it reads until nothing
// more comes and returns how many there were.
func exchange(b *testing.B, conn net.Conn, request, buf []byte, size int) int {
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	n := 0
	for size == 0 || n < size {
		if size == 0 {
			conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		}
		m, err := conn.Read(buf[n:])
		n += m
		if size == 0 && os.IsTimeout(err) {
			conn.SetReadDeadline(time.Time{})
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return n
}
