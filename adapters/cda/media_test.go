package cda_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/fhir"
)

// scan is a document whose body is a file: %ED% are the attributes of the text,
// %FILE% what it holds.
const scan = `<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.999.1"/><code code="SYNTH"/><effectiveTime value="2026"/><recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="247050001203496"/><patient/></patientRole></recordTarget><component><nonXMLBody><text %ED%>%FILE%</text></nonXMLBody></component></ClinicalDocument>`

func scanOf(attributes, file string) []byte {
	return []byte(strings.Replace(strings.Replace(scan, "%ED%", attributes, 1), "%FILE%", file, 1))
}

// TestIntegrity: a file is taken when it is the one that the hash is of.
func TestIntegrity(t *testing.T) {
	file := "JVBERi0x\n\tLjQ=\n"
	one, two := sha1.Sum([]byte("%PDF-1.4")), sha256.Sum256([]byte("%PDF-1.4"))
	for attributes, want := range map[string]string{
		``: "",
		`integrityCheck="` + base64.StdEncoding.EncodeToString(one[:]) + `"`:                                   "",
		`integrityCheck="` + base64.StdEncoding.EncodeToString(two[:]) + `" integrityCheckAlgorithm="SHA-256"`: "",
		`integrityCheck="` + base64.StdEncoding.EncodeToString(two[:]) + `"`:                                   "cda.integrity",
		`integrityCheck="` + base64.StdEncoding.EncodeToString(bytes.Repeat(one[:1], len(one))) + `"`:          "cda.integrity",
		`integrityCheck="" integrityCheckAlgorithm="SHA-256"`:                                                  "cda.integrity",
		`integrityCheck="` + base64.StdEncoding.EncodeToString(one[:]) + `" integrityCheckAlgorithm="SHA-512"`: "", // not known: no proof
	} {
		_, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input(scanOf(`mediaType="application/pdf" representation="B64" `+attributes, file)))
		var e *fhir.Error
		got := ""
		if errors.As(err, &e) {
			got = e.Issues[0].ID
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", attributes, got, want)
		}
	}
}

// TestLargest converts the longest document that is read, a file embedded in
// it, in less than 400 MB; one byte more is refused.
func TestLargest(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB")
	}
	const attributes = `mediaType="application/pdf" representation="B64"`
	line := []byte(strings.Repeat("QUJD", 19) + "\r\n")
	room := adapters.MaxDocument - len(scanOf(attributes, ""))
	file := bytes.Repeat(line, room/len(line))
	data := scanOf(attributes, string(file)+strings.Repeat(" ", room-len(file)))
	file = nil
	if len(data) != adapters.MaxDocument {
		t.Fatalf("%d bytes", len(data))
	}
	const limit = 400_000_000
	if peak := peakOf(t, func() {
		c, err := cda.Adapter{}.Convert(context.Background(), adaptertest.Input(data))
		if err != nil {
			t.Fatal(err)
		}
		runtime.KeepAlive(c)
	}); peak > limit {
		t.Errorf("%d MB at the peak", peak/1_000_000)
	}
	var e *fhir.Error
	if _, err := (cda.Adapter{}).Convert(context.Background(), adaptertest.Input(append(data, '\n'))); !errors.As(err, &e) || e.Issues[0].ID != "xml.size" {
		t.Errorf("one byte more: %v", err)
	}
}

// peakOf returns the largest heap while f runs, what it was given included.
func peakOf(t *testing.T, f func()) uint64 {
	t.Helper()
	debug.FreeOSMemory()
	peak, stop, stopped := uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	start := time.Now()
	f()
	close(stop)
	<-stopped
	t.Logf("%d MB at the peak, %v", peak/1_000_000, time.Since(start).Round(time.Millisecond))
	return peak
}
