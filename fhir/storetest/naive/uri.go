package naive

import (
	"fmt"
	"strings"
)

// compareURI is R4 search.html#uri. A version after | counts where it is asked.
func compareURI(v value, modifier, s string) (bool, error) {
	own, version, _ := strings.Cut(v.Text(), "|")
	url, wanted, versioned := strings.Cut(plain(s), "|")
	switch modifier {
	case "":
		return own == url && (!versioned || version == wanted), nil
	case "below":
		return beginsWith(own, url), nil
	case "above":
		return beginsWith(url, own), nil
	}
	return false, fmt.Errorf("naive knows no uri modifier %s", modifier)
}

// beginsWith reports whether a url is another, or goes on from it with whole
// segments.
func beginsWith(url, start string) bool {
	start = strings.TrimSuffix(start, "/")
	return strings.TrimSuffix(url, "/") == start || strings.HasPrefix(url, start+"/")
}
