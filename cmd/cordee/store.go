package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

func newStore() *cobra.Command {
	c := &cobra.Command{
		Use:     "store",
		Short:   "Check the index of the records, and make it anew",
		Example: "  cordee store check --data DATA\n  cordee store reindex --data DATA",
	}
	c.AddCommand(newStoreCheck(), newStoreReindex(), newStoreStatus())
	return c
}

func newStoreCheck() *cobra.Command {
	var data, output string
	c := &cobra.Command{
		Use:   "check --data DIR",
		Short: "Work the whole index out anew from the records and compare",
		Long: `Works out from every record what the search index, the histories and the chain of
versions must hold, and compares it with what is stored, both ways: what is
missing, what is wrong, and what should not be there. It changes nothing. The
gateway must be stopped.

It names records by type and id and never says what they hold.

Exit codes: 0 sound, 4 the index is wrong (store reindex mends it), 5 records are
damaged or lost (restore them from a backup).`,
		Example: `  cordee store check --data DATA
  cordee store check --data DATA --output json | jq .findings`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			return withStore(c, data, func(cfg store.CheckConfig) error {
				report, err := store.Check(c.Context(), cfg)
				if err != nil {
					return err
				}
				return tellCheck(c.OutOrStdout(), &report, output)
			})
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	return c
}

func newStoreReindex() *cobra.Command {
	var data, output string
	c := &cobra.Command{
		Use:   "reindex --data DIR",
		Short: "Mend the index wherever it differs from the records",
		Long: `Works the whole index out anew as store check does, writes what is missing or wrong
and removes what is stale; then checks again and reports what is left. Records
themselves are not touched. The gateway must be stopped. Stopped halfway, it goes
on when it is run again.

Exit codes: those of store check, of what is left.`,
		Example: "  cordee store reindex --data DATA",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			return withStore(c, data, func(cfg store.CheckConfig) error {
				mended, err := store.Reindex(c.Context(), cfg)
				if err != nil {
					return err
				}
				report, err := store.Check(c.Context(), cfg)
				if err != nil {
					return err
				}
				report.Repaired = mended.Repaired
				return tellCheck(c.OutOrStdout(), &report, output)
			})
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	return c
}

var errRunning = errors.New("the gateway is running on this folder: stop it first")

// withStore opens the engine of a data folder, and the search parameters as the
// gateway that wrote there had them.
func withStore(c *cobra.Command, dir string, f func(store.CheckConfig) error) error {
	if _, err := os.Stat(filepath.Join(dir, "store")); err != nil {
		return fmt.Errorf("no data folder: %w", err)
	}
	engine, err := gateway.OpenEngine(dir)
	if errors.Is(err, kv.ErrLocked) {
		return errRunning
	} else if err != nil {
		return err
	}
	defer engine.Close()
	registry, err := registryOf(c.Context(), engine)
	if err != nil {
		return err
	}
	p := newProgress(c.ErrOrStderr())
	defer p.done()
	return f(store.CheckConfig{Engine: engine, Registry: registry, Progress: func(s store.Progress) {
		p.part(s.Step, s.Steps, fmt.Sprintf("%s, %d", s.What, s.Done))
	}})
}

func registryOf(ctx context.Context, e kv.Engine) (*search.Registry, error) {
	index, err := store.IndexOf(ctx, e)
	if err != nil {
		return nil, err
	}
	if index == "" {
		return nil, errors.New("the folder holds no store whose index is known: start the gateway on it once")
	}
	cfg, err := search.ConfigOf(index)
	if err != nil {
		return nil, err
	}
	return search.New(cfg)
}

// The exit codes of store check.
const (
	exitIndexWrong  = 4
	exitRecordsLost = 5
)

func tellCheck(w io.Writer, r *store.Report, output string) error {
	if output == "json" {
		if err := json.NewEncoder(w).Encode(r); err != nil {
			return err
		}
	} else {
		sayCheck(w, r)
	}
	switch {
	case r.Beyond() > 0:
		return &exit{code: exitRecordsLost}
	case !r.Sound():
		return &exit{code: exitIndexWrong}
	}
	return nil
}

func sayCheck(w io.Writer, r *store.Report) {
	fmt.Fprintln(w, spoken(fhir.T("%d resources (and %d deleted), %d earlier versions, %d index rows, %d postings, %d history entries.",
		"%d ressources (et %d supprimées), %d versions antérieures, %d lignes d'index, %d entrées d'index, %d entrées d'historique.",
		r.Resources, r.Deleted, r.Versions, r.Rows, r.Postings, r.History)))
	if r.Repaired > 0 {
		fmt.Fprintln(w, spoken(fhir.T("%d keys were written or removed.", "%d clés ont été écrites ou supprimées.", r.Repaired)))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s %s: %d (%s)\n", f.Part, f.Fault, f.Count, strings.Join(f.Examples, ", "))
	}
	switch {
	case r.Beyond() > 0:
		fmt.Fprintln(w, spoken(fhir.T("Records are damaged or lost: restore them from a backup.",
			"Des enregistrements sont endommagés ou perdus : restaurez-les depuis une sauvegarde.")))
	case !r.Sound():
		fmt.Fprintln(w, spoken(fhir.T("The index is wrong; the records are whole: run 'cordee store reindex'.",
			"L'index est faux ; les enregistrements sont intacts : lancez « cordee store reindex ».")))
	default:
		fmt.Fprintln(w, spoken(fhir.T("The index says what the records say.", "L'index dit ce que disent les enregistrements.")))
	}
}
