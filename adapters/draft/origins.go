package draft

// origins are the items of the source that an element was made of: mostly one.
// What kind of value or member they are of stands here too, where it takes no
// room of its own: a document makes thousands.
type origins struct {
	rest    *[]Origin
	first   Origin
	literal bool // a value that is a number or boolean
	many    bool // a member that is a list
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
