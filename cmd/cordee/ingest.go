package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newIngest() *cobra.Command {
	var f ingestFlags
	c := &cobra.Command{
		Use:   "ingest --client FILE DOC…",
		Short: "Send documents to a running gateway and print the mapping report",
		Long: `Sends each document to the $ingest operation of the gateway that the client file
names. DOC is a file, a folder with all in it, or a pattern. The report says what
became of it: resources made, what was kept as text only, what was not
understood. A document that cannot be taken in is kept by the gateway in
quarantine; the command goes on with the next one and ends with 1.

With --journal an interrupted sending goes on where it was: documents that were
answered are not sent again. With --watch the command waits for documents in one
folder, and moves each to its folder "done" or "refused" once it is answered,
there with the report beside it; a program that writes into the folder should do so
under a name that begins with a point, and rename the file when it is complete.

The report is in French or English, as LANG says; with --output json it is one line
of JSON per document, with both.`,
		Example: `  cordee ingest --client practice.json vsm.xml
  cordee ingest --client practice.json --dry-run --full vsm.xml
  cordee ingest --client practice.json --journal sent.txt --output json archive/ | jq .
  cordee ingest --client practice.json --watch /var/spool/cordee`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	clientFlag(c, &f.client)
	outputFlag(c, &f.output)
	c.Flags().BoolVar(&f.full, "full", false, "tell of each item of a document what became of it")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "tell what would become of the documents, and store nothing")
	c.Flags().BoolVar(&f.watch, "watch", false, "wait for documents in the folder DOC, until interrupted")
	c.Flags().StringVar(&f.journal, "journal", "", "`FILE` that remembers what was answered, to go on after an interruption")
	c.Flags().IntVar(&f.parallel, "parallel", 4, "how many `DOCUMENTS` are under way at once")
	c.Flags().DurationVar(&f.patience, "patience", time.Minute, "how long to try again while the gateway cannot be reached")
	return c
}

type ingestFlags struct {
	client, output, journal string
	full, dryRun, watch     bool
	parallel                int
	patience                time.Duration
}

func (f *ingestFlags) run(c *cobra.Command, args []string) error {
	switch {
	case f.output != "text" && f.output != "json":
		return wrongOutput(f.output)
	case f.parallel < 1:
		return usage("--parallel %d is below 1", f.parallel)
	case f.dryRun && f.journal != "":
		return usage("--dry-run stores nothing, so there is nothing for --journal to remember")
	case f.watch && (f.dryRun || f.journal != "" || len(args) != 1):
		return usage("--watch takes one folder, and neither --dry-run nor --journal")
	}
	client, err := readClient(f.client)
	if err != nil {
		return err
	}
	gateway := caller.New(client)
	if f.output == "json" {
		gateway.Language = "en" // what scripts read is the same everywhere
	}
	s := &sending{gateway: gateway, options: caller.IngestOptions{Every: f.full, DryRun: f.dryRun}, patience: f.patience}
	if f.watch {
		return watch(c.Context(), args[0], s, f.printer(c))
	}
	docs, err := documents(args)
	if err != nil {
		return err
	}
	if s.journal, err = openJournal(f.journal); err != nil {
		return err
	}
	defer s.journal.close()
	return f.all(c, s, docs)
}

// all sends documents and prints what became of them, in their order.
func (f *ingestFlags) all(c *cobra.Command, s *sending, docs []string) error {
	failed, before, bar, show := 0, 0, newProgress(c.ErrOrStderr()), f.printer(c)
	err := inOrder(c.Context(), len(docs), f.parallel,
		func(ctx context.Context, i int) (*caller.Report, error) { return s.file(ctx, docs[i]) },
		func(i int, report *caller.Report) error {
			bar.done()
			defer bar.at(i+1, len(docs))
			if report == nil {
				before++
				return nil
			}
			if !report.Accepted {
				failed++
			}
			return show(report)
		})
	bar.done()
	if err != nil {
		return err
	}
	if before > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%d of %d documents were answered before\n", before, len(docs))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d documents were not taken in", failed, len(docs))
	}
	return nil
}

// printer prints reports to stdout.
func (f *ingestFlags) printer(c *cobra.Command) func(*caller.Report) error {
	if f.output == "json" {
		encoder := json.NewEncoder(c.OutOrStdout())
		return func(r *caller.Report) error { return encoder.Encode(r) }
	}
	return func(r *caller.Report) error {
		r.Print(c.OutOrStdout(), caller.Language())
		return nil
	}
}

// sending is how documents are sent.
type sending struct {
	gateway  *caller.Caller
	options  caller.IngestOptions
	journal  *journal
	patience time.Duration // how long to try again; below zero for ever
}

// file sends one file; the report is nil when the journal knows its document.
func (s *sending) file(ctx context.Context, name string) (*caller.Report, error) {
	document, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if s.journal.answered(document) {
		return nil, nil
	}
	report, err := s.document(ctx, filepath.Base(name), document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return report, s.journal.note(document, report.Status)
}

// document sends one document, again and again while only the way to the
// gateway, or its state, is at fault.
func (s *sending) document(ctx context.Context, name string, document []byte) (*caller.Report, error) {
	wait, end := time.Second/4, time.Now().Add(s.patience)
	for {
		report, err := s.gateway.Ingest(ctx, name, document, s.options)
		if !caller.Transient(report, err) || s.patience >= 0 && time.Now().Add(wait).After(end) {
			return report, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
			wait = min(wait*2, 30*time.Second)
		}
	}
}
