package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// R15: a new key signs from then on; what the old one signed stays proven.
func TestR15KeyRotation(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	appendN(t, l, 5)
	l.Close()
	old := l.Key()
	k, err := Rotate(cfg.Keys, cfg.Dir, cfg.Origin)
	if err != nil {
		t.Fatal(err)
	}
	l = open(t, cfg)
	if l.Key().Public != k.Public || k.Public == old.Public {
		t.Errorf("signs with %s after the rotation to %s", l.Key().Public, k.Public)
	}
	appendN(t, l, 5)
	l.Close()
	if r := verify(t, cfg); r.Code() != 0 || r.Proven != 10 {
		t.Errorf("report with both keys: %+v", r)
	}
	r, err := Verify(t.Context(), VerifyConfig{Dir: cfg.Dir, Keys: []string{k.Public}})
	if err != nil || r.Code() != 2 {
		t.Errorf("without the old key its checkpoints must not pass: %d, %v", r.Code(), err)
	}
}

func TestKeyIsItsOwnersAlone(t *testing.T) {
	cfg := testConfig(t)
	open(t, cfg).Close()
	path := filepath.Join(cfg.Keys, privateFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	os.Chmod(path, 0o644)
	if _, err := Open(cfg); err == nil {
		t.Error("a key that others can read was used")
	}
}

// A log with records does not silently get another key.
func TestMissingKeyIsNotReplaced(t *testing.T) {
	cfg := testConfig(t)
	l := open(t, cfg)
	appendN(t, l, 1)
	l.Close()
	path := filepath.Join(cfg.Keys, privateFile)
	key, _ := os.ReadFile(path)
	os.Remove(path)
	if _, err := Open(cfg); err == nil {
		t.Error("a lost key was replaced")
	}
	os.WriteFile(path, key, 0o600)
	os.WriteFile(filepath.Join(cfg.Dir, publicFile), []byte("other\n"), 0o600)
	if _, err := Open(cfg); err == nil {
		t.Error("a public key was replaced")
	}
}

func TestDerivedSecretsDiffer(t *testing.T) {
	l := open(t, testConfig(t))
	a, err := l.Key().Derive("a", 32)
	b, _ := l.Key().Derive("b", 32)
	if err != nil || len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("derived %x and %x, %v", a, b, err)
	}
}
