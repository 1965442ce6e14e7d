package cda

import "strings"

// valueTypes are the types that value may set value[x] to.
var valueTypes = []string{"CodeableConcept", "Quantity", "Range", "integer", "boolean", "string", "dateTime", "Period", "Ratio"}

// value sets value[x] of an Observation (or of a component) to what an ANY
// says, by its xsi:type and, where that is missing, by its shape. A value that
// is absent says why. It reports whether the element was set.
func (c *conversion) value(o *object, n *node) bool {
	if n == nil {
		return false
	}
	switch typ := plainType(xsiType(n)); typ {
	case "CD", "CE", "CV", "CO", "CS", "SC":
		o.Put("value|CodeableConcept", c.coded(n))
	case "MO":
		if q := quantity(n); q != nil {
			currency := token(n.Attr("currency"))
			o.Put("value|Quantity", q.Set("unit", currency).Set("system", currencySystem(currency)).Set("code", currency))
		}
	case "PQ", "REAL", "IVL_PQ", "IVL_REAL", "IVL_INT":
		amount(o, "value|Quantity", "value|Range", true, n)
	case "INT":
		if v := integer(n.Attr("value")); v != "" {
			o.Literal("value|integer", v, mark(n))
		} else {
			amount(o, "value|Quantity", "value|Range", true, n)
		}
	case "BL":
		if v := n.Attr("value"); v == "true" || v == "false" {
			o.Literal("value|boolean", v, mark(n))
		}
	case "ST", "ED":
		if n.Attr("representation") != "B64" {
			text, from := c.text(n)
			o.Set("value|string", text, from...)
		}
	case "TS":
		o.Set("value|dateTime", c.dateTime(n), mark(n))
	case "IVL_TS":
		o.Put("value|Period", c.period(n))
	case "RTO", "RTO_PQ_PQ", "RTO_QTY_QTY":
		o.Put("value|Ratio", ratio(n))
	case "":
		c.untypedValue(o, n)
	}
	for _, name := range valueTypes {
		if o.Has("value|" + name) {
			return true
		}
	}
	o.Put("dataAbsentReason", c.absentReason(n))
	return false
}

// plainType is the type that a type of CDA for sets, bags, histories or
// probabilities of values is made of: PQ of PPD_PQ, CD of BXIT_CD.
func plainType(typ string) string {
	for _, kind := range []string{"BXIT_", "HXIT_", "IVXB_", "NPPD_", "PPD_", "SXCM_", "UVP_"} {
		if of, ok := strings.CutPrefix(typ, kind); ok {
			return plainType(of)
		}
	}
	return typ
}

// currencySystem is where the codes of currencies are from.
func currencySystem(code string) string {
	if code == "" {
		return ""
	}
	return "urn:iso:std:iso:4217"
}

// untypedValue reads a value whose type was left out.
func (c *conversion) untypedValue(o *object, n *node) {
	switch {
	case n.Attr("code") != "":
		o.Put("value|CodeableConcept", c.coded(n))
	case n.Attr("value") == "true" || n.Attr("value") == "false":
		o.Literal("value|boolean", n.Attr("value"), mark(n))
	case n.Attr("value") != "" || n.Element("low") != nil || n.Element("high") != nil:
		if n.HasAttr("unit") || n.Element("low").HasAttr("unit") || n.Element("high").HasAttr("unit") || c.dateTime(n) == "" {
			amount(o, "value|Quantity", "value|Range", true, n)
		}
	default:
		text, from := c.text(n)
		o.Set("value|string", text, from...)
	}
}
