package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/cmd/cordee/demo"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Demo opens the fictional territory: its records, written through the guard
// like everything else, and a client file for each piece of software in it.
// What is there already stays as it is.
func (g *Gateway) Demo(ctx context.Context) error {
	for _, b := range demo.Bundles() {
		if err := g.seed(ctx, b); err != nil {
			return fmt.Errorf("demo: %s: %w", b.Name, err)
		}
	}
	dir := g.DemoClients()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for _, c := range demo.Clients() {
		file := filepath.Join(dir, c.Name+".json")
		if known, err := oauth.ReadClientFile(file); err == nil {
			if err := g.readdress(file, known); err != nil {
				return fmt.Errorf("demo: client %s: %w", c.Name, err)
			}
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		scopes, err := auth.ParseScopes(c.Scopes)
		if err != nil {
			return fmt.Errorf("demo: client %s: %w", c.Name, err)
		}
		client := oauth.Client{ID: c.Name, Name: c.Title, Organization: c.Organization, Roles: c.Roles, Purposes: []string{c.Purpose}, Scopes: scopes}
		if c.Purpose == auth.PurposeTreatment {
			client.Subjects = []string{"*"} // speaks for whoever works there
		}
		if err := Register(ctx, g.Clients(), client, ClientFile{Path: file, Base: g.base}); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// readdress points the file of a client that is registered already to where the
// gateway is now: a demo may come back on another port.
func (g *Gateway) readdress(file string, c oauth.ClientFile) error {
	if c.FHIRBase == g.base {
		return nil
	}
	c.FHIRBase, c.TokenEndpoint = g.base, g.origin+oauth.TokenPath
	if err := os.Remove(file); err != nil {
		return err
	}
	return oauth.WriteClientFile(file, c)
}

// DemoClients is the folder of the demo's client files.
func (g *Gateway) DemoClients() string { return filepath.Join(g.cfg.Data, "demo", "clients") }

// seed commits one Bundle as the organisation that contributes it.
func (g *Gateway) seed(ctx context.Context, b demo.Bundle) error {
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		return err
	}
	ctx = auth.WithPrincipal(ctx, auth.Principal{Client: "demo", ClientName: "Demonstration territory", Organization: b.Contributor,
		Roles: []string{auth.RoleRegistrar}, Purpose: "TREAT", Scopes: scopes})
	doc, err := fhirjson.Parse(b.Body)
	if err != nil {
		return err
	}
	var changes []fhir.Change
	for entry := range doc.Root().Get("entry").Items() {
		key, ok := fhir.ParseReference(entry.At("request", "url").Text())
		if !ok || entry.At("request", "method").Text() != "PUT" {
			return errors.New("the territory holds PUT entries only")
		}
		changes = append(changes, fhir.Change{Method: fhir.Update, Key: key, FullURL: entry.Get("fullUrl").Text(), Body: []byte(entry.Get("resource").Raw())})
	}
	_, err = g.records.Commit(ctx, changes)
	return err
}
