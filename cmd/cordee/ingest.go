package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newIngest() *cobra.Command {
	var file, output string
	c := &cobra.Command{
		Use:   "ingest --client FILE DOC…",
		Short: "Send documents to a running gateway and print the mapping report",
		Long: `Sends each document to the $ingest operation of the gateway that the client file
names. The report says what became of it: resources made, what was kept as text
only, what was not understood. A document that cannot be taken in is kept by the
gateway in quarantine; the command goes on with the next one and ends with 1.`,
		Example: `  cordee ingest --client practice.json vsm.xml
  cordee ingest --client practice.json --output json *.xml | jq .`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, docs []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			client, err := readClient(file)
			if err != nil {
				return err
			}
			return ingest(c, client, docs, output)
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &output)
	return c
}

func ingest(c *cobra.Command, client oauth.ClientFile, docs []string, output string) error {
	gateway := caller.New(client)
	failed := 0
	for i, name := range docs {
		progress(c, "%d/%d %s", i+1, len(docs), name)
		report, err := gateway.Ingest(c.Context(), name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !report.Accepted {
			failed++
		}
		if output == "json" {
			if err := json.NewEncoder(c.OutOrStdout()).Encode(report); err != nil {
				return err
			}
			continue
		}
		report.Print(c.OutOrStdout())
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d documents were not taken in", failed, len(docs))
	}
	return nil
}

// progress tells on a terminal which document is on its way.
func progress(c *cobra.Command, format string, args ...any) {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		fmt.Fprintf(c.ErrOrStderr(), format+"\n", args...)
	}
}
