package gateway

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

func configuration(t testing.TB, data string) Config {
	t.Helper()
	cfg, err := ReadConfig("")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data, cfg.Listen, cfg.Admin = data, "127.0.0.1:0", "off"
	return cfg
}

// started runs a gateway until stop is called.
func started(t testing.TB, cfg Config) (s *Server, stop func()) {
	t.Helper()
	s, err := Start(context.Background(), cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Wait(ctx); err != nil {
			t.Error(err)
		}
	}
}

// practice is a principal that may write its own patients.
func practice(t testing.TB) context.Context {
	t.Helper()
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	return auth.WithPrincipal(context.Background(), auth.Principal{Client: "test", Organization: "Organization/o",
		Roles: []string{auth.RoleContributor}, Purpose: auth.PurposeTreatment, Scopes: scopes})
}

func create(t testing.TB, s *Server, id string) {
	t.Helper()
	_, err := s.Gateway().Records().Commit(practice(t), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: id},
		Body: []byte(`{"resourceType":"Patient","id":"` + id + `"}`)}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRestart: what was acknowledged is there after a stop, and the trail of
// both runs is intact.
func TestRestart(t *testing.T) {
	data := t.TempDir()
	s, stop := started(t, configuration(t, data))
	create(t, s, "a")
	stop()
	s, stop = started(t, configuration(t, data))
	if r, err := s.Gateway().Records().Read(practice(t), fhir.Key{Type: "Patient", ID: "a"}); err != nil || r.Version != "1" {
		t.Errorf("after the restart: %v %v", r.Key, err)
	}
	stop()
	report, err := ledger.Verify(t.Context(), ledger.VerifyConfig{Dir: TrailDir(data)})
	if err != nil || report.Code() != 0 {
		t.Errorf("the trail: %v %v %v", report.Text().EN, report.Findings, err)
	}
}

// TestR06StorePutBack: a store that was put back to an older copy lacks changes
// that were acknowledged. The gateway does not serve it, and says which.
func TestR06StorePutBack(t *testing.T) {
	data, copied := t.TempDir(), t.TempDir()
	s, stop := started(t, configuration(t, data))
	create(t, s, "before")
	stop()
	if err := os.CopyFS(filepath.Join(copied, "store"), os.DirFS(filepath.Join(data, "store"))); err != nil {
		t.Fatal(err)
	}
	s, stop = started(t, configuration(t, data))
	create(t, s, "lost")
	stop()
	if err := os.RemoveAll(filepath.Join(data, "store")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(copied, "store"), filepath.Join(data, "store")); err != nil {
		t.Fatal(err)
	}
	_, err := Start(context.Background(), configuration(t, data), "test", slog.New(slog.DiscardHandler))
	var lost *audit.LostError
	if !errors.As(err, &lost) {
		t.Fatalf("the older store was served: %v", err)
	}
	if len(lost.Missing) != 1 || lost.Missing[0].ID != "lost" {
		t.Errorf("missing %v", lost.Missing)
	}
}

// TestOneProcess: a second gateway on the same folder is refused (threat R08).
func TestR08OneProcess(t *testing.T) {
	data := t.TempDir()
	_, stop := started(t, configuration(t, data))
	defer stop()
	if _, err := Start(context.Background(), configuration(t, data), "test", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("two gateways serve one folder")
	}
}

func TestConfiguration(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"a demo that others could reach":   func(c *Config) { c.Demo, c.Listen = true, "0.0.0.0:0" },
		"beyond loopback without base_url": func(c *Config) { c.Listen = "0.0.0.0:0" },
		"a base_url without https":         func(c *Config) { c.BaseURL = "http://gw.example" },
		"a base_url with a path":           func(c *Config) { c.BaseURL = "https://gw.example/x" },
		"a zone that does not exist":       func(c *Config) { c.Zone = "Europe/Nowhere" },
		"a mode that does not exist":       func(c *Config) { c.Mode = "test" },
		"a matrix that is not there":       func(c *Config) { c.Consent.Matrix = filepath.Join(t.TempDir(), "none.yaml") },
		"a limit below 1":                  func(c *Config) { c.Limits.Values = -1 },
		"a limit that is none":             func(c *Config) { c.Limits.Breadth = 1 << 40 },
		"an address that is none":          func(c *Config) { c.Listen = "8080" },
	} {
		cfg := configuration(t, t.TempDir())
		change(&cfg)
		if s, err := Start(context.Background(), cfg, "test", slog.New(slog.DiscardHandler)); err == nil {
			s.Wait(t.Context())
			t.Errorf("%s was accepted", name)
		}
	}
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\nlisten_on: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadConfig(file); err == nil {
		t.Error("an unknown name was accepted")
	}
}
