package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newQuarantine() *cobra.Command {
	c := &cobra.Command{
		Use:   "quarantine",
		Short: "List, show, retry and drop documents that could not be taken in",
		Long: `A document that cannot be read, or whose patient cannot be identified safely, is
kept whole by the gateway until its sender has put the cause right. The commands
call a running gateway as the client that sent it, or another of its organisation.`,
		Example: "  cordee quarantine list --client practice.json\n  cordee quarantine retry --client practice.json --all",
	}
	c.AddCommand(newQuarantineList(), newQuarantineShow(), newQuarantineRetry(), newQuarantineDrop())
	return c
}

func newQuarantineList() *cobra.Command {
	var file, output string
	c := &cobra.Command{
		Use:   "list --client FILE",
		Short: "List the documents in quarantine, the oldest first",
		Example: `  cordee quarantine list --client practice.json
  cordee quarantine list --client practice.json --output json | jq -r .id`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			client, err := readClient(file)
			if err != nil {
				return err
			}
			list, err := caller.New(client).Quarantine(c.Context())
			if err != nil {
				return err
			}
			return printQuarantine(c.OutOrStdout(), list, output)
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &output)
	return c
}

func printQuarantine(w io.Writer, list []caller.Quarantined, output string) error {
	if output == "json" {
		encoder := json.NewEncoder(w)
		for _, q := range list {
			if err := encoder.Encode(q); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, q := range list {
		reason := ""
		if len(q.Reasons) > 0 {
			reason = q.Reasons[0].ID
		}
		if more := len(q.Reasons) - 1; more > 0 {
			reason += fmt.Sprintf(" +%d", more)
		}
		fmt.Fprintf(table, "%s\t%s\t%d bytes\t%s\n", q.ID, q.Since.Local().Format(time.RFC3339), q.Size, reason)
	}
	return table.Flush()
}

func newQuarantineShow() *cobra.Command {
	var file, output, original string
	c := &cobra.Command{
		Use:   "show --client FILE ID",
		Short: "Tell why a document is in quarantine, or get its bytes",
		Example: `  cordee quarantine show --client practice.json 3PBC6QJ4V6C2YV5Y
  cordee quarantine show --client practice.json --original document.xml 3PBC6QJ4V6C2YV5Y`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			client, err := readClient(file)
			if err != nil {
				return err
			}
			gateway := caller.New(client)
			q, err := gateway.Held(c.Context(), documentID(args[0]))
			if err != nil {
				return err
			}
			if original != "" {
				data, err := gateway.Original(c.Context(), q)
				if err != nil {
					return err
				}
				return writeNew(c.OutOrStdout(), original, data)
			}
			if output == "json" {
				return json.NewEncoder(c.OutOrStdout()).Encode(q)
			}
			w := c.OutOrStdout()
			fmt.Fprintf(w, "DocumentReference/%s\n  %d bytes, %s\n  since %s\n", q.ID, q.Size, q.ContentType, q.Since.Local().Format(time.RFC3339))
			for _, r := range q.Reasons {
				fmt.Fprintf(w, "  %s: %s\n", r.ID, r.Text)
			}
			return nil
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &output)
	c.Flags().StringVar(&original, "original", "", "write the document as it came to `FILE`, - for stdout")
	return c
}

// documentID takes an id or a reference.
func documentID(arg string) string { return strings.TrimPrefix(arg, "DocumentReference/") }

// writeNew writes a file that only its owner can read and that is not there
// yet, or stdout.
func writeNew(stdout io.Writer, name string, data []byte) error {
	if name == "-" {
		_, err := stdout.Write(data)
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func newQuarantineRetry() *cobra.Command {
	var file string
	var all bool
	f := ingestFlags{patience: time.Minute}
	c := &cobra.Command{
		Use:   "retry --client FILE ID…",
		Short: "Send documents in quarantine again, after their cause was put right",
		Long: `Sends the bytes that are kept to $ingest once more, after the gateway learned to read
them or the record that they did not fit was mended. A document that is taken in
leaves quarantine; the result is that of a first arrival.`,
		Example: `  cordee quarantine retry --client practice.json 3PBC6QJ4V6C2YV5Y
  cordee quarantine retry --client practice.json --all --output json | jq .accepted`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case f.output != "text" && f.output != "json":
				return wrongOutput(f.output)
			case all == (len(args) > 0):
				return usage("name documents, or --all")
			}
			client, err := readClient(file)
			if err != nil {
				return err
			}
			return retry(c, caller.New(client), args, &f)
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &f.output)
	c.Flags().BoolVar(&all, "all", false, "all that the client may see")
	return c
}

// retry sends documents again; all that there are when none is named.
func retry(c *cobra.Command, gateway *caller.Caller, ids []string, f *ingestFlags) error {
	var list []caller.Quarantined
	if len(ids) == 0 {
		var err error
		if list, err = gateway.Quarantine(c.Context()); err != nil {
			return err
		}
	}
	for _, id := range ids {
		q, err := gateway.Held(c.Context(), documentID(id))
		if err != nil {
			return err
		}
		list = append(list, q)
	}
	s, show, failed := &sending{gateway: gateway, patience: f.patience}, f.printer(c), 0
	for _, q := range list {
		data, err := gateway.Original(c.Context(), q)
		if err != nil {
			return err
		}
		report, err := s.document(c.Context(), q.ID, data)
		if err != nil {
			return err
		}
		if !report.Accepted {
			failed++
		}
		if err := show(report); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d documents were not taken in", failed, len(list))
	}
	return nil
}

func newQuarantineDrop() *cobra.Command {
	var file string
	var yes bool
	c := &cobra.Command{
		Use:   "drop --client FILE ID…",
		Short: "Delete documents in quarantine that are of no use",
		Long: `Deletes the DocumentReference and the bytes. The audit trail and the history still
tell that there was a document.`,
		Example: "  cordee quarantine drop --client practice.json --yes 3PBC6QJ4V6C2YV5Y",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, err := readClient(file)
			if err != nil {
				return err
			}
			gateway := caller.New(client)
			for _, arg := range args {
				q, err := gateway.Held(c.Context(), documentID(arg))
				if err != nil {
					return err
				}
				if !yes {
					if err := confirm(c, fmt.Sprintf("delete DocumentReference/%s and its %d bytes?", q.ID, q.Size)); err != nil {
						return err
					}
				}
				if err := gateway.Drop(c.Context(), q); err != nil {
					return err
				}
				fmt.Fprintf(c.ErrOrStderr(), "DocumentReference/%s is deleted\n", q.ID)
			}
			return nil
		},
	}
	clientFlag(c, &file)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// confirm asks a person. Without a terminal there is nobody to ask, which
// refuses.
func confirm(c *cobra.Command, question string) error {
	f, isFile := c.InOrStdin().(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return usage("there is no terminal to ask on: add --yes to delete without being asked")
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s [y/N] ", question)
	answer, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return err
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" && a != "o" && a != "oui" {
		return fmt.Errorf("nothing was deleted")
	}
	return nil
}
