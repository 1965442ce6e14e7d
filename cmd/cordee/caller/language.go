package caller

import (
	"cmp"
	"os"
	"strings"
)

// Language is that of the terminal, "fr" or "en": the first of LC_ALL,
// LC_MESSAGES and LANG that is set says which (POSIX locale).
func Language() string {
	if strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), "fr") {
		return "fr"
	}
	return "en"
}
