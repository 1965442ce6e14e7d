package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

func (s *script) read(ctx context.Context, ref string) string {
	r, err := s.repo.Read(ctx, s.key(ref))
	if err != nil {
		return wordError(err)
	}
	s.guardSpliced(r)
	return r.Effect.String() + " " + r.Version
}

// element reads a member of a body, and answers its text or JSON; "-" when there
// is none.
func (s *script) element(ctx context.Context, rest string) string {
	ref, path, _ := strings.Cut(rest, " ")
	r, err := s.repo.Read(ctx, s.key(ref))
	if err != nil {
		return wordError(err)
	}
	value := json.RawMessage(r.Body)
	for name := range strings.SplitSeq(path, ".") {
		if value = member(value, name); value == nil {
			return "-"
		}
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// member is the member or item of that name or index, nil when there is none.
func member(value json.RawMessage, name string) json.RawMessage {
	if i, err := strconv.Atoi(name); err == nil {
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil || i >= len(list) {
			return nil
		}
		return list[i]
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return nil
	}
	return object[name]
}

// history asks in pages of two, so that every history is also a walk.
func (s *script) history(ctx context.Context, rest string) string {
	target, since, _ := strings.Cut(" "+rest, " since ")
	typ, id, _ := strings.Cut(strings.TrimSpace(target), "/")
	q := fhir.HistoryQuery{Type: typ, ID: id, Within: s.view, Count: 2}
	if since != "" {
		q.Since = s.updated(since)
	}
	var words []string
	var before time.Time
	for {
		page, err := s.repo.History(ctx, q)
		if err != nil {
			return wordError(err)
		}
		for _, m := range page.Matches {
			if !before.IsZero() && m.LastUpdated.After(before) {
				s.t.Errorf("line %d: %s is newer than the version in front of it", s.line, m.Key)
			}
			if before = m.LastUpdated; !m.Deleted() {
				s.guardSpliced(m)
			}
			words = append(words, fmt.Sprintf("%s:%s", m.Key, m.Effect))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.ReplaceAll(strings.Join(words, " "), "/_history/", "@")
		}
	}
}
