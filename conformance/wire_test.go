package conformance

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/conformance/script"
)

// wire sends bytes as they are to the gateway, half-closes and returns the
// answers that came until it closed or fell silent; closed says which.
func wire(t *testing.T, text string, silence time.Duration) (answers []*http.Response, closed bool) {
	t.Helper()
	c := dial(t)
	go func() { io.WriteString(c, text) }() // it may close before it has read all
	r := bufio.NewReader(c)
	for {
		c.SetReadDeadline(time.Now().Add(silence))
		a, err := http.ReadResponse(r, nil)
		if err != nil {
			var late net.Error
			return answers, !(asNetError(err, &late) && late.Timeout())
		}
		body, _ := io.ReadAll(a.Body)
		a.Body = io.NopCloser(bytes.NewReader(body))
		if a.StatusCode != http.StatusContinue {
			answers = append(answers, a)
		}
	}
}

func asNetError(err error, to *net.Error) (ok bool) {
	*to, ok = err.(net.Error)
	return ok
}

func dial(t *testing.T) net.Conn {
	t.Helper()
	origin, err := url.Parse(territory.Gateway.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialTimeout("tcp", origin.Host, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// head is a request line with the headers that a request needs, without its end.
func head(t *testing.T, line string) string {
	t.Helper()
	token, err := territory.Token("practice", "")
	if err != nil {
		t.Fatal(err)
	}
	return line + " HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/fhir+json\r\n"
}

// absent asserts that nothing was stored under the id.
func absent(t *testing.T, id string) {
	t.Helper()
	if a := send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation/" + id}); a.Status != http.StatusNotFound {
		t.Errorf("Observation/%s: status %d, want 404", id, a.Status)
	}
}

func observation(id string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/jeanne-durand"}}`, id)
}

// TestP01P02Bodies: bodies that are too long, cut short, lie about their length
// or come in a coding are refused, close the connection where it cannot be
// known what follows, and store nothing.
func TestP01P02Bodies(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(bytes.Repeat([]byte(" "), 64<<20))
	z.Close()
	huge := strings.Repeat(" ", 11<<20)
	for _, tt := range []struct {
		name, rest string // after the head of a PUT
		status     int
		closed     bool
	}{
		{"P01 a length above the limit", "Content-Length: 11534336\r\n\r\n" + huge, 413, true},
		{"P01 a length above the limit, and no body yet", "Content-Length: 11534336\r\n\r\n", 413, true},
		{"P01 chunks above the limit", fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(huge), huge), 413, true},
		{"P01 a length of 2^63", "Content-Length: 9223372036854775808\r\n\r\n{}", 400, true},
		{"P01 a negative length", "Content-Length: -1\r\n\r\n{}", 400, true},
		{"P01 a chunk that is no number", "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400, true},
		{"P02 a bomb", fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", bomb.Len(), bomb.String()), 415, false},
		{"P02 nested codings", "Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}", 415, false},
		{"P02 an unknown coding", "Content-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}", 415, false},
		{"P02 a transfer coding", "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 501, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := unique()
			answers, closed := wire(t, head(t, "PUT /fhir/Observation/"+id)+tt.rest, time.Second)
			if len(answers) != 1 || answers[0].StatusCode != tt.status || tt.closed && !closed {
				t.Errorf("%d answers %v, closed %v; want one %d, closed %v", len(answers), statuses(answers), closed, tt.status, tt.closed)
			}
			absent(t, id)
		})
	}
	t.Run("P01 a body cut short", func(t *testing.T) {
		id := unique()
		c := dial(t)
		io.WriteString(c, head(t, "PUT /fhir/Observation/"+id)+"Content-Length: 4096\r\n\r\n"+observation(id))
		c.(*net.TCPConn).CloseWrite()
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if a, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil && a.StatusCode/100 != 4 {
			t.Errorf("status %d", a.StatusCode)
		}
		absent(t, id)
	})
}

func statuses(answers []*http.Response) (list []int) {
	for _, a := range answers {
		list = append(list, a.StatusCode)
	}
	return list
}

// TestP15Heads: heads that are too long or too slow are not waited for.
func TestP15Heads(t *testing.T) {
	t.Parallel()
	answers, closed := wire(t, head(t, "GET /fhir/Patient?_count=1")+"X-Padding: "+strings.Repeat("x", 64<<10)+"\r\n\r\n", 3*time.Second)
	if len(answers) != 1 || answers[0].StatusCode != http.StatusRequestHeaderFieldsTooLarge || !closed {
		t.Errorf("a head of 64 KiB: %v, closed %v", statuses(answers), closed)
	}
	answers, closed = wire(t, head(t, "GET /fhir/Patient?name="+strings.Repeat("x", 64<<10))+"\r\n", 3*time.Second)
	if len(answers) != 1 || answers[0].StatusCode/100 != 4 || !closed {
		t.Errorf("a line of 64 KiB: %v, closed %v", statuses(answers), closed)
	}
	if answers, closed = wire(t, head(t, "GET /fhir/Patient"), 10*time.Second); !closed || len(answers) > 0 && answers[0].StatusCode != http.StatusRequestTimeout {
		t.Errorf("a head that never ends: %v, closed %v", statuses(answers), closed)
	}
}

// TestP01SlowBody: a body that trickles in is not waited for longer than a minute.
func TestP01SlowBody(t *testing.T) {
	if !*slow {
		t.Skip("takes a minute: -slow")
	}
	id := unique()
	c := dial(t)
	io.WriteString(c, head(t, "PUT /fhir/Observation/"+id)+"Content-Length: 100000\r\n\r\n")
	start := time.Now()
	for time.Since(start) < 80*time.Second {
		if _, err := io.WriteString(c, " "); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	if took := time.Since(start); took > 70*time.Second {
		t.Errorf("it was still read after %v", took)
	}
	absent(t, id)
}

// TestP01N04Smuggling: a request that two parsers read differently hides no
// other one behind it, and headers with control characters are refused.
func TestP01N04Smuggling(t *testing.T) {
	id := unique()
	body := observation(id)
	hidden := head(t, "PUT /fhir/Observation/"+id) + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	for _, tt := range []struct{ name, rest string }{ // after the head of a GET
		{"two lengths", "Content-Length: 0\r\nContent-Length: " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden},
		{"a list of lengths", "Content-Length: 0, " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden},
		{"a length with a sign", "Content-Length: +0\r\n\r\n" + hidden},
		{"a length in hex", "Content-Length: 0x0\r\n\r\n" + hidden},
		{"an unknown transfer coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden},
		{"two transfer codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden},
		{"a space before the colon", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden},
		{"a chunk length with a sign", "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + hidden},
		{"a chunk longer than it says", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n" + hidden},
		{"a second host", "Host: other\r\n\r\n" + hidden},
		{"a bare CR in a value", "X-Request-Id: a\rb\r\n\r\n" + hidden},
		{"a NUL in a value", "X-Request-Id: a\x00b\r\n\r\n" + hidden},
		{"a name with a NUL", "X-Req\x00: a\r\n\r\n" + hidden},
		{"a line without a colon", "Smuggled\r\n\r\n" + hidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answers, closed := wire(t, head(t, "POST /fhir/Observation/_search")+tt.rest, 2*time.Second)
			if len(answers) != 1 || answers[0].StatusCode/100 != 4 && answers[0].StatusCode != http.StatusNotImplemented || !closed {
				t.Errorf("answers %v, closed %v; want one refusal, closed", statuses(answers), closed)
			}
			absent(t, id)
		})
	}
	t.Run("a length beside chunks", func(t *testing.T) { // RFC 9112 §6.3: the chunks count, or it is refused
		q := head(t, "POST /fhir/Observation/_search") + "Content-Length: " + fmt.Sprint(5+len(hidden)) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden
		answers, closed := wire(t, q, 2*time.Second)
		if len(answers) != 1 || !closed {
			t.Errorf("answers %v, closed %v; what follows must not be taken for a request (RFC 9112 §6.1)", statuses(answers), closed)
		}
		absent(t, id)
	})
}

// TestP09Bundles: too many entries are too costly; entries that refer to each
// other or to themselves are written, and included once.
func TestP09Bundles(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"request":{"method":"GET","url":"Patient/x"}},`, 5001)
	for _, kind := range []string{"batch", "transaction"} {
		a := send(t, script.Request{Actor: "practice", Method: "POST", Path: ".", Body: []byte(`{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.TrimSuffix(many, ",") + `]}`)})
		if code, _ := a.Value("issue.0.code"); a.Status != http.StatusRequestEntityTooLarge || code != "too-costly" {
			t.Errorf("5,001 entries in a %s: %d %v", kind, a.Status, code)
		}
	}
	id := unique()
	circle := func(own, other string) string {
		return `{"fullUrl":"urn:uuid:` + own + `","resource":{"resourceType":"Observation","status":"final","identifier":[{"system":"urn:circle","value":"` + id + `"}],"code":{"text":"x"},
			"subject":{"reference":"Patient/jeanne-durand"},"hasMember":[{"reference":"urn:uuid:` + other + `"},{"reference":"urn:uuid:` + own + `"}]},"request":{"method":"POST","url":"Observation"}}`
	}
	const one, two = "0b0a3b6e-0000-4000-8000-000000000001", "0b0a3b6e-0000-4000-8000-000000000002"
	a := send(t, script.Request{Actor: "practice", Method: "POST", Path: ".", Body: []byte(`{"resourceType":"Bundle","type":"transaction","entry":[` + circle(one, two) + "," + circle(two, one) + `]}`)})
	if a.Status != http.StatusOK {
		t.Fatal(a.Status, string(a.Body))
	}
	a = send(t, script.Request{Actor: "practice", Method: "GET", Path: "Observation?identifier=urn:circle%7C" + id + "&_count=1&_include:iterate=Observation:has-member"})
	if n := strings.Count(string(a.Body), `"fullUrl"`); a.Status != http.StatusOK || n != 2 || strings.Contains(string(a.Body), "urn:uuid:") {
		t.Errorf("%d: %d entries, want the two, each once\n%.600s", a.Status, n, a.Body)
	}
	nested := `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":`
	deep := strings.Repeat(nested, 200) + `{"resourceType":"Patient"}` + strings.Repeat(`,"request":{"method":"POST","url":"Bundle"}}]}`, 200)
	if a := send(t, script.Request{Actor: "practice", Method: "POST", Path: ".", Body: []byte(deep)}); a.Status/100 != 4 {
		t.Errorf("a Bundle in a Bundle, 200 times: %d", a.Status)
	}
}

// TestP17OddPaths: paths and parameters that decode to nothing are refused. That
// nothing panics, here and in all other attacks, TestMain sees in the log.
func TestP17OddPaths(t *testing.T) {
	for _, path := range []string{"Patient/%00", "Patient/%ff", "Patient?name=%", "Patient?_count=%ff", "%24", "/%2e%2e/fhir", "Patient/$", "Patient/a/_history/-1", "Patient?_cursor=AAAA", "_history?_since=%00"} {
		if a := send(t, script.Request{Actor: "practice", Method: "GET", Path: path}); a.Status/100 != 4 && a.Status != http.StatusOK {
			t.Errorf("%s: %d %.300s", path, a.Status, a.Body)
		}
	}
	if a := send(t, script.Request{Actor: "nobody", Method: "GET", Path: "metadata"}); a.Status != http.StatusOK {
		t.Error(a.Status)
	}
}
