package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

func newAuditList() *cobra.Command {
	var data, output string
	var from, to uint64
	var glass bool
	c := &cobra.Command{
		Use:   "list --data DIR",
		Short: "List the records of the trail and where in its files they stand",
		Long: `Lists the records as they stand in the files: number, time, file, offset and length
in bytes, interaction, outcome, client. It needs only the files, and works while
the gateway runs. It proves nothing: that is what 'cordee audit verify' is for. Who
saw whose record is asked of the gateway (AuditEvent), which records the question.

A change has two records: one before it is made, and one (settled) that says
whether it took effect.

--break-glass lists what was done in emergencies alone, with the person, the
patients and, where a session begins, its reason: what an officer reviews.`,
		Example: `  cordee audit list --data DATA --from 100 --to 120
  cordee audit list --data DATA --output json | jq 'select(.outcome == "refused")'
  cordee audit list --data DATA --break-glass`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			return listTrail(c.OutOrStdout(), gateway.TrailDir(data), listing{from, to, output, glass})
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	c.Flags().Uint64Var(&from, "from", 0, "number `N` of the first record")
	c.Flags().Uint64Var(&to, "to", math.MaxUint64, "number `N` of the last record (default: of the last there is)")
	c.Flags().BoolVar(&glass, "break-glass", false, "only what was done in emergencies")
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

	// Of break-glass.
	Person   string   `json:"person,omitempty"`
	Patients []string `json:"patients,omitempty"`
	Reason   string   `json:"reason,omitempty"`
}

// A listing says what is listed and how.
type listing struct {
	from, to uint64
	output   string
	glass    bool // of break-glass alone
}

func listTrail(w io.Writer, dir string, what listing) error {
	for e, err := range ledger.Scan(dir, what.from) {
		var damage *ledger.DamageError
		if errors.As(err, &damage) {
			return fmt.Errorf("%w ('cordee audit verify' says what was done)", err)
		}
		if err != nil {
			return err
		}
		if e.Seq > what.to {
			return nil
		}
		l, emergency, err := describe(e)
		if err == nil && (emergency || !what.glass) {
			err = what.print(w, l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (what listing) print(w io.Writer, l line) (err error) {
	switch {
	case what.output == "json":
		return json.NewEncoder(w).Encode(l)
	case what.glass:
		_, err = fmt.Fprintf(w, "%8d  %s  %-16s %-8s %s, %s: %s", l.Number, l.Time.Format("2006-01-02T15:04:05.000Z"),
			l.Interaction, l.Outcome, l.Client, l.Person, strings.Join(l.Patients, " "))
		if l.Reason != "" {
			fmt.Fprintf(w, " (%s)", printable(l.Reason))
		}
		fmt.Fprintln(w)
	default:
		_, err = fmt.Fprintf(w, "%8d  %s  %s  %9d  %6d  %-16s %-8s %s\n", l.Number, l.Time.Format("2006-01-02T15:04:05.000Z"),
			l.File, l.Offset, l.Length, l.Interaction, l.Outcome, l.Client)
	}
	return err
}

// printable keeps what somebody wrote from moving the cursor of a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// describe reads what a record says, and whether it is of an emergency.
func describe(e ledger.Entry) (l line, emergency bool, err error) {
	l = line{Number: e.Seq, Time: e.Time, File: e.At.File(), Offset: e.At.Offset, Length: e.Length()}
	it, err := audit.Decode(e)
	if err != nil {
		return l, false, fmt.Errorf("%s, offset %d: %w", l.File, l.Offset, err)
	}
	switch it.Kind {
	case audit.KindSettled, audit.KindClosed:
		l.Interaction, l.Outcome = "settled", "failed"
		if it.Took {
			l.Outcome = "done"
		}
	default:
		r := &it.Record
		l.Interaction, l.Outcome, l.Client = string(r.Interaction), outcomeName(r.Outcome), r.Client
		if emergency = r.Purpose == auth.PurposeBreakTheGlass; emergency {
			l.Person, l.Patients = cmp.Or(r.Agent, r.AgentID, r.Role), r.Patients
		}
		if r.Interaction == audit.InteractionEmergencyStart {
			l.Reason = r.Query.Clean
		}
	}
	return l, emergency, nil
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
