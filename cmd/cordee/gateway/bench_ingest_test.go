package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// BenchmarkIngest sends complete VSM documents of 60 KB, each of another
// patient, through the whole gateway, 8 callers at once: converted, validated,
// judged, indexed, stored and on record, all of it synced to the disk, before
// each is answered. The callers are part of the figures, and cost little.
func BenchmarkIngest(b *testing.B) {
	url, token := benchmarkGateway(b, "practice")
	send := func(document []byte) {
		req, err := http.NewRequest(http.MethodPost, url+"/$ingest", bytes.NewReader(document))
		if err != nil {
			b.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/xml")
		resp, err := benchmarkClient.Do(req)
		if err != nil {
			b.Error(err)
			return
		}
		answer, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			b.Errorf("status %d: %s", resp.StatusCode, answer)
		}
	}
	document := lookAlikes(b)
	send(document(0)) // who is named in all of them is there then, as in the middle of a day
	var next atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			send(document(int(next.Add(1))))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}

// lookAlikes returns a maker of documents that differ in their ids and those of
// their patients alone.
func lookAlikes(b *testing.B) func(i int) []byte {
	text, err := os.ReadFile("../../../adapters/cda/testdata/vsm-complet.xml")
	if err != nil {
		b.Fatal(err)
	}
	return func(i int) []byte {
		own := bytes.ReplaceAll(text, []byte("2.999.33.1.20260302"), fmt.Appendf(nil, "2.999.33.1.2026%d", i))
		own = bytes.ReplaceAll(own, []byte("247050001203496"), fmt.Appendf(nil, "2470500%06d96", i))
		return bytes.ReplaceAll(own, []byte("T-00417"), fmt.Appendf(nil, "T-%d", i))
	}
}

var benchmarkClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{}).DialContext}}

// benchmarkGateway serves a demonstration and returns its base and a token of
// one of its clients.
func benchmarkGateway(b testing.TB, client string) (base, token string) {
	cfg, err := ReadConfig("")
	if err != nil {
		b.Fatal(err)
	}
	cfg.Data, cfg.Demo, cfg.Listen, cfg.Admin = b.TempDir(), true, "127.0.0.1:0", "off"
	s, err := Start(b.Context(), cfg, "bench", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	b.Cleanup(func() { stop(); s.Wait(ctx) })
	file, err := oauth.ReadClientFile(filepath.Join(s.gateway.DemoClients(), client+".json"))
	if err != nil {
		b.Fatal(err)
	}
	t, err := oauth.Exchange(ctx, file, "")
	if err != nil {
		b.Fatal(err)
	}
	return s.Base(), t.AccessToken
}
