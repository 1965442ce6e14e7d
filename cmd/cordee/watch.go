package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/cmd/cordee/caller"
)

// The folders beside what is waiting.
const (
	doneFolder    = "done"
	refusedFolder = "refused"
)

// watchEvery is how often the folder is looked at. A file that did not change
// from one look to the next is complete; looking works on network shares too,
// where the operating system tells of no changes.
const watchEvery = time.Second

// watch sends what comes into a folder until ctx ends, which is no failure. While
// the gateway cannot be reached it waits.
func watch(ctx context.Context, dir string, s *sending, show func(*caller.Report) error) error {
	for _, sub := range []string{doneFolder, refusedFolder} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	s.patience = -1
	looked := map[string]fs.FileInfo{}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		found, err := waiting(dir)
		if err != nil {
			return err
		}
		for name, info := range found {
			if before := looked[name]; before == nil || before.Size() != info.Size() || !before.ModTime().Equal(info.ModTime()) {
				continue
			}
			if err := answer(ctx, dir, name, s, show); ctx.Err() != nil {
				return nil
			} else if err != nil {
				return err
			}
		}
		looked = found
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// waiting lists the files of a folder that are not hidden.
func waiting(dir string) (map[string]fs.FileInfo, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]fs.FileInfo{}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info, err := e.Info(); err == nil { // else it is gone again
			found[e.Name()] = info
		}
	}
	return found, nil
}

// answer sends one file and moves it to where its answer puts it.
func answer(ctx context.Context, dir, name string, s *sending, show func(*caller.Report) error) error {
	report, err := s.file(ctx, filepath.Join(dir, name))
	if err != nil {
		return err
	}
	to := filepath.Join(dir, doneFolder, name)
	if !report.Accepted {
		to = filepath.Join(dir, refusedFolder, name)
	}
	to = free(to)
	if !report.Accepted {
		text, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(to+".outcome.json", append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(dir, name), to); err != nil {
		return err
	}
	return show(report)
}

// free is a name that no file has yet.
func free(name string) string {
	ext := filepath.Ext(name)
	for n, candidate := 2, name; ; n++ {
		if _, err := os.Lstat(candidate); err != nil {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
	}
}
