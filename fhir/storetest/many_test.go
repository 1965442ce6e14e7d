package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// TestManyMatches asks for more than fits a page, a step of a merge, a chunk of
// candidates or the patients that are walked one by one: what is drawn in
// TestStoreMatchesAsTheSpecificationSays is never that many.
func TestManyMatches(t *testing.T) {
	const many, patients = 600, 70
	srv := newServer(t, "Europe/Paris")
	s, closed := openFor(t, srv.reg)
	defer closed()
	held := map[fhir.Key][]byte{}
	var changes []fhir.Change
	for i := range many {
		key := fhir.Key{Type: "Observation", ID: fmt.Sprintf("o%03d", i)}
		held[key] = fmt.Appendf(nil, `{"resourceType":"Observation","id":"%s","status":"%s","code":{"coding":[{"system":"urn:c","code":"k%d"},{"code":"l%d"}]},"subject":{"reference":"Patient/p%d"},"effectiveDateTime":"%d-%02d","valueQuantity":{"value":%d.%d,"unit":"mg"}}`,
			key.ID, []string{"final", "amended"}[i%2], i%3, i%5, i%patients, 1900+i/12, 1+i%12, i%50, i%10)
		changes = append(changes, fhir.Change{Method: fhir.Update, Key: key, Body: held[key]})
	}
	if _, err := s.Commit(context.Background(), changes); err != nil {
		t.Fatal(err)
	}
	everybody := make([]string, patients)
	for i := range everybody {
		everybody[i] = fmt.Sprintf("p%d", i)
	}
	for _, query := range []string{
		"status=final", "status=final,amended", "status:not=final", "code=k0", "code=k0,k1", "code=k0,k1,k2,l0,l1", "code=urn:c|",
		"code=k0&code=l4", "code:not=k0", "code:missing=false", "date=ge1920", "date=1900,1958", "date=ge1910&date=lt1950", "date=ne1930",
		"value-quantity=gt10", "value-quantity=5", "value-quantity=lt3,gt40", "value-quantity=ap20||mg", "code-value-quantity=k0$gt10",
		"patient=" + strings.Join(everybody[:5], ","), "patient=" + strings.Join(everybody[:64], ","), "patient=" + strings.Join(everybody, ","),
		"patient=" + strings.Join(everybody, ",") + "&code=k0", "patient=p7&status=amended", "subject:Patient=p7", "date=ge1920&status=final&code=k0,l1",
	} {
		var criteria []naive.Criterion
		for part := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(part, "=")
			criteria = append(criteria, naive.Criterion{Name: name, Value: value})
		}
		want := srv.look(t, held, "Observation", criteria)
		for _, count := range []int{50, 1000} {
			srv.compare(t, s, held, want, "Observation", criteria, count)
		}
		sorted := srv.search(t, s, "Observation", append(criteria, naive.Criterion{Name: "_sort", Value: "-date,_id"}), 1000)
		slices.Reverse(want) // a month each, so that the last come first
		if !slices.Equal(sorted, want) {
			t.Errorf("%s by date: got %v, want %v", query, sorted, want)
		}
	}
}
