package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// TestGiantDocument holds how much memory a document with a large PDF takes: the
// bytes that came, the PDF that is in them, and what the engine has on the way to
// the disk. Another copy or two of either is more than is allowed.
func TestGiantDocument(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("measures memory")
	}
	url, token := benchmarkGateway(t, "practice")
	const pdf = 24 << 20
	document, size := giantDocument(t, pdf)
	sent := sha256.New()
	req, err := http.NewRequest(http.MethodPost, url+"/$ingest", io.TeeReader(document, sent))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/xml")
	runtime.GC()
	before, peak := heap(), watchHeap(t)
	resp, err := benchmarkClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", resp.StatusCode, answer)
	}
	took := float64(peak()-before) / float64(size)
	t.Logf("%d MB took %.1f times as much", size>>20, took)
	if took > giantMost {
		t.Errorf("a document of %d MB took %.1f times as much memory, want %.1f at most", size>>20, took, giantMost)
	}
	file := sha256.New()
	_, _ = io.CopyN(file, rand.NewChaCha8([32]byte{1}), pdf)
	want := map[string]bool{string(sent.Sum(nil)): true, string(file.Sum(nil)): true}
	for _, binary := range regexp.MustCompile(`Binary/[^/"]+/_history/1`).FindAllString(string(answer), -1) {
		delete(want, contentOf(t, url+"/"+binary, token))
	}
	if len(want) > 0 {
		t.Error("the document or the PDF in it is not given as it came")
	}
}

// contentOf returns the SHA-256 of what a Binary holds, as it is sent to who asks for
// no resource.
func contentOf(t *testing.T, url, token string) (sum string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/pdf, text/xml, application/xml")
	resp, err := benchmarkClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
	return string(h.Sum(nil))
}

// giantMost is how many times its length a document may take of the heap. It takes 2.5:
// itself, the PDF in it, and what Badger has on the way to the disk.
const giantMost = 3.2

// giantDocument streams a document of level 1 whose PDF has that many bytes.
func giantDocument(t *testing.T, pdf int64) (document io.Reader, size int64) {
	text, err := os.ReadFile("../../../adapters/cda/testdata/n1-pdf.xml")
	if err != nil {
		t.Fatal(err)
	}
	const before, behind = `representation="B64">`, "</text>"
	opens, rest, _ := bytes.Cut(text, []byte(before))
	_, closes, found := bytes.Cut(rest, []byte(behind))
	if !found {
		t.Fatal("the sample holds no PDF")
	}
	opens = append(bytes.Clone(opens), before...)
	closes = append([]byte(behind), closes...)
	encoded, w := io.Pipe()
	go func() {
		e := base64.NewEncoder(base64.StdEncoding, w)
		_, err := io.CopyN(e, rand.NewChaCha8([32]byte{1}), pdf)
		e.Close()
		w.CloseWithError(err)
	}()
	size = int64(len(opens)) + int64(base64.StdEncoding.EncodedLen(int(pdf))) + int64(len(closes))
	return io.MultiReader(bytes.NewReader(opens), encoded, bytes.NewReader(closes)), size
}

// watchHeap looks at the heap until the function that it returns is called, which
// returns the most that was there.
func watchHeap(t *testing.T) (peak func() uint64) {
	var most uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(2 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				most = max(most, heap())
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return most
	}
}

// heap is how many bytes objects take that were not collected yet.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
