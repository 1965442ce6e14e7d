package profile

// The forms are those of R4 datatypes.html#dateTime. Days are checked against
// the calendar, which the published patterns cannot do. A second may be 60.

func isDate(s string) bool {
	switch len(s) {
	case len("2006"):
		return year(s) > 0
	case len("2006-01"):
		return year(s) > 0 && s[4] == '-' && within(s[5:7], 1, 12)
	case len("2006-01-02"):
		y := year(s)
		return y > 0 && s[4] == '-' && within(s[5:7], 1, 12) && s[7] == '-' &&
			within(s[8:10], 1, daysIn(y, two(s[5:7])))
	}
	return false
}

func isDateTime(s string) bool { return isDate(s) || isInstant(s) }

func isInstant(s string) bool {
	const day = len("2006-01-02")
	if len(s) <= day+1 || !isDate(s[:day]) || s[day] != 'T' {
		return false
	}
	clock := s[day+1:]
	for i := range len(clock) {
		switch clock[i] {
		case 'Z':
			return isTime(clock[:i]) && i == len(clock)-1
		case '+', '-':
			return isTime(clock[:i]) && isZone(clock[i+1:])
		}
	}
	return false
}

// isTime checks hh:mm:ss with an optional fraction.
func isTime(s string) bool {
	if len(s) < 8 || !within(s[:2], 0, 23) || s[2] != ':' || !within(s[3:5], 0, 59) || s[5] != ':' || !within(s[6:8], 0, 60) {
		return false
	}
	if len(s) == 8 {
		return true
	}
	if s[8] != '.' || len(s) == 9 {
		return false
	}
	for i := 9; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// isZone checks the hours and minutes of an offset, at most 14:00.
func isZone(s string) bool {
	return len(s) == 5 && s[2] == ':' && (within(s[:2], 0, 13) && within(s[3:], 0, 59) || s == "14:00")
}

// year returns the year that s starts with, 0 when there is none.
func year(s string) int {
	a, b := two(s[:2]), two(s[2:4])
	if a < 0 || b < 0 {
		return 0
	}
	return a*100 + b
}

// two returns the number that two digits are, -1 when they are not digits.
func two(s string) int {
	a, b := s[0]-'0', s[1]-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

func within(s string, least, most int) bool {
	n := two(s)
	return n >= least && n <= most
}

func daysIn(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}
