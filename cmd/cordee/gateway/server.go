package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cordee-sante/cordee/cmd/cordee/telemetry"
)

// A Server is a Gateway on its listeners.
type Server struct {
	gateway   *Gateway
	telemetry *telemetry.Telemetry
	api       *http.Server
	admin     *http.Server // nil without an operator's listener
	adminURL  string
	failed    chan error
	drain     time.Duration
	log       *slog.Logger
}

// Start opens the gateway of a configuration and serves it. When it returns the
// gateway is ready.
func Start(ctx context.Context, cfg Config, version string, log *slog.Logger) (started *Server, err error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, err
	}
	s := &Server{failed: make(chan error, 2), drain: cfg.Drain, log: log}
	defer func() {
		if err != nil {
			s.close(context.WithoutCancel(ctx))
		}
	}()
	if s.telemetry, err = telemetry.New(ctx, telemetry.Config{Version: version, OTLP: cfg.OTLP}); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, err
	}
	if s.gateway, err = Open(ctx, cfg, cfg.origin(listener.Addr()), version, log); err != nil {
		listener.Close()
		return nil, err
	}
	if cfg.Demo {
		if err = s.gateway.Demo(ctx); err != nil {
			listener.Close()
			return nil, err
		}
	}
	s.telemetry.Health.Add("store", s.gateway.checkStore)
	s.telemetry.Health.Add("integrity", s.gateway.integrity.check)
	s.watch()
	s.api = harden(s.telemetry.Middleware(s.gateway.Handler))
	go s.run(s.api, listener)
	if cfg.Admin != "off" {
		if err = s.serveAdmin(cfg.Admin); err != nil {
			return nil, err
		}
	}
	s.telemetry.Health.Started(true)
	return s, nil
}

// checkStore fails once the engine has.
func (g *Gateway) checkStore() error {
	select {
	case <-g.engine.Failed():
		return errors.New("the store has failed and takes no more writes")
	default:
		return nil
	}
}

// serveAdmin opens the operator's listener. A port that is taken moves a demo's
// to a free one: two demos side by side are no fault.
func (s *Server) serveAdmin(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil && s.gateway.cfg.Demo {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	s.admin, s.adminURL = harden(s.telemetry.Handler()), "http://"+listener.Addr().String()
	go s.run(s.admin, listener)
	return nil
}

// harden sets the limits of a server that strangers talk to (threat P15).
func harden(h http.Handler) *http.Server {
	return &http.Server{Handler: chunkedOnce(h), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10}
}

// chunkedOnce closes the connection after a request in chunks: beside a length,
// which net/http drops without a word, a proxy may have gone by the length, and
// what follows is no request of its own (RFC 9112 §6.1).
func chunkedOnce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) run(server *http.Server, l net.Listener) {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.failed <- err
	}
}

// Origin is the address by which clients know the gateway.
func (s *Server) Origin() string { return s.gateway.origin }

// Base is the FHIR base.
func (s *Server) Base() string { return s.gateway.base }

// Admin is the operator's address; empty for none.
func (s *Server) Admin() string { return s.adminURL }

// Gateway is what is served.
func (s *Server) Gateway() *Gateway { return s.gateway }

// Wait serves until ctx ends, and then drains and closes. It fails when a
// listener, the engine or the trail has failed: the process must then be
// restarted.
func (s *Server) Wait(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	case <-s.gateway.engine.Failed():
		err = errors.New("the store has failed and takes no more writes; restart the gateway")
	}
	s.telemetry.Health.Started(false)
	return errors.Join(err, s.close(context.WithoutCancel(ctx)))
}

func (s *Server) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.drain)
	defer cancel()
	var errs []error
	for _, server := range []*http.Server{s.api, s.admin} {
		if server != nil {
			errs = append(errs, server.Shutdown(ctx))
		}
	}
	if s.gateway != nil {
		errs = append(errs, s.gateway.Close())
	}
	if s.telemetry != nil {
		errs = append(errs, s.telemetry.Close(ctx))
	}
	return errors.Join(errs...)
}
