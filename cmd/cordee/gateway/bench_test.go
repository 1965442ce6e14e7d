//go:build unix

package gateway

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

// BenchmarkRead reads one resource over HTTP, 32 callers at once: "bare" from a
// net/http handler that writes the same bytes, "unchecked" from the store without
// door, guard, consent and trail, "checked" through the whole gateway, every read
// on disk in the trail before it is answered. The ratio of the last two is what
// protection and proof cost, that of the first to the last what is Cordée's. All
// are sent the same request, and none may compress: the bytes are the same.
// cpu-ns/op is the processor time of both sides, client and server, which the load
// of others does not show in as it does in the time that passed.
func BenchmarkRead(b *testing.B) {
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
	registry, err := search.New(search.Config{Base: s.Base()})
	if err != nil {
		b.Fatal(err)
	}
	open, err := rest.New(rest.Config{Base: s.Base(), Repo: s.gateway.store, Registry: registry, Authenticate: func(next http.Handler) http.Handler { return next }})
	if err != nil {
		b.Fatal(err)
	}
	unchecked := httptest.NewServer(open)
	b.Cleanup(unchecked.Close)
	file, err := oauth.ReadClientFile(filepath.Join(s.gateway.DemoClients(), "practice.json"))
	if err != nil {
		b.Fatal(err)
	}
	token, err := oauth.Exchange(ctx, file, "")
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(sameBytes(b, unchecked.URL+"/fhir/Patient/jeanne-durand"))
	b.Cleanup(bare.Close)
	b.Run("bare", func(b *testing.B) { benchmarkRead(b, bare.URL, token.AccessToken) })
	b.Run("unchecked", func(b *testing.B) { benchmarkRead(b, unchecked.URL+"/fhir/Patient/jeanne-durand", token.AccessToken) })
	b.Run("checked", func(b *testing.B) { benchmarkRead(b, s.Base()+"/Patient/jeanne-durand", token.AccessToken) })
	b.Run("vread", func(b *testing.B) { benchmarkRead(b, s.Base()+"/Patient/jeanne-durand/_history/1", token.AccessToken) })
	b.Run("history", func(b *testing.B) { benchmarkRead(b, s.Base()+"/Patient/jeanne-durand/_history", token.AccessToken) })
}

// sameBytes answers every request with what url answers, read once.
func sameBytes(b *testing.B, url string) http.HandlerFunc {
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.Write(body)
	}
}

func benchmarkRead(b *testing.B, url, token string) {
	b.ReportAllocs()
	b.SetParallelism(16)
	begin := processorTime(b)
	defer func() { b.ReportMetric(float64(processorTime(b)-begin)/float64(b.N), "cpu-ns/op") }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true, DialContext: (&net.Dialer{}).DialContext}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequest(http.MethodGet, url, nil)
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+token)
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			n, _ := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK || n == 0 {
				b.Errorf("status %d, %d bytes", resp.StatusCode, n)
				return
			}
		}
	})
}

// processorTime of this process so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
