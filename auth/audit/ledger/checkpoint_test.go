package ledger

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointIsRefused(t *testing.T) {
	l := open(t, testConfig(t))
	known, origin, err := verifiers([]string{l.Key().Public})
	if err != nil {
		t.Fatal(err)
	}
	good := Checkpoint{Origin: origin, Size: 3, Root: (&tree{}).root()}
	sign := func(text string) []byte {
		signed, err := note.Sign(&note.Note{Text: text}, l.Key())
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	if c, err := openCheckpoint(sign(good.text()), origin, known); err != nil || c != good {
		t.Fatalf("a good checkpoint: %+v, %v", c, err)
	}
	root := strings.Split(good.text(), "\n")[2]
	for name, text := range map[string]string{
		"of another log":            "other.example/trail\n3\n" + root + "\n",
		"without a root":            origin + "\n3\n",
		"with a negative size":      origin + "\n-3\n" + root + "\n",
		"with a padded size":        origin + "\n03\n" + root + "\n",
		"with a size beyond 2^63":   origin + "\n9223372036854775808\n" + root + "\n",
		"with a short root":         origin + "\n3\nAAAA\n",
		"with a root of other bits": origin + "\n3\n" + root[:len(root)-2] + "9=\n",
	} {
		if _, err := openCheckpoint(sign(text), origin, known); err == nil {
			t.Errorf("a checkpoint %s was accepted", name)
		}
	}
	if _, _, err := verifiers(nil); err == nil {
		t.Error("verifying without a key was accepted")
	}
}
