package oauth

import (
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What may fail before requests are turned away: of one client at one address,
// and of one address whatever client it names (O36). A client cannot be locked
// out from another address, and only failures count.
const (
	clientFailures = 10
	clientEvery    = 6 * time.Second // one failure is forgiven
	addrFailures   = 60
	addrEvery      = time.Second
	maxLimits      = 20_000 // buckets kept at a time
)

// limits counts failed authentications.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimits() *limits { return &limits{buckets: map[string]*rate.Limiter{}} }

// wait returns 0 when a request of the client at the address may be looked at,
// otherwise how long it should wait.
func (l *limits) wait(now time.Time, addr, client string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var longest time.Duration
	for _, key := range []string{addr, addr + " " + client} {
		if b := l.buckets[key]; b != nil {
			if tokens := b.TokensAt(now); tokens < 1 {
				longest = max(longest, time.Duration((1-tokens)/float64(b.Limit())*float64(time.Second)))
			}
		}
	}
	return longest
}

// fail counts a failure of the client at the address.
func (l *limits) fail(now time.Time, addr, client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buckets) > maxLimits {
		clear(l.buckets) // forgetting all is safer than growing without end
	}
	l.bucket(addr, addrEvery, addrFailures).AllowN(now, 1)
	l.bucket(addr+" "+client, clientEvery, clientFailures).AllowN(now, 1)
}

func (l *limits) bucket(key string, every time.Duration, burst int) *rate.Limiter {
	b := l.buckets[key]
	if b == nil {
		b = rate.NewLimiter(rate.Every(every), burst)
		l.buckets[key] = b
	}
	return b
}

// forget drops the buckets that are full again.
func (l *limits) forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, key)
		}
	}
}

// retryAfter is the value of the header: whole seconds, at least one.
func retryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
