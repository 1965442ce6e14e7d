package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Damage shows in health and log until a verification finds none.
func TestIntegrity(t *testing.T) {
	var i integrity
	var log bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	rounds, shown := 0, make(chan error, 3)
	i.run(ctx, func(context.Context) error {
		if rounds++; rounds > 1 {
			shown <- i.check()
		}
		switch rounds {
		case 1:
			return errors.New("000003.sst: checksum")
		case 3:
			stop()
		}
		return nil
	}, time.Millisecond, slog.New(slog.NewTextHandler(&log, nil)))
	if err := <-shown; err == nil || !strings.Contains(err.Error(), "000003.sst") {
		t.Errorf("after damage: %v", err)
	}
	if err := <-shown; err != nil {
		t.Errorf("after a sound verification: %v", err)
	}
	if !strings.Contains(log.String(), "damaged") || !strings.Contains(log.String(), "intact") {
		t.Errorf("log: %s", log.String())
	}
}
