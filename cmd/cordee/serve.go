package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen, data, config, output, acceptLoss string
	demo                                     bool
}

func newServe() *cobra.Command { return new(serveFlags).command() }

func (f *serveFlags) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway",
		Long: `Serves the FHIR API under /fhir and the authorization server beside it until it is
told to stop (SIGTERM or Ctrl-C: requests under way are finished, a last checkpoint
of the trail is signed; a second Ctrl-C stops at once).

With --demo it opens with a fictional territory, accepts test identities, listens
on loopback only, and writes a client file for each piece of software of the
territory to DATA/demo/clients.`,
		Example: `  cordee serve --demo
  cordee serve --listen 127.0.0.1:9090 --data /var/lib/cordee
  cordee serve --config /etc/cordee.yaml --output json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.serve(c) },
	}
	fs := c.Flags()
	fs.StringVar(&f.listen, "listen", gateway.DefaultListen, "`ADDRESS` of the API")
	fs.StringVar(&f.data, "data", gateway.DefaultData, "`DIR` of everything that is kept (with --demo: a new temporary one)")
	fs.StringVar(&f.config, "config", "", "configuration `FILE` (YAML); flags win over it")
	fs.StringVar(&f.output, "output", "text", "what to print when ready: text, or one line of json")
	fs.StringVar(&f.acceptLoss, "accept-loss", "", "go on although acknowledged changes are missing, for this `REASON`; the trail keeps it")
	fs.BoolVar(&f.demo, "demo", false, "open with the fictional territory")
	return c
}

func (f *serveFlags) serve(c *cobra.Command) error {
	if f.output != "text" && f.output != "json" {
		return wrongOutput(f.output)
	}
	cfg, err := f.configuration(c)
	if err := configurationFaults(err, cfg); err != nil {
		return err
	}
	if cfg.Demo && !c.Flags().Changed("data") {
		if cfg.Data, err = os.MkdirTemp("", "cordee-demo-"); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	spendMemory(cfg.Memory)
	server, err := gateway.Start(c.Context(), cfg, readBuild().Version, log)
	if err != nil {
		return err
	}
	if err := f.ready(c.OutOrStdout(), cfg, server); err != nil {
		return err
	}
	return server.Wait(c.Context())
}

// spendMemory lets the heap grow to three times what is in use before it is
// collected, instead of twice: a twentieth less processor time. From the limit on
// it is collected as often as it takes to stay below. GOGC and GOMEMLIMIT in the
// environment win.
func spendMemory(limit gateway.Memory) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(limit))
	}
}

// configuration is the file with the flags that were given on top, as far as it
// could be read.
func (f *serveFlags) configuration(c *cobra.Command) (gateway.Config, error) {
	cfg, err := gateway.ReadConfig(f.config)
	if c.Flags().Changed("listen") {
		cfg.Listen = f.listen
	}
	if c.Flags().Changed("data") {
		cfg.Data = f.data
	}
	cfg.Demo, cfg.AcceptLoss = f.demo, f.acceptLoss
	return cfg, err
}

// ready tells where the gateway is, and with --demo what to try.
func (f *serveFlags) ready(w io.Writer, cfg gateway.Config, s *gateway.Server) error {
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return err
	}
	demo := ""
	if cfg.Demo {
		demo = filepath.Join(data, "demo")
	}
	if f.output == "json" {
		return json.NewEncoder(w).Encode(struct {
			FHIR   string `json:"fhir"`
			Issuer string `json:"issuer"`
			Admin  string `json:"admin,omitempty"`
			Data   string `json:"data"`
			Demo   string `json:"demo,omitempty"`
		}{s.Base(), s.Origin(), s.Admin(), data, demo})
	}
	fmt.Fprintf(w, "Cordée is ready on %s\n\n  FHIR base  %s\n  data       %s\n", s.Origin(), s.Base(), data)
	if s.Admin() != "" {
		fmt.Fprintf(w, "  operator   %s/metrics, /health/ready\n", s.Admin())
	}
	if demo != "" {
		fmt.Fprintf(w, `
Fictional data: nobody in them exists. In another terminal:

  export DATA=%s DEMO=%s
  cordee request --client $DEMO/clients/platform.json "CarePlan?status=active"
  cordee request --client $DEMO/clients/outsider.json Patient/jeanne-durand
  cordee audit verify --data $DATA

(cordee is "go run ./cmd/cordee" in a clone. README.md tells the whole story.)
`, data, demo)
	}
	return nil
}
