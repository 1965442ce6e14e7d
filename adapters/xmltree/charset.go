package xmltree

import (
	"bytes"
	"strings"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/encoding/charmap"
)

// decode returns the text in UTF-8, without byte order mark; of a document that
// is in UTF-8 it shares the bytes. The declaration is believed and then checked: bytes that the charset does not have are
// refused, never replaced. What is declared ISO-8859-1 or -15 and holds bytes
// of 80–9F is Windows-1252 under a false name, and refused as well: read as
// declared it would turn quotes and dashes into control characters.
func decode(data []byte) (string, error) {
	body, marked := bytes.CutPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\xff\xfe")) {
		return "", faultCharset.error("", 0, "")
	}
	switch name := strings.ToLower(encodingOf(body)); name {
	case "", "utf-8", "utf8", "us-ascii":
		if at := invalidUTF8(body); at >= 0 {
			return "", faultBytes.error(string(body), at, "")
		}
		return view(body), nil
	case "iso-8859-1", "iso8859-1", "latin1", "iso-8859-15", "iso8859-15", "windows-1252", "cp1252":
		if marked {
			return "", faultCharset.error("", 0, "")
		}
		return decodeTable(body, tableOf(name))
	}
	return "", faultCharset.error("", 0, "")
}

// view returns bytes as a string without a copy: a document may have 50 MB, and
// nobody changes it while it is read.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func tableOf(name string) *charmap.Charmap {
	switch {
	case strings.HasSuffix(name, "-15"):
		return charmap.ISO8859_15
	case strings.HasSuffix(name, "1252"):
		return charmap.Windows1252
	}
	return charmap.ISO8859_1
}

func decodeTable(body []byte, table *charmap.Charmap) (string, error) {
	var b strings.Builder
	b.Grow(len(body) + len(body)/16)
	for _, c := range body {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
			continue
		}
		r := table.DecodeByte(c)
		if r == utf8.RuneError || r < 0xa0 {
			return "", faultBytes.error(b.String(), b.Len(), "")
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(body []byte) int {
	if utf8.Valid(body) {
		return -1
	}
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// encodingOf returns the encoding of the XML declaration, empty when it names
// none. Only ASCII matters here, whatever the charset.
func encodingOf(body []byte) string {
	const longest = 200
	return declared(string(body[:min(len(body), longest)]), "encoding")
}

// declared returns what the XML declaration at the head of a text says under a
// name.
func declared(head, name string) string {
	end := strings.Index(head, "?>")
	if !strings.HasPrefix(head, "<?xml") || end < 0 {
		return ""
	}
	_, rest, found := strings.Cut(head[:end], name)
	rest = strings.TrimLeft(rest, " \t\r\n=")
	if !found || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	value, _, _ := strings.Cut(rest[1:], rest[:1])
	return value
}
