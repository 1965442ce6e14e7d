package badger

import (
	_ "embed" // the dictionary

	"github.com/klauspost/compress/s2"
)

// Values of up to 16 KiB are compressed as if the dictionary stood before them:
// the phrases of FHIR that a small resource has no room to repeat. An Observation
// of 680 bytes takes 187 instead of 559; decoding is no slower, encoding takes
// 5 µs more.
const maxPhrased = 16 << 10

// The dictionary is part of the format: what was written with it is read with it
// and nothing else. It is never changed; a better one is another form beside it.
var (
	//go:embed dictionary.txt
	phrases    []byte
	dictionary = s2.MakeDict(phrases, []byte(`{"resourceType":"Observation","id":"`))
)
