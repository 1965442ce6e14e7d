package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cordee-sante/cordee/auth/consent"
)

// The defaults of serve.
const (
	DefaultListen = "127.0.0.1:8080"
	DefaultAdmin  = "127.0.0.1:8081"
	DefaultData   = "./cordee-data"
)

// Config is the configuration file, and what the flags of serve set in it. A
// name that is not here is an error.
type Config struct {
	Listen  string        `yaml:"listen"`   // address of the API
	Admin   string        `yaml:"admin"`    // address of metrics and health; "off" for none
	Data    string        `yaml:"data"`     // folder of everything that is kept
	BaseURL string        `yaml:"base_url"` // origin by which clients know the gateway; from Listen when empty
	Zone    string        `yaml:"zone"`     // time zone of dates that name none
	Mode    string        `yaml:"mode"`     // "production", or "integration" to accept test identities
	Origins []string      `yaml:"origins"`  // web origins whose pages may use the API
	OTLP    string        `yaml:"otlp"`     // OTLP/HTTP collector of traces; empty for none
	Mirror  string        `yaml:"mirror"`   // second place for the trail's checkpoints, best on another disk
	Drain   time.Duration `yaml:"drain"`    // how long a shutdown waits for requests under way
	Memory  Memory        `yaml:"memory"`   // how much the heap may take, about
	Verify  time.Duration `yaml:"verify"`   // how often the files of the store are read and their checksums compared, from the start on

	Consent ConsentConfig `yaml:"consent"` // who may see what where the patient said nothing
	Limits  LimitsConfig  `yaml:"limits"`  // what one search may cost

	Demo       bool   `yaml:"-"`
	AcceptLoss string `yaml:"-"` // an operator's reason to go on although acknowledged changes are missing; recorded in the trail
}

// ConsentConfig is the part of the configuration about consent.
type ConsentConfig struct {
	Matrix string `yaml:"matrix"` // file of the default rules; empty for those that are built in
}

// rules reads the default rules of consent, from the file or the built-in ones.
func (c ConsentConfig) rules() (*consent.Defaults, error) {
	if c.Matrix == "" {
		return consent.Shipped(), nil
	}
	text, err := os.ReadFile(c.Matrix)
	if err != nil {
		return nil, err
	}
	return consent.ReadDefaults(c.Matrix, text)
}

// ReadConfig reads a configuration file; an empty name gives the defaults, and
// so does a file of comments. With a *yaml.TypeError comes what could be read
// all the same, so that every fault can be told at once.
func ReadConfig(name string) (Config, error) {
	c := Config{Listen: DefaultListen, Admin: DefaultAdmin, Data: DefaultData, Zone: "Europe/Paris", Mode: "production", Drain: 30 * time.Second, Memory: usualMemory(os.DirFS("/")), Verify: 24 * time.Hour}
	if name == "" {
		return c, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// ErrNotLoopback refuses a demo that others could reach.
var ErrNotLoopback = errors.New("--demo listens on loopback addresses only: its data are public")

// Check reports every fault of the configuration, joined, each beginning with
// the name that it is about.
func (c *Config) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		fault("listen: %q is no host:port", c.Listen)
	}
	if c.Demo && err == nil && !loopback(host) {
		faults = append(faults, ErrNotLoopback)
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		fault("zone: %w", err)
	}
	if _, err := c.Consent.rules(); err != nil {
		fault("consent.matrix: %w", err)
	}
	c.Limits.check(fault)
	if c.Memory < LeastMemory {
		fault("memory: %s is too little; at least %s", c.Memory, LeastMemory)
	}
	if c.Verify < time.Minute {
		fault("verify: %s is too often; at least 1m, 24h by default", c.Verify)
	}
	if c.Mode != "production" && c.Mode != "integration" {
		fault("mode: %q is neither production nor integration", c.Mode)
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Host == "" || u.Path != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			fault("base_url: %q must be https://host[:port] without a path (http on a loopback address only)", c.BaseURL)
		}
	} else if err == nil && !loopback(host) {
		fault("base_url: say by which https address clients know the gateway when it listens beyond loopback")
	}
	return errors.Join(faults...)
}

// origin is the address by which clients know the gateway.
func (c *Config) origin(listening net.Addr) string {
	if c.BaseURL != "" {
		return strings.TrimSuffix(c.BaseURL, "/")
	}
	return "http://" + listening.String()
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
