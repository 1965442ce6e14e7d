package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

func newAudit() *cobra.Command {
	c := &cobra.Command{
		Use:     "audit",
		Short:   "Verify and list the audit trail, offline",
		Example: "  cordee audit verify --data DATA\n  cordee audit list --data DATA --from 100",
	}
	c.AddCommand(newAuditVerify(), newAuditList())
	return c
}

func newAuditVerify() *cobra.Command {
	var data, output string
	var keys, outside []string
	c := &cobra.Command{
		Use:   "verify --data DIR",
		Short: "Verify the trail offline: nothing edited, removed, reordered or rolled back",
		Long: `Reads every record of the trail, recomputes its Merkle tree and compares it with the
signed checkpoints. It needs only the files, and works while the gateway runs.

Without --key it trusts the public key that lies beside the trail: whoever can
replace both can deceive it. Keep the key, and checkpoints, in another place and
name them here.

Exit codes: 0 intact, 2 altered, 3 incomplete.`,
		Example: `  cordee audit verify --data DATA
  cordee audit verify --data DATA --key "gw.example.fr/trail+ab12cd34+Ab…" --checkpoints /mnt/other/checkpoints
  cordee audit verify --data DATA --output json | jq .findings`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			report, err := ledger.Verify(c.Context(), ledger.VerifyConfig{Dir: gateway.TrailDir(data), Keys: keys, Outside: outside})
			if err != nil {
				return err
			}
			if err := printReport(c.OutOrStdout(), report, output); err != nil {
				return err
			}
			if code := report.Code(); code != 0 {
				return &exit{code: code}
			}
			return nil
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	c.Flags().StringArrayVar(&keys, "key", nil, "public `KEY` that may have signed checkpoints (repeatable)")
	c.Flags().StringArrayVar(&outside, "checkpoints", nil, "`FILE` of checkpoints that was kept elsewhere (repeatable)")
	return c
}

// A finding is one line of the JSON report.
type finding struct {
	Class  string     `json:"class"`
	ID     string     `json:"id"`
	Text   string     `json:"text"`
	File   string     `json:"file,omitempty"`
	Offset int64      `json:"offset,omitempty"`
	First  uint64     `json:"first"`
	Last   uint64     `json:"last"`
	After  *time.Time `json:"after,omitempty"`
	Before *time.Time `json:"before,omitempty"`
}

func printReport(w io.Writer, r ledger.Report, output string) error {
	if output == "text" {
		fmt.Fprintln(w, spoken(r.Text()))
		for _, f := range r.Findings {
			fmt.Fprintf(w, "  %s: %s\n", className(f.Class), spoken(f.Text))
			if at := where(f); at != "" {
				fmt.Fprintf(w, "    %s\n", at)
			}
		}
		if r.More > 0 {
			fmt.Fprintf(w, "  and %d more\n", r.More)
		}
		return nil
	}
	list := []finding{}
	for _, f := range r.Findings {
		list = append(list, finding{Class: className(f.Class), ID: f.ID, Text: spoken(f.Text), File: f.File, Offset: f.Offset,
			First: f.First, Last: f.Last, After: moment(f.After), Before: moment(f.Before)})
	}
	return json.NewEncoder(w).Encode(struct {
		State    string    `json:"state"`
		Records  uint64    `json:"records"`
		Proven   uint64    `json:"proven"`
		Root     string    `json:"root"`
		Trusted  bool      `json:"keysGiven"`
		Findings []finding `json:"findings"`
		More     int       `json:"more,omitempty"`
	}{map[int]string{0: "intact", 2: "altered", 3: "incomplete"}[r.Code()], r.Records, r.Proven, r.Root.String(), r.Trusted, list, r.More})
}

func className(c ledger.Class) string {
	return [...]string{"notice", "incomplete", "altered"}[c]
}

// where says in which file, and between which moments.
func where(f ledger.Finding) string {
	var parts []string
	if f.File != "" {
		parts = append(parts, fmt.Sprintf("%s, offset %d", f.File, f.Offset))
	}
	if !f.After.IsZero() {
		parts = append(parts, "after "+f.After.Local().Format(time.RFC3339))
	}
	if !f.Before.IsZero() {
		parts = append(parts, "before "+f.Before.Local().Format(time.RFC3339))
	}
	return strings.Join(parts, ", ")
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
