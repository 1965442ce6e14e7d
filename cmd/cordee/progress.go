package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress tells how far a command with many steps has come: in place on a
// terminal, else in a line now and then, so that a log stays short.
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

// at tells that step i of n begins.
func (p *progress) at(i, n int, what string) {
	switch now := time.Now(); {
	case p.place:
		fmt.Fprintf(p.w, "\r\x1b[K%d/%d %s", i, n, what)
	case now.Sub(p.last) >= p.every:
		p.last = now
		fmt.Fprintf(p.w, "%d/%d %s\n", i, n, what)
	}
}

// done clears the line for what comes after it.
func (p *progress) done() {
	if p.place {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
