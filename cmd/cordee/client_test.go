package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// writeClient writes a client file for the gateway at a FHIR base.
func writeClient(t *testing.T, file, base string) {
	t.Helper()
	private, _, err := oauth.NewKey()
	if err == nil {
		err = oauth.WriteClientFile(file, oauth.ClientFile{ClientID: "labo", Name: "Labo", PrivateJWK: private,
			TokenEndpoint: strings.TrimSuffix(base, "/fhir") + "/oauth/token", FHIRBase: base, Scopes: "system/Patient.rs"})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A client is registered with a key of its own, listed, revoked, listed as
// revoked; the private key is in the file alone. A8: the list parses.
func TestClientAddListRevoke(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join(data, "labo.json")
	steps := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"client", "add", "--data", data, "--id", "labo", "--name", "Laboratoire", "--organization", "Organization/labo",
			"--scope", "system/Patient.rs", "--out", file}, exitOK, "its private key is in"},
		{[]string{"client", "add", "--data", data, "--id", "labo2", "--name", "Laboratoire", "--organization", "Organization/labo",
			"--scope", "system/Pateint.rs", "--out", file + "2"}, exitFailed, "system/CarePlan.rs"},
		{[]string{"client", "revoke", "--data", data, "labo"}, exitOK, "client labo revoked"},
		{[]string{"client", "revoke", "--data", data, "nobody"}, exitFailed, ""},
	}
	for _, s := range steps {
		got := cordee(t, s.args...)
		if got.code != s.code || !strings.Contains(got.err, s.says) || got.out != "" {
			t.Fatalf("%v: code %d, stdout %q, stderr %q", s.args[:2], got.code, got.out, got.err)
		}
	}
	if _, err := oauth.ReadClientFile(file); err != nil {
		t.Error(err)
	}
	var list []oauth.Client
	got := cordee(t, "client", "list", "--data", data, "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &list); err != nil || len(list) != 1 || list[0].ID != "labo" || list[0].Revoked.IsZero() {
		t.Errorf("%v: %s", err, got.out)
	}
	if strings.Contains(got.out, `"d"`) {
		t.Error("the registry holds a private key")
	}
	if text := cordee(t, "client", "list", "--data", data).out; !strings.Contains(text, "revoked") {
		t.Errorf("the list says\n%s", text)
	}
}
