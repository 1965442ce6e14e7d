package draft

// origins are the items of the source that an element was made of: mostly one.
type origins struct {
	first Origin
	rest  *[]Origin
}

// add notes further origins. The list is never shared with a copy.
func (o *origins) add(from []Origin) {
	for _, origin := range from {
		switch {
		case origin == 0:
		case o.first == 0:
			o.first = origin
		default:
			var rest []Origin
			if o.rest != nil {
				rest = (*o.rest)[:len(*o.rest):len(*o.rest)]
			}
			rest = append(rest, origin)
			o.rest = &rest
		}
	}
}

// list returns all of them.
func (o *origins) list() []Origin {
	if o.first == 0 {
		return nil
	}
	list := []Origin{o.first}
	if o.rest != nil {
		list = append(list, *o.rest...)
	}
	return list
}
