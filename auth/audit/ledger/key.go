package ledger

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs checkpoints.
type Key struct {
	note.Signer
	Public string // vkey: name+hash+base64, what a verifier needs

	seed []byte // Ed25519 private key, RFC 8032 §5.1.5
}

// Derive returns n bytes that only the holder of the private key can know,
// others for every label (HKDF-SHA-256, RFC 5869).
func (k Key) Derive(label string, n int) ([]byte, error) {
	return hkdf.Key(sha256.New, k.seed, nil, label, n)
}

// openKey reads the private key in the folder keys. At the first start of a
// log, and only then, it makes one.
func openKey(keys, dir, origin string, first bool) (Key, error) {
	path := filepath.Join(keys, privateFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !first {
			return Key{}, fmt.Errorf("ledger: the key %s is missing, but the log has records: put the key back, or rotate to a new one", path)
		}
		return Rotate(keys, dir, origin)
	}
	if err != nil {
		return Key{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("ledger: others than its owner can read the key %s: chmod 600 it, and rotate it if anybody may have", path)
	}
	k, err := parseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return Key{}, fmt.Errorf("ledger: key %s: %w", path, err)
	}
	if k.Name() != origin {
		return Key{}, fmt.Errorf("ledger: the key %s is for the log %q, not for %q", path, k.Name(), origin)
	}
	return k, publish(k, dir, first)
}

// Rotate makes a new key in the folder keys, sets an older one aside under the
// name that ends with its hash, and adds the public key to those of the log in
// dir. Checkpoints of the old key stay valid. The log must not be open.
func Rotate(keys, dir, origin string) (Key, error) {
	private, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return Key{}, fmt.Errorf("ledger: key for the log %q: %w", origin, err)
	}
	k, err := parseKey(private)
	if err != nil {
		return Key{}, err
	}
	if err := errors.Join(os.MkdirAll(keys, 0o700), os.MkdirAll(dir, 0o700)); err != nil {
		return Key{}, err
	}
	path := filepath.Join(keys, privateFile)
	if old, err := os.ReadFile(path); err == nil {
		was, err := parseKey(strings.TrimSpace(string(old)))
		if err != nil {
			return Key{}, fmt.Errorf("ledger: key %s: %w", path, err)
		}
		if err := os.Rename(path, fmt.Sprintf("%s.%08x", path, was.KeyHash())); err != nil {
			return Key{}, err
		}
	}
	f, err := create(path, os.O_WRONLY)
	if err != nil {
		return Key{}, err
	}
	_, err = f.WriteString(private + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Key{}, err
	}
	return k, publish(k, dir, true)
}

// publish makes sure that the public key stands in dir. A key that is not there
// is added only when may says that this is the moment for it: otherwise
// somebody changed one of the two files.
func publish(k Key, dir string, may bool) error {
	path := filepath.Join(dir, publicFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == k.Public {
			return nil
		}
	}
	if !may {
		return fmt.Errorf("ledger: the key that signs is not among those in %s: put the file or the key back, or rotate", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(k.Public + "\n")
	return errors.Join(err, f.Sync(), f.Close(), syncDir(dir))
}

// parseKey reads a private key of package note:
// PRIVATE+KEY+name+hash+base64(algorithm byte, 32 bytes of seed).
func parseKey(private string) (Key, error) {
	s, err := note.NewSigner(private)
	if err != nil {
		return Key{}, err
	}
	fields := strings.SplitN(private, "+", 5) // base64 may hold more of them
	raw, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return Key{}, errors.New("malformed private key")
	}
	seed := raw[1:]
	public, err := note.NewEd25519VerifierKey(s.Name(), ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	return Key{Signer: s, Public: public, seed: seed}, err
}
