package draft

// Walk calls visit for the object and every object in it, outer ones first.
func (o *Object) Walk(visit func(*Object)) {
	visit(o)
	for i := range o.members {
		m := &o.members[i]
		for j := range m.len() {
			if v := m.at(j); v.object != nil {
				v.object.Walk(visit)
			}
		}
	}
}
