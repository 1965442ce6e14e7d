package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

func newAuditList() *cobra.Command {
	var data, output string
	var from, to uint64
	c := &cobra.Command{
		Use:   "list --data DIR",
		Short: "List the records of the trail and where in its files they stand",
		Long: `Lists the records as they stand in the files: number, time, file, offset and length
in bytes, interaction, outcome, client. It needs only the files, and works while
the gateway runs. It proves nothing: that is what 'cordee audit verify' is for. Who
saw whose record is asked of the gateway (AuditEvent), which records the question.

A change has two records: one before it is made, and one (settled) that says
whether it took effect.`,
		Example: `  cordee audit list --data DATA --from 100 --to 120
  cordee audit list --data DATA --output json | jq 'select(.outcome == "refused")'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			return listTrail(c.OutOrStdout(), gateway.TrailDir(data), from, to, output)
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	c.Flags().Uint64Var(&from, "from", 0, "number `N` of the first record")
	c.Flags().Uint64Var(&to, "to", math.MaxUint64, "number `N` of the last record (default: of the last there is)")
	c.Flags().Lookup("to").DefValue = "0" // not to be shown
	return c
}

// line is one record of the listing.
type line struct {
	Number      uint64    `json:"number"`
	Time        time.Time `json:"time"`
	File        string    `json:"file"`
	Offset      int64     `json:"offset"`
	Length      int64     `json:"length"`
	Interaction string    `json:"interaction"`
	Outcome     string    `json:"outcome"`
	Client      string    `json:"client,omitempty"`
}

func listTrail(w io.Writer, dir string, from, to uint64, output string) error {
	for e, err := range ledger.Scan(dir, from) {
		var damage *ledger.DamageError
		if errors.As(err, &damage) {
			return fmt.Errorf("%w ('cordee audit verify' says what was done)", err)
		}
		if err != nil {
			return err
		}
		if e.Seq > to {
			return nil
		}
		l, err := describe(e)
		if err != nil {
			return err
		}
		if output == "json" {
			err = json.NewEncoder(w).Encode(l)
		} else {
			_, err = fmt.Fprintf(w, "%8d  %s  %s  %9d  %6d  %-16s %-8s %s\n", l.Number, l.Time.Format("2006-01-02T15:04:05.000Z"),
				l.File, l.Offset, l.Length, l.Interaction, l.Outcome, l.Client)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// describe reads what a record says.
func describe(e ledger.Entry) (line, error) {
	l := line{Number: e.Seq, Time: e.Time, File: e.At.File(), Offset: e.At.Offset, Length: e.Length()}
	it, err := audit.Decode(e)
	if err != nil {
		return l, fmt.Errorf("%s, offset %d: %w", l.File, l.Offset, err)
	}
	switch it.Kind {
	case audit.KindSettled, audit.KindClosed:
		l.Interaction, l.Outcome = "settled", "failed"
		if it.Took {
			l.Outcome = "done"
		}
	default:
		l.Interaction, l.Outcome, l.Client = string(it.Record.Interaction), outcomeName(it.Record.Outcome), it.Record.Client
	}
	return l, nil
}

func outcomeName(o audit.Outcome) string {
	switch o {
	case audit.Success:
		return "granted"
	case audit.MinorFailure:
		return "refused"
	}
	return "failed"
}
