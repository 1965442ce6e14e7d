// Package storetest is the contract of fhir.Repository: plain-text scripts that
// every implementation passes, each block naming the clause of FHIR R4 it rests
// on (search.html, http.html, compartmentdefinition.html, or a number of the
// threat catalogue).
//
// A script is a sequence of lines, run against an empty repository. A line is a
// remark, a direction, or a command with its answer after "=>", on the same line
// or on the next. An error answers "! kind issue-id".
//
//	# words                            the clause of what follows, or a remark
//
// Directions (they have no answer):
//
//	fresh [zone]                       go on with an empty repository, its dates in that zone (UTC)
//	later                              wait until the clock of the repository shows another time
//	as everyone                        who asks from here on: a view of everything,
//	as hidden LABEL                    … of everything that does not carry the label,
//	as patient ID                      … of what lies in the compartment of the patient,
//	as nobody                          … none, which sees nothing and is refused
//
// Writing; the answer is effect and version of each change:
//
//	put JSON [match V] [if QUERY]      update by its id, or where the query finds it
//	create JSON [if QUERY]             conditional create
//	delete Type/id [match V]           or delete QUERY
//	transaction JSON                   array of {method, url, fullUrl, resource, ifNoneExist, ifMatch}
//
// Asking:
//
//	search QUERY                       ids of the matches in order, then "+Type/id" for each included, with its
//	                                   version when that is not the current one; "id#inner" is a contained resource
//	lenient QUERY                      the same with Prefer: handling=lenient; "~id" for each warning, of the page too
//	count QUERY                        the accurate total
//	total QUERY                        the total of the answer, then the first page
//	walk N QUERY                       all pages of N, "|" between them
//	page N QUERY                       the first page of N, and
//	next                               the page after it; "-" after the last
//	read Type/id[/_history/V]          effect and version
//	element Type/id[/_history/V] path  a member of the body, path as in name.0.family
//	history [Type[/id]] [since Key]    key and effect of each version, newest first
//
// A QUERY of Patient/x/$everything takes start and end as well.
//
// Every search is also walked in pages of one and of three, and counted: all
// must agree. An id that the repository chose is written new1, new2, … in the
// order they came; {Type/id/_history/V} in a query stands for the lastUpdated of
// that version. What R4 demands and no implementation passes yet stands in
// testdata/pending.txt, which only Pending runs.
package storetest

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

//go:embed testdata/*.txt
var scripts embed.FS

// Base is the FHIR base under which the scripts run.
const Base = "http://example.org/fhir"

// An Opener makes an empty repository, closed when the test ends.
type Opener func(t testing.TB, reg *search.Registry) fhir.Repository

// Run runs every script against a repository of its own.
func Run(t *testing.T, open Opener) {
	regs := registries{}
	names, err := fs.Glob(scripts, "testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name == pending {
			continue
		}
		t.Run(strings.TrimSuffix(path.Base(name), ".txt"), func(t *testing.T) {
			s := &script{t: t, open: open, regs: regs}
			s.file(name)
		})
	}
}

// registries are the registries made so far, by zone: one serves all scripts.
type registries map[string]*search.Registry

func (r registries) of(t *testing.T, zone string) *search.Registry {
	if r[zone] == nil {
		loc, err := time.LoadLocation(zone) // "" is UTC
		if err != nil {
			t.Fatal(err)
		}
		if r[zone], err = search.New(search.Config{Base: Base, Zone: loc}); err != nil {
			t.Fatal(err)
		}
	}
	return r[zone]
}
