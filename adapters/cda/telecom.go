package cda

import "strings"

// telecomSchemes are the systems of ContactPoint by URL scheme.
var telecomSchemes = map[string]string{"tel": "phone", "fax": "fax", "x-text-fax": "fax", "mailto": "email", "http": "url", "https": "url", "ftp": "url", "mllp": "url", "sms": "sms"}

// emailType is the extension of FR Core that says that an address is one of the
// secure health mail (MSSanté).
const emailType = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"

// telecom returns the ContactPoint of a TEL, nil when nothing is said.
func (c *conversion) telecom(n *node) *object {
	value := strings.TrimSpace(n.Attr("value"))
	if value == "" {
		return nil
	}
	o := new(object)
	scheme, rest, found := strings.Cut(value, ":")
	system := telecomSchemes[strings.ToLower(scheme)]
	switch {
	case found && system == "url":
	case found && system != "":
		value = rest
	case strings.Trim(value, "+0123456789 .()-") == "":
		system = "phone"
	case strings.Contains(value, "@"):
		system = "email"
	default:
		system = "other"
	}
	if value == "" {
		return nil
	}
	if system == "email" && strings.HasSuffix(strings.ToLower(value), ".mssante.fr") {
		o.Add("extension", extension(emailType).Put("value|CodeableConcept",
			concept("https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie", "MSSANTE")))
	}
	o.Set("system", system).Set("value", value, mark(n))
	for use := range strings.FieldsSeq(n.Attr("use")) {
		if to := c.attributed(toTelecomUse, "AddressUse", use); to != "" && !o.Has("use") {
			o.Set("use", to)
		}
	}
	return o
}

// telecoms adds the ContactPoint of every telecom.
func (c *conversion) telecoms(o *object, n *node) {
	for t := range n.Elements("telecom") {
		o.Add("telecom", c.telecom(t))
	}
}
