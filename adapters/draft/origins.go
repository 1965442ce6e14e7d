package draft

// origins are the items of the source that an element was made of: mostly one.
// What kind of value or member they are of stands here too, where it takes no
// room of its own: a document makes thousands.
type origins struct {
	rest    *origin // never changed, and so shared with copies
	first   Origin
	literal bool // a value that is a number or boolean
	many    bool // a member that is a list
}

// origin is one of several.
type origin struct {
	Origin
	next *origin
}

// add notes further origins.
func (o *origins) add(from []Origin) {
	for _, n := range from {
		switch {
		case n == 0:
		case o.first == 0:
			o.first = n
		default:
			o.rest = &origin{n, o.rest}
		}
	}
}

// list returns all of them.
func (o *origins) list() []Origin {
	if o.first == 0 {
		return nil
	}
	list := []Origin{o.first}
	for n := o.rest; n != nil; n = n.next {
		list = append(list, n.Origin)
	}
	return list
}
