package cda

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseTS(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[string]string{
		// refused: nothing is guessed
		"": "", "2026": "2026", "202": "", "20261": "", "202603121": "", "202613": "", "20260230": "", "2026030225": "", "202603021160": "",
		"2026-03-02": "", "02/03/2026": "", "20260302+": "", "20260302112000+1": "", "20260302112000+9900": "", "00000000": "",
		"20260302112000.1234567890": "", "20260302112000Z": "2026-03-02T11:20:00+00:00", " 20260302 ": "2026-03-02", "20260302112000Z+0100": "", "2026+0100": "", "20260302T112000": "",
		// precision
		"202603": "2026-03", "20260302": "2026-03-02", "2026030211": "2026-03-02T11:00:00+01:00", "202603021120": "2026-03-02T11:20:00+01:00",
		"20260302112000": "2026-03-02T11:20:00+01:00", "20260302112000.25": "2026-03-02T11:20:00.25+01:00",
		// births known by the year or the month only
		"19500000": "1950", "195007": "1950-07", "19500700": "1950-07",
		// zones: given, or that of the practice on that day
		"20260302112000+0100": "2026-03-02T11:20:00+01:00", "20260702112000-0400": "2026-07-02T11:20:00-04:00", "20260702112000+04": "2026-07-02T11:20:00+04:00",
		"20260702112000": "2026-07-02T11:20:00+02:00", "20260302+0100": "2026-03-02",
		"20260329013000": "2026-03-29T01:30:00+01:00", "20260329033000": "2026-03-29T03:30:00+02:00",
	} {
		if got := parseTS(v, paris); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
	reunion, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	if got := parseTS("20260302112000", reunion); got != "2026-03-02T11:20:00+04:00" {
		t.Errorf("in Réunion: %s", got)
	}
}

// TestTimesStay: whatever is read is the time that was written, since the zone of
// France is whole minutes (1911).
func TestTimesStay(t *testing.T) {
	paris, _ := time.LoadLocation("Europe/Paris")
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-1.8e9, 4e9).Draw(t, "unix"), 0).In(paris)
		got, err := time.Parse(time.RFC3339, parseTS(at.Format("20060102150405-0700"), paris))
		if err != nil || !got.Equal(at) {
			t.Fatalf("%s became %s, %v", at, got, err)
		}
	})
}

func TestDecimal(t *testing.T) {
	for v, want := range map[string]string{
		"": "", "-": "", ".": "", "1,5": "", "1 000": "", "1e": "", "1e1234": "", "e3": "", "1e3.0": "", "0x1": "", "NaN": "", "--1": "", "1.2.3": "", "12345678901234567890123456789012": "",
		"1": "1", "1.50": "1.50", "+2": "2", "-0.5": "-0.5", ".5": "0.5", "007": "7", "0": "0", "000": "0", "1.": "1", "1e3": "1E3", "1.50E+03": "1.50E03", "-2.5e-4": "-2.5E-4", "12345678901234567890.10": "12345678901234567890.10",
	} {
		if got := decimal(v); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
	if integer("1.0") != "" || integer("1E3") != "" || integer("1234567890") != "" || integer("-12") != "-12" {
		t.Error("integers")
	}
}

func TestURIOf(t *testing.T) {
	for root, want := range map[string]string{
		"": "", "x": "", "1": "", "1..2": "", "1.02": "", "3.1": "", "2.16.840.1.113883.6.1": "urn:oid:2.16.840.1.113883.6.1",
		"E52A7B75-3B12-44DF-80B3-3DEA64E25B4B":   "urn:uuid:e52a7b75-3b12-44df-80b3-3dea64e25b4b",
		"E52A7B75-3B12-44DF-80B3-3DEA64E25B4":    "",
		"E52A7B75-3B12-44DF-80B3-3DEA64E25B4G":   "",
		"{E52A7B75-3B12-44DF-80B3-3DEA64E25B4B}": "",
	} {
		if got := uriOf(root); got != want {
			t.Errorf("%q: got %q, want %q", root, got, want)
		}
	}
}
