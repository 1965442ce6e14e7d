package naive

// params are the parameters known, from the pages of their types in R4:
// patient.html#search, observation.html#search, condition.html#search,
// careplan.html#search and resource.html#search.
var params = map[string]map[string]param{
	"Patient": with(map[string]param{
		"active":               of(kindToken, "active", "boolean"),
		"address":              of(kindString, "address", "Address"),
		"address-city":         of(kindString, "address.city", "string"),
		"address-postalcode":   of(kindString, "address.postalCode", "string"),
		"address-use":          of(kindToken, "address.use", "code"),
		"birthdate":            of(kindDate, "birthDate", "date"),
		"death-date":           of(kindDate, "deceasedDateTime", "dateTime"),
		"email":                of(kindToken, "telecom[email]", "ContactPoint"),
		"family":               of(kindString, "name.family", "family"),
		"gender":               of(kindToken, "gender", "code"),
		"general-practitioner": of(kindReference, "generalPractitioner", "Reference"),
		"given":                of(kindString, "name.given", "string"),
		"identifier":           of(kindToken, "identifier", "Identifier"),
		"language":             of(kindToken, "communication.language", "CodeableConcept"),
		"link":                 of(kindReference, "link.other", "Reference"),
		"name":                 of(kindString, "name", "HumanName"),
		"organization":         of(kindReference, "managingOrganization", "Reference"),
		"phone":                of(kindToken, "telecom[phone]", "ContactPoint"),
		"telecom":              of(kindToken, "telecom", "ContactPoint"),
	}),
	"Observation": with(map[string]param{
		"category":                 of(kindToken, "category", "CodeableConcept"),
		"code":                     of(kindToken, "code", "CodeableConcept"),
		"combo-code":               of(kindToken, "code", "CodeableConcept", "component.code", "CodeableConcept"),
		"combo-value-quantity":     of(kindQuantity, "valueQuantity", "Quantity", "component.valueQuantity", "Quantity"),
		"component-code":           of(kindToken, "component.code", "CodeableConcept"),
		"component-value-quantity": of(kindQuantity, "component.valueQuantity", "Quantity"),
		"date":                     of(kindDate, "effectiveDateTime", "dateTime", "effectivePeriod", "Period", "effectiveInstant", "instant"),
		"derived-from":             of(kindReference, "derivedFrom", "Reference"),
		"encounter":                of(kindReference, "encounter", "Reference"),
		"focus":                    of(kindReference, "focus", "Reference"),
		"identifier":               of(kindToken, "identifier", "Identifier"),
		"patient":                  of(kindReference, "subject", "Reference").to("Patient"),
		"performer":                of(kindReference, "performer", "Reference"),
		"status":                   of(kindToken, "status", "code"),
		"subject":                  of(kindReference, "subject", "Reference"),
		"value-concept":            of(kindToken, "valueCodeableConcept", "CodeableConcept"),
		"value-date":               of(kindDate, "valueDateTime", "dateTime", "valuePeriod", "Period"),
		"value-quantity":           of(kindQuantity, "valueQuantity", "Quantity"),
		"value-string":             of(kindString, "valueString", "string", "valueCodeableConcept.text", "string"),
		"code-value-quantity": pair("", of(kindToken, "code", "CodeableConcept"),
			of(kindQuantity, "valueQuantity", "Quantity")),
		"component-code-value-quantity": pair("component", of(kindToken, "code", "CodeableConcept"),
			of(kindQuantity, "valueQuantity", "Quantity")),
	}),
	"Condition": with(map[string]param{
		"abatement-date":  of(kindDate, "abatementDateTime", "dateTime", "abatementPeriod", "Period"),
		"asserter":        of(kindReference, "asserter", "Reference"),
		"body-site":       of(kindToken, "bodySite", "CodeableConcept"),
		"category":        of(kindToken, "category", "CodeableConcept"),
		"clinical-status": of(kindToken, "clinicalStatus", "CodeableConcept"),
		"code":            of(kindToken, "code", "CodeableConcept"),
		"encounter":       of(kindReference, "encounter", "Reference"),
		"identifier":      of(kindToken, "identifier", "Identifier"),
		"onset-age":       of(kindQuantity, "onsetAge", "Age", "onsetRange", "Range"),
		"onset-date":      of(kindDate, "onsetDateTime", "dateTime", "onsetPeriod", "Period"),
		"onset-info":      of(kindString, "onsetString", "string"),
		"patient":         of(kindReference, "subject", "Reference").to("Patient"),
		"recorded-date":   of(kindDate, "recordedDate", "dateTime"),
		"severity":        of(kindToken, "severity", "CodeableConcept"),
		"subject":         of(kindReference, "subject", "Reference"),
	}),
	"CarePlan": with(map[string]param{
		"activity-code":          of(kindToken, "activity.detail.code", "CodeableConcept"),
		"activity-date":          of(kindDate, "activity.detail.scheduledPeriod", "Period", "activity.detail.scheduledTiming", "Timing"),
		"based-on":               of(kindReference, "basedOn", "Reference"),
		"care-team":              of(kindReference, "careTeam", "Reference"),
		"category":               of(kindToken, "category", "CodeableConcept"),
		"condition":              of(kindReference, "addresses", "Reference"),
		"date":                   of(kindDate, "period", "Period"),
		"identifier":             of(kindToken, "identifier", "Identifier"),
		"instantiates-canonical": of(kindReference, "instantiatesCanonical", "canonical"),
		"instantiates-uri":       of(kindURI, "instantiatesUri", "uri"),
		"intent":                 of(kindToken, "intent", "code"),
		"patient":                of(kindReference, "subject", "Reference").to("Patient"),
		"performer":              of(kindReference, "activity.detail.performer", "Reference"),
		"status":                 of(kindToken, "status", "code"),
		"subject":                of(kindReference, "subject", "Reference"),
	}),
	"RiskAssessment": with(map[string]param{
		"patient":     of(kindReference, "subject", "Reference").to("Patient"),
		"probability": of(kindNumber, "prediction.probabilityDecimal", "decimal"),
	}),
}

// with adds what all types have.
func with(own map[string]param) map[string]param {
	own["_id"] = of(kindToken, "id", "code")
	own["_profile"] = of(kindURI, "meta.profile", "uri")
	own["_security"] = of(kindToken, "meta.security", "Coding")
	own["_source"] = of(kindURI, "meta.source", "uri")
	own["_tag"] = of(kindToken, "meta.tag", "Coding")
	return own
}
