package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/auth/oauth"
)

func newToken() *cobra.Command {
	var file, scope string
	var revoke bool
	var who oauth.Declaration
	c := &cobra.Command{
		Use:   "token --client FILE",
		Short: "Get an access token (SMART Backend Services) and print it alone",
		Long: `Signs an assertion with the private key of the client file and exchanges it at the
token endpoint for an access token of at most five minutes. Nothing but the token
is written to stdout.

--purpose, --organization, --subject and --profession go into the assertion as
hl7-b2b; --patient and --reason break the glass of one patient (docs/break-glass.md).

--revoke takes back the token on stdin (RFC 7009); of one that breaks the glass the
session ends.`,
		Example: `  cordee token --client DATA/demo/clients/platform.json
  cordee token --client platform.json --scope "system/CarePlan.rs system/CareTeam.rs"
  curl -H "Authorization: Bearer $(cordee token --client platform.json)" \
    http://127.0.0.1:8080/fhir/CarePlan?status=active
  echo "$TOKEN" | cordee token --client samu.json --revoke`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 { // which may well be a token, and is not repeated
				return usage("an argument too much: a token to take back comes on stdin")
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := readClient(file)
			if err != nil {
				return err
			}
			if revoke {
				token, err := io.ReadAll(io.LimitReader(c.InOrStdin(), 1<<10))
				if err != nil {
					return err
				}
				return oauth.Revoke(c.Context(), client, strings.TrimSpace(string(token)))
			}
			token, err := oauth.ExchangeAs(c.Context(), client, scope, who)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token.AccessToken)
			return err
		},
	}
	clientFlag(c, &file)
	c.Flags().StringVar(&scope, "scope", "", "scopes to ask for, separated by spaces (all that the client has)")
	c.Flags().BoolVar(&revoke, "revoke", false, "take back the token on stdin instead")
	c.Flags().StringVar(&who.Purpose, "purpose", "", "`CODE` of v3-ActReason that it is for: TREAT, BTG, …")
	c.Flags().StringVar(&who.Organization, "organization", "", "`REFERENCE` of the client's organisation; with --purpose")
	c.Flags().StringVar(&who.Subject, "subject", "", "the person: Practitioner/`ID`, PractitionerRole/ID or an RPPS number")
	c.Flags().StringVar(&who.Profession, "profession", "", "`CODE` of TRE_G15-ProfessionSante of the person")
	c.Flags().StringVar(&who.Patient, "patient", "", "Patient/`ID` whose glass is broken, with --purpose BTG")
	c.Flags().StringVar(&who.Reason, "reason", "", "why the glass is broken, 10 to 500 characters")
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
