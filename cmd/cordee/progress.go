package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress tells how far a command with many steps has come: with a bar in
// place on a terminal, else in a line now and then, so that a log stays short.
type progress struct {
	w     io.Writer
	place bool // w is a terminal that can overwrite a line
	every time.Duration
	last  time.Time
}

func newProgress(w io.Writer) *progress {
	f, isFile := w.(*os.File)
	return &progress{w: w, place: isFile && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb", every: 10 * time.Second, last: time.Now()}
}

// barWidth leaves room for the numbers on the narrowest terminals.
const barWidth = 30

// at tells that i of n steps are done.
func (p *progress) at(i, n int) {
	switch now := time.Now(); {
	case p.place:
		full := barWidth * i / max(n, 1)
		fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d/%d", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), i, n)
	case now.Sub(p.last) >= p.every:
		p.last = now
		fmt.Fprintf(p.w, "%d/%d\n", i, n)
	}
}

// part tells that part i of n is under way, and how far it is; it may be called
// as often as one likes.
func (p *progress) part(i, n int, what string) {
	every := p.every
	if p.place {
		every = 100 * time.Millisecond
	}
	now := time.Now()
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	if p.place {
		fmt.Fprintf(p.w, "\r\x1b[K%d/%d %s", i, n, what)
	} else {
		fmt.Fprintf(p.w, "%d/%d %s\n", i, n, what)
	}
}

// done clears the line for what comes after it.
func (p *progress) done() {
	if p.place {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
