package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
	"github.com/cordee-sante/cordee/fhir/store"
)

func newStoreStatus() *cobra.Command {
	var data, admin, output string
	c := &cobra.Command{
		Use:   "status --data DIR",
		Short: "Tell how far the custom search parameters are indexed",
		Long: `Lists the search parameters that SearchParameter resources define, their state
(indexing, ready, removing) and how far each is. Of a gateway that runs it asks the
operator's listener; indexing goes on only while one does.`,
		Example: "  cordee store status --data DATA\n  cordee store status --data DATA --admin 127.0.0.1:9091 --output json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return wrongOutput(output)
			}
			var list []store.CustomStatus
			err := withStore(c, data, func(cfg store.CheckConfig) error {
				s, err := store.Open(store.Config{Engine: cfg.Engine, Registry: cfg.Registry})
				if err != nil {
					return err
				}
				list = s.Customs()
				return s.Close()
			})
			if errors.Is(err, errRunning) {
				list, err = askStatus(c.Context(), admin)
			}
			if err != nil {
				return err
			}
			return tellStatus(c.OutOrStdout(), list, output)
		},
	}
	dataFlag(c, &data)
	outputFlag(c, &output)
	c.Flags().StringVar(&admin, "admin", gateway.DefaultAdmin, "`ADDRESS` of the operator's listener of a gateway that runs")
	return c
}

func askStatus(ctx context.Context, admin string) (list []store.CustomStatus, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/store", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the gateway is running and its operator's listener does not answer (--admin): %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the operator's listener answers %s", resp.Status)
	}
	return list, json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&list)
}

func tellStatus(w io.Writer, list []store.CustomStatus, output string) error {
	if output == "json" {
		if list == nil {
			list = []store.CustomStatus{}
		}
		return json.NewEncoder(w).Encode(list)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range list {
		fmt.Fprintf(t, "SearchParameter/%s\t%s\t%s\t%s\t%d %%\n", c.ID, c.Code, strings.Join(c.Types, ","), c.State, c.Percent)
	}
	return t.Flush()
}
