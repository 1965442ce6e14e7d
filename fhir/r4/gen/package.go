package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// A pack is what the tables need of the npm package, each list sorted.
type pack struct {
	types        []structureDefinition // those that define a type, not profiles of one
	params       []searchParameter
	expansions   map[string]valueSet // by url
	compartments []compartmentDefinition
}

type structureDefinition struct {
	Type           string
	Kind           string
	Abstract       bool
	Derivation     string
	BaseDefinition string
	Snapshot       struct{ Element []element }
}

type element struct {
	Path                  string
	Min                   int
	Max                   string
	ContentReference      string
	IsModifier, IsSummary bool
	Type                  []typeRef
	Constraint            []constraint
	Binding               struct{ Strength, ValueSet string }
}

type typeRef struct {
	Code                   string
	Profile, TargetProfile []string
	Extension              []struct{ URL, ValueURL, ValueString string }
}

type constraint struct{ Key, Severity, Human, Expression, Source string }

type searchParameter struct {
	ID, URL, Code, Type, Expression string
	Base, Target                    []string
	Component                       []struct{ Definition, Expression string }
}

type valueSet struct {
	URL       string
	Expansion struct {
		Extension []struct{ URL string }
		Contains  []concept
	}
}

type concept struct {
	System, Code string
	Contains     []concept
}

type compartmentDefinition struct {
	ID, Code string
	Resource []struct {
		Code  string
		Param []string
	}
}

func readPackage(dir string) (pack, error) {
	var p pack
	var manifest struct{ Name, Version string }
	if err := readJSON(filepath.Join(dir, "package.json"), &manifest); err != nil {
		return p, err
	}
	if manifest.Name != "hl7.fhir.r4.examples" || manifest.Version != "4.0.1" {
		return p, fmt.Errorf("%s holds %s %s, not hl7.fhir.r4.examples 4.0.1", dir, manifest.Name, manifest.Version)
	}
	definitions, err := readAll[structureDefinition](dir, "StructureDefinition")
	if err != nil {
		return p, err
	}
	for _, d := range definitions {
		if d.Derivation != "constraint" && d.Kind != "logical" {
			p.types = append(p.types, d)
		}
	}
	sort.Slice(p.types, func(i, j int) bool { return p.types[i].Type < p.types[j].Type })
	if p.params, err = readAll[searchParameter](dir, "SearchParameter"); err != nil {
		return p, err
	}
	if p.compartments, err = readAll[compartmentDefinition](dir, "CompartmentDefinition"); err != nil {
		return p, err
	}
	var bundle struct{ Entry []struct{ Resource valueSet } }
	if err := readJSON(filepath.Join(dir, "Bundle-valueset-expansions.json"), &bundle); err != nil {
		return p, err
	}
	p.expansions = map[string]valueSet{}
	for _, e := range bundle.Entry {
		p.expansions[e.Resource.URL] = e.Resource
	}
	return p, nil
}

// readAll reads the resources of a type, in the order of their file names.
func readAll[T any](dir, typ string) ([]T, error) {
	files, err := filepath.Glob(filepath.Join(dir, typ+"-*.json"))
	if err != nil {
		return nil, err
	}
	list := make([]T, len(files))
	for i, f := range files {
		if err := readJSON(f, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readJSON(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
