package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// documents lists the files that arguments name: a file by itself, everything
// in a folder and the folders in it but what is hidden, or what a pattern
// matches, for shells that leave patterns alone. Each comes once, in the order of
// the arguments and of the names.
func documents(args []string) ([]string, error) {
	var list []string
	for _, arg := range args {
		names, err := documentsOf(arg)
		if err != nil {
			return nil, err
		}
		list = append(list, names...)
	}
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(name string) bool {
		was := seen[name]
		seen[name] = true
		return was
	}), nil
}

func documentsOf(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return folder(arg)
	case err == nil:
		return []string{filepath.Clean(arg)}, nil
	case !strings.ContainsAny(arg, "*?["):
		return nil, err
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, usage("%q is no pattern: %v", arg, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("nothing matches %q", arg)
	}
	var list []string
	for _, name := range matches {
		names, err := documentsOf(name)
		if err != nil {
			return nil, err
		}
		list = append(list, names...)
	}
	return list, nil
}

func folder(dir string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			list = append(list, name)
		}
		return nil
	})
	return list, err
}
