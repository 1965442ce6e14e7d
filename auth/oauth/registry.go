package oauth

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/go-json-experiment/json"
)

// Clients is the registry of clients. A client is never changed and never
// deleted: it is revoked, and another is added.
type Clients struct {
	engine kv.Engine
	clock  func() time.Time

	// revocations counts the clients revoked by this process: what was
	// introspected before the last one is looked up again.
	revocations atomic.Uint64
}

// NewClients returns the registry in the engine, which is the one of the
// Server's Config. A nil clock is time.Now.
func NewClients(engine kv.Engine, clock func() time.Time) *Clients {
	if clock == nil {
		clock = time.Now
	}
	return &Clients{engine: engine, clock: clock}
}

// Add registers a client and returns it as registered. It fails with
// Unprocessable when the registration is at fault, with Conflict when the id is
// taken, be it by a client that was revoked.
func (c *Clients) Add(ctx context.Context, client Client) (Client, error) {
	if err := client.validate(); err != nil {
		return Client{}, err
	}
	client.Created, client.Revoked = c.clock().UTC().Truncate(time.Second), time.Time{}
	key := clientKey(client.ID)
	err := c.engine.Update(ctx, func(w kv.Writer) error {
		values, err := w.Get(ctx, key)
		if err != nil {
			return err
		}
		if values[0] != nil {
			return errTaken()
		}
		return putClient(w, client)
	})
	if err != nil {
		return Client{}, fault("oauth.Clients.Add", err)
	}
	return client, nil
}

// Get returns a client, revoked ones too. It fails with NotFound.
func (c *Clients) Get(ctx context.Context, id string) (client Client, err error) {
	err = c.engine.View(ctx, func(r kv.Reader) error {
		client, err = getClient(ctx, r, id)
		return err
	})
	if err != nil {
		return Client{}, fault("oauth.Clients.Get", err)
	}
	return client, nil
}

// List returns all clients ordered by id, revoked ones too.
func (c *Clients) List(ctx context.Context) ([]Client, error) {
	var list []Client
	err := c.engine.View(ctx, func(r kv.Reader) error {
		list = nil
		for entry, err := range r.Scan(ctx, kv.Prefix([]byte{famClient})) {
			if err != nil {
				return err
			}
			var client Client
			if err := json.Unmarshal(entry.Value, &client); err != nil {
				return err
			}
			list = append(list, client)
		}
		return nil
	})
	if err != nil {
		return nil, fault("oauth.Clients.List", err)
	}
	return list, nil
}

// Revoke ends a client for good: its next request fails, whatever tokens it
// holds. Revoking again changes nothing. It fails with NotFound.
func (c *Clients) Revoke(ctx context.Context, id string) error {
	err := c.engine.Update(ctx, func(w kv.Writer) error {
		client, err := getClient(ctx, w, id)
		if err != nil || !client.Revoked.IsZero() {
			return err
		}
		client.Revoked = c.clock().UTC().Truncate(time.Second)
		return putClient(w, client)
	})
	if err != nil {
		return fault("oauth.Clients.Revoke", err)
	}
	c.revocations.Add(1)
	return nil
}

func getClient(ctx context.Context, r kv.Reader, id string) (client Client, err error) {
	if !fhir.ValidID(id) {
		return Client{}, errNoClient()
	}
	values, err := r.Get(ctx, clientKey(id))
	if err != nil {
		return Client{}, err
	}
	if values[0] == nil {
		return Client{}, errNoClient()
	}
	return client, json.Unmarshal(values[0], &client)
}

func putClient(w kv.Writer, client Client) error {
	value, err := json.Marshal(client)
	if err != nil {
		return err
	}
	return w.Put(clientKey(client.ID), value)
}

func errNoClient() error {
	return fhir.Errorf(fhir.NotFound, "oauth.Clients", "oauth.no-client", fhir.CodeNotFound, "client_id",
		fhir.T("There is no such client.", "Ce client n'existe pas."),
		fhir.T("List the clients to see their ids.", "Listez les clients pour voir leurs identifiants."))
}

func errTaken() error {
	return fhir.Errorf(fhir.Conflict, "oauth.Clients", "oauth.client-exists", fhir.CodeDuplicate, "client_id",
		fhir.T("The client id is taken.", "L'identifiant du client est déjà pris."),
		fhir.T("Choose another id; the id of a revoked client is not given again.",
			"Choisissez un autre identifiant\u00a0; celui d'un client révoqué n'est pas réattribué."))
}

// fault turns an error of the engine into one that may cross the layers.
func fault(op string, err error) error {
	if e := (*fhir.Error)(nil); errors.As(err, &e) {
		return err
	}
	kind, code := fhir.Internal, fhir.CodeException
	if errors.Is(err, kv.ErrConflict) || errors.Is(err, kv.ErrClosed) || errors.Is(err, kv.ErrFull) {
		kind, code = fhir.Unavailable, fhir.CodeTransient
	}
	return fhir.Errorf(kind, op, "oauth.fault", code, "",
		fhir.T("The authorization server cannot use its store.", "Le serveur d'autorisation ne peut pas utiliser son stockage."),
		fhir.T("Try again; if it lasts, the operator finds the cause in the log.",
			"Réessayez\u00a0; si cela dure, l'exploitant trouvera la cause dans le journal.")).Wrap(err)
}
