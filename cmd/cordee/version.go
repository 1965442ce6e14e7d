package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build describes the binary.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Date    string `json:"date,omitempty"`
	Go      string `json:"go"`
	FHIR    string `json:"fhir"`
}

// readBuild reads what the Go linker recorded.
func readBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), FHIR: "4.0.1"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		}
	}
	return b
}

func newVersion() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the binary",
		Example: "  cordee version\n  cordee version --output json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			b := readBuild()
			switch output {
			case "json":
				return json.NewEncoder(c.OutOrStdout()).Encode(b)
			case "text":
				fmt.Fprintf(c.OutOrStdout(), "cordee %s, FHIR %s, %s\n", b.Version, b.FHIR, b.Go)
				return nil
			}
			return wrongOutput(output)
		},
	}
	outputFlag(c, &output)
	return c
}

func outputFlag(c *cobra.Command, output *string) {
	c.Flags().StringVar(output, "output", "text", "text, or json for scripts")
}

func wrongOutput(output string) error {
	return usage("--output %q is neither text nor json", output)
}
