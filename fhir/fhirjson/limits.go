package fhirjson

// Limits bound what a scan accepts. A field that is zero has its default.
type Limits struct {
	Bytes   int // length of the text; 64 MiB, the longest value of the store: a Binary of 50 MB as base64
	Depth   int // open objects and arrays; 64. Never more than 512: the scan recurses
	Members int // members of one object; 512. The largest type of R4 has 60
	Values  int // values in the text; 4 Mi. A value costs 24 bytes of memory
	Number  int // characters of a number literal; 64

	// Null permits null wherever JSON does. FHIR has it only as the place
	// holder of an array of primitives (R4 json.html#primitive).
	Null bool
}

const (
	maxDepth = 512
	maxBytes = 1 << 30 // offsets are 32 bits wide
)

func (l Limits) withDefaults() Limits {
	set := func(field *int, value, most int) {
		if *field <= 0 {
			*field = value
		}
		*field = min(*field, most)
	}
	set(&l.Bytes, 64<<20, maxBytes)
	set(&l.Depth, 64, maxDepth)
	set(&l.Members, 512, 1<<16)
	set(&l.Values, 4<<20, 1<<28)
	set(&l.Number, 64, maxBytes)
	return l
}
