package audit

import (
	"fmt"
	"slices"
	"testing"
)

// Lists longer than a chunk are merged whole, and a record that stands in
// several of them comes once, in both directions.
func TestListsAreMerged(t *testing.T) {
	tr := open(t, testConfig(t))
	const n = 600
	var bodies [][]byte
	for i := range n {
		r := aRead()
		r.Entries[0].Key.ID = fmt.Sprint("o", i)
		r.Entries[0].Patients = [][]string{{"p1"}, {"p2"}, {"p1", "p2"}, {"p3"}}[i%4]
		body, err := encode(Item{Kind: KindRequest, Record: r})
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	first, err := tr.log.Append(bodies...)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range uint64(n) {
		switch i % 4 {
		case 0, 1:
			want = append(want, fmt.Sprintf("%d-0", first+i))
		case 2:
			want = append(want, fmt.Sprintf("%d-0", first+i), fmt.Sprintf("%d-1", first+i))
		}
	}
	for _, order := range []string{"date", "-date"} {
		q := ask(t, tr, "date", "ge2020", "patient", "p1,p2", "_sort", order, "_count", "100", "_total", "estimate")
		var got []string
		for {
			page := found(t, tr, q)
			got = append(got, idsOf(page)...)
			if page.Total != len(want) {
				t.Fatalf("total %d, want %d", page.Total, len(want))
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("_sort=%s: %d events, want %d", order, len(got), len(want))
		}
		slices.Sort(got)
		if all := slices.Sorted(slices.Values(want)); !slices.Equal(got, all) {
			t.Errorf("_sort=%s: not the events that were recorded", order)
		}
	}
}
