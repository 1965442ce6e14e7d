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
		return strings.HasPrefix(own, url), nil
	case "above":
		return strings.HasPrefix(url, own), nil
	}
	return false, fmt.Errorf("naive knows no uri modifier %s", modifier)
}
