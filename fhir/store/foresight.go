package store

// Tests come before the view: they cost a look-up, and the policies of a patient
// of whom nothing was asked before cost more. Where the view has let pass but a
// part of what matched, it is asked first: what it withholds then costs no
// look-up, and no body that is read along with the others.

// foresightWorth is the number of candidates that tell whether the view should
// be asked first.
const foresightWorth = 16

// foresees reports whether the view lets pass less than half of the part that
// the tests do.
func (p *plan) foresees() bool {
	return p.sorted == nil && p.passed >= foresightWorth && 2*p.seen*p.looked < p.matched*p.passed
}

// foresight asks the view about a chunk before it is tested, where that is worth
// while. What a source knows of a version that is not current is dropped later.
func (x *execution) foresight(p *plan, chunk []candidate) ([]candidate, error) {
	if len(chunk) == 0 || !chunk[0].known() || !p.foresees() {
		return chunk, nil
	}
	if err := x.ctx.Err(); err != nil { // no look-up tells it
		return nil, err
	}
	shown, err := x.show(p, chunk)
	for i := range shown {
		shown[i].shown = true
	}
	return shown, err
}

// chunk is the size of the next chunk: twice that of the last or, of a view that
// lets pass little, what the page is likely to need.
func (x *execution) chunk(p *plan, size int) int {
	if p.foresees() && p.seen > 0 && x.limit > 0 {
		lacking := max(x.limit+1-len(x.hits), 1)
		size = max(lacking*p.passed/p.seen*5/8, chunkLeast)
	}
	return min(size*2, chunkMost)
}
