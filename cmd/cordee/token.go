package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth/oauth"
)

func newToken() *cobra.Command {
	var file, scope string
	c := &cobra.Command{
		Use:   "token --client FILE",
		Short: "Get an access token (SMART Backend Services) and print it alone",
		Long: `Signs an assertion with the private key of the client file and exchanges it at the
token endpoint for an access token of at most five minutes. Nothing but the token
is written to stdout.`,
		Example: `  cordee token --client DATA/demo/clients/platform.json
  cordee token --client platform.json --scope "system/CarePlan.rs system/CareTeam.rs"
  curl -H "Authorization: Bearer $(cordee token --client platform.json)" \
    http://127.0.0.1:8080/fhir/CarePlan?status=active`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := readClient(file)
			if err != nil {
				return err
			}
			token, err := oauth.Exchange(c.Context(), client, scope)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token.AccessToken)
			return err
		},
	}
	clientFlag(c, &file)
	c.Flags().StringVar(&scope, "scope", "", "scopes to ask for, separated by spaces (all that the client has)")
	return c
}

// clientFlag adds the mandatory --client.
func clientFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "client", "", "client `FILE` with its id, private key and token endpoint")
}

func readClient(file string) (oauth.ClientFile, error) {
	if file == "" {
		return oauth.ClientFile{}, usage("--client FILE is missing")
	}
	client, err := oauth.ReadClientFile(file)
	if err != nil {
		return client, fmt.Errorf("client file: %w", err)
	}
	return client, nil
}
