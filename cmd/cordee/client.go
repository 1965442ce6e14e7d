package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
)

func newClient() *cobra.Command {
	c := &cobra.Command{
		Use:   "client",
		Short: "Register, list and revoke clients",
		Long: `Clients are the software that may ask for tokens. The commands work on the data
folder while the gateway is stopped.`,
		Example: "  cordee client list --data DATA",
	}
	c.AddCommand(newClientAdd(), newClientList(), newClientRevoke())
	return c
}

// dataFlag adds --data with the default of serve.
func dataFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "data", gateway.DefaultData, "`DIR` where the gateway keeps its data")
}

// withClients opens the registry of a data folder.
func withClients(ctx context.Context, dir string, f func(*oauth.Clients) error) error {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("no data folder: %w", err)
	}
	engine, err := gateway.OpenEngine(dir)
	if err != nil {
		return fmt.Errorf("%w (is the gateway running on this folder?)", err)
	}
	defer engine.Close()
	return f(oauth.NewClients(gateway.OAuthEngine(engine), time.Now))
}

// registration are the flags of client add.
type registration struct {
	id, name, organization, scope, jwks, out, base string
	roles, purposes, subjects                      []string
}

func newClientAdd() *cobra.Command {
	var dir string
	var r registration
	c := &cobra.Command{
		Use:   "add --id ID --name NAME --organization Organization/ID --scope SCOPES",
		Short: "Register a client",
		Long: `Registers a client with its public keys (--jwks FILE), or makes a key pair and writes
a client file with the private key (--out FILE) that 'cordee token' can use.`,
		Example: `  cordee client add --data DATA --id agenda-msp --name "Agenda MSP" \
    --organization Organization/msp-tilleuls --scope "system/Patient.rs" --jwks agenda.jwks.json
  cordee client add --data DATA --id labo --name "Laboratoire" --organization Organization/labo \
    --scope "system/*.cruds" --out labo.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withClients(c.Context(), dir, func(clients *oauth.Clients) error {
				return r.add(c, clients)
			})
		},
	}
	dataFlag(c, &dir)
	f := c.Flags()
	f.StringVar(&r.id, "id", "", "client id")
	f.StringVar(&r.name, "name", "", "name for people")
	f.StringVar(&r.organization, "organization", "", "organisation it acts for, `Organization/ID`")
	f.StringVar(&r.scope, "scope", "", "SMART scopes it may ask for, separated by spaces")
	f.StringVar(&r.jwks, "jwks", "", "`FILE` with its public keys (RFC 7517)")
	f.StringVar(&r.out, "out", "", "make a key pair and write the client `FILE`")
	f.StringVar(&r.base, "base", "http://127.0.0.1:8080/fhir", "FHIR base `URL` for the client file")
	f.StringSliceVar(&r.roles, "role", nil, "role: officer, contributor, practice, platform, operator, registrar, patient, representative (repeatable)")
	f.StringSliceVar(&r.purposes, "purpose", []string{"TREAT"}, "purpose of use it may state (repeatable)")
	f.StringSliceVar(&r.subjects, "subject", nil, "person it may speak for, or * for any of its organisation (repeatable)")
	return c
}

func (r *registration) add(c *cobra.Command, clients *oauth.Clients) error {
	if (r.jwks == "") == (r.out == "") {
		return usage("give either --jwks FILE or --out FILE")
	}
	scopes, err := auth.ParseScopes(r.scope)
	if err != nil {
		return err
	}
	client := oauth.Client{ID: r.id, Name: r.name, Organization: r.organization, Roles: r.roles, Purposes: r.purposes, Subjects: r.subjects, Scopes: scopes}
	if r.jwks != "" {
		if client.JWKS, err = os.ReadFile(r.jwks); err != nil {
			return err
		}
		_, err = clients.Add(c.Context(), client)
		return said(c, err, "client %s registered\n", r.id)
	}
	if err := gateway.Register(c.Context(), clients, client, gateway.ClientFile{Path: r.out, Base: r.base}); err != nil {
		return err
	}
	return said(c, nil, "client %s registered, its private key is in %s\n", r.id, r.out)
}

// said tells on stderr what was done, unless it failed.
func said(c *cobra.Command, err error, format string, args ...any) error {
	if err == nil {
		fmt.Fprintf(c.ErrOrStderr(), format, args...)
	}
	return err
}

func newClientList() *cobra.Command {
	var dir, output string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the clients",
		Example: "  cordee client list --data DATA\n  cordee client list --data DATA --output json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withClients(c.Context(), dir, func(clients *oauth.Clients) error {
				list, err := clients.List(c.Context())
				if err != nil {
					return err
				}
				return printClients(c, list, output)
			})
		},
	}
	dataFlag(c, &dir)
	outputFlag(c, &output)
	return c
}

func printClients(c *cobra.Command, list []oauth.Client, output string) error {
	switch output {
	case "json":
		return json.NewEncoder(c.OutOrStdout()).Encode(list)
	case "text":
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tORGANIZATION\tROLES\tSTATE\tSCOPES")
		for _, cl := range list {
			state := "active"
			if !cl.Revoked.IsZero() {
				state = "revoked " + cl.Revoked.Format(time.DateOnly)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", cl.ID, cl.Name, cl.Organization, strings.Join(cl.Roles, ","), state, cl.Scopes)
		}
		return w.Flush()
	}
	return wrongOutput(output)
}

func newClientRevoke() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "revoke ID",
		Short:   "Revoke a client: its tokens end, and it gets no more",
		Example: "  cordee client revoke --data DATA agenda-msp",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withClients(c.Context(), dir, func(clients *oauth.Clients) error {
				return said(c, clients.Revoke(c.Context(), args[0]), "client %s revoked\n", args[0])
			})
		},
	}
	dataFlag(c, &dir)
	return c
}
