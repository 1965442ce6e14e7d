package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newIngest() *cobra.Command {
	var file, output string
	var full bool
	c := &cobra.Command{
		Use:   "ingest --client FILE DOC…",
		Short: "Send documents to a running gateway and print the mapping report",
		Long: `Sends each document to the $ingest operation of the gateway that the client file
names. The report says what became of it: resources made, what was kept as text
only, what was not understood. A document that cannot be taken in is kept by the
gateway in quarantine; the command goes on with the next one and ends with 1.

The report is in French or English, as LANG says; with --output json it is one line
of JSON per document, with both.`,
		Example: `  cordee ingest --client practice.json vsm.xml
  cordee ingest --client practice.json --full vsm.xml
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
			return ingest(c, client, docs, full, output)
		},
	}
	clientFlag(c, &file)
	outputFlag(c, &output)
	c.Flags().BoolVar(&full, "full", false, "tell of each item of a document what became of it")
	return c
}

func ingest(c *cobra.Command, client oauth.ClientFile, docs []string, full bool, output string) error {
	gateway := caller.New(client)
	if output == "json" {
		gateway.Language = "en" // what scripts read is the same everywhere
	}
	failed, bar := 0, newProgress(c.ErrOrStderr())
	for i, name := range docs {
		bar.at(i+1, len(docs), name)
		report, err := gateway.Ingest(c.Context(), name, full)
		bar.done()
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
		report.Print(c.OutOrStdout(), caller.Language())
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d documents were not taken in", failed, len(docs))
	}
	return nil
}
