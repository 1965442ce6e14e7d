package adapters

import "bytes"

// A Format is a format that practice software sends, read or not.
type Format string

// The formats. The zero Format is unknown.
const (
	FormatCDA          Format = "cda"
	FormatHL7v2        Format = "hl7v2"
	FormatHPRIMSante   Format = "hprim-sante"
	FormatHPRIMXML     Format = "hprim-xml"
	FormatHPRIMMedecin Format = "hprim-medecin"
	FormatZIP          Format = "zip" // IHE XDM by mail
	FormatFHIRJSON     Format = "fhir+json"
	FormatFHIRXML      Format = "fhir+xml"
	FormatCalendar     Format = "icalendar"
)

// Sniff says what a document is by how it begins; the declared media type is
// no evidence, since most senders declare none. The text is not parsed.
func Sniff(data []byte) Format {
	data = unmarked(data)
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case bytes.HasPrefix(trimmed, []byte("MSH|")), bytes.HasPrefix(data, []byte("\x0bMSH|")):
		return FormatHL7v2
	case bytes.HasPrefix(trimmed, []byte(`H|~^\&`)):
		return FormatHPRIMSante
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return FormatZIP
	case bytes.HasPrefix(trimmed, []byte("BEGIN:VCALENDAR")):
		return FormatCalendar
	case bytes.HasPrefix(trimmed, []byte("{")):
		return FormatFHIRJSON
	case bytes.HasPrefix(trimmed, []byte("<")):
		return sniffXML(trimmed)
	case bytes.Contains(data[max(0, len(data)-200):], []byte("****FIN****")):
		return FormatHPRIMMedecin
	}
	return ""
}

// sniffXML looks at names and namespaces that only one format has.
func sniffXML(data []byte) Format {
	head := data[:min(len(data), 4096)]
	switch {
	case bytes.Contains(data, []byte("urn:hl7-org:v3")), bytes.Contains(data, []byte("ClinicalDocument")):
		return FormatCDA
	case bytes.Contains(head, []byte("http://www.hprim.org/hprimXML")):
		return FormatHPRIMXML
	case bytes.Contains(head, []byte("http://hl7.org/fhir")):
		return FormatFHIRXML
	}
	return ""
}

// unmarked returns a document without its byte order mark.
func unmarked(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}
