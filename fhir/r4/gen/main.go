// Command gen writes the tables of package r4 from the published definitions of FHIR
// R4 (npm package hl7.fhir.r4.examples 4.0.1, CC0-1.0). See README.md.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("package", "", "folder of the unpacked npm package")
	out := flag.String("out", "fhir/r4/tables", "folder to write")
	flag.Parse()
	if err := run(*dir, *out); err != nil {
		log.Fatal(err)
	}
}

// A table is one generated file.
type table struct{ name, text string }

func run(dir, out string) error {
	tables, err := generate(dir)
	if err != nil {
		return err
	}
	sums := ""
	for _, t := range tables {
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(t.text)), t.name)
		if err := os.WriteFile(filepath.Join(out, t.name+".gz"), compress(t.text), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(sums), 0o644)
}

// generate makes all tables from the unpacked package.
func generate(dir string) ([]table, error) {
	pkg, err := readPackage(dir)
	if err != nil {
		return nil, err
	}
	invariants, err := invariantTable(pkg)
	if err != nil {
		return nil, err
	}
	params, err := paramTable(pkg)
	if err != nil {
		return nil, err
	}
	return []table{
		{"types.txt", typeTable(pkg)},
		{"codes.txt", codeTable(pkg)},
		{"params.txt", params},
		{"compartments.txt", compartmentTable(pkg)},
		{"invariants.txt", invariants},
	}, nil
}

func compress(text string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	w.Write([]byte(text))                                 // a bytes.Buffer cannot fail
	w.Close()
	return b.Bytes()
}
