package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

func newRequest() *cobra.Command {
	var file, method, body, output string
	c := &cobra.Command{
		Use:   "request --client FILE [PATH]",
		Short: "Call the FHIR API of a running gateway as a client",
		Long: `Gets a token for the client and sends one request below its FHIR base. The answer
is printed in brief, as indented JSON, or as the bytes that came. A refusal is an
answer too: the exit code is 0 when the gateway answered.`,
		Example: `  cordee request --client platform.json "CarePlan?status=active"
  cordee request --client pharmacy.json --method POST --body interview.json
  cordee request --client practice.json --output json Patient/jeanne-durand`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, err := readClient(file)
			if err != nil {
				return err
			}
			r := caller.Request{Method: strings.ToUpper(method), Path: strings.Join(args, "")}
			if r.Body, err = readBody(c, body); err != nil {
				return err
			}
			if r.Method == "" {
				r.Method = http.MethodGet
				if r.Body != nil {
					r.Method = http.MethodPost
				}
			}
			answer, err := caller.New(client).Do(c.Context(), r)
			if err != nil {
				return err
			}
			return printAnswer(c.OutOrStdout(), answer, output)
		},
	}
	clientFlag(c, &file)
	c.Flags().StringVar(&method, "method", "", "HTTP method (GET, or POST with a body)")
	c.Flags().StringVar(&body, "body", "", "`FILE` to send, - for standard input")
	c.Flags().StringVar(&output, "output", "brief", "brief, json or raw")
	return c
}

func readBody(c *cobra.Command, name string) ([]byte, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		return io.ReadAll(c.InOrStdin())
	}
	return os.ReadFile(name)
}

func printAnswer(w io.Writer, a *caller.Response, output string) error {
	switch output {
	case "brief":
		return a.Brief(w)
	case "json":
		if len(a.Body) == 0 {
			return nil
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, a.Body, "", "  "); err != nil {
			return err
		}
		indented.WriteByte('\n')
		_, err := indented.WriteTo(w)
		return err
	case "raw":
		_, err := w.Write(a.Body)
		return err
	}
	return usage("--output %q is none of brief, json, raw", output)
}
