package extensions

// All returns every extension, by name.
func All() []Extension {
	concept, reference := []string{"CodeableConcept"}, []string{"Reference"}
	anything := []string{"CodeableConcept", "Quantity", "dateTime", "Identifier", "string", "uri", "boolean", "HumanName", "Address", "ContactPoint"}
	return []Extension{
		{Name: "bounds-start", Title: "Start of a duration", Description: "From when the duration counts that bounds a treatment.", Contexts: []string{"Timing.repeat.bounds"}, Types: []string{"dateTime"}},
		{Name: "cda-element", Title: "What R4 has no element for", Description: "Something that a CDA document says and R4 has no element for: the way to it below the statement, in names of CDA, and its value in the data type of FHIR that is the same.",
			Contexts: []string{"DomainResource"}, Parts: []Part{{"path", "names of CDA elements, with the type of a participation", true, []string{"string"}},
				{"negated", "it stands under a negation", false, []string{"boolean"}}, {"value", "what it says", true, anything}}},
		{Name: "concern-end", Title: "End of a concern", Description: "When somebody stopped looking after a problem or an allergy.", Contexts: []string{"Condition", "AllergyIntolerance"}, Types: []string{"dateTime"}},
		{Name: "concern-status", Title: "State of a concern", Description: "Whether a problem or an allergy is still looked after (ActStatus), beside how it stands itself.", Contexts: []string{"Condition", "AllergyIntolerance"}, Types: []string{"code"}},
		{Name: "delegated-by", Title: "Whom somebody stands in for", Description: "The role of the physician whom an assistant, an intern or a locum works for.", Contexts: []string{"PractitionerRole"}, Types: reference},
		{Name: "device-use-performer", Title: "Who fitted a device", Description: "Who applied the device.", Contexts: []string{"DeviceUseStatement"}, Types: reference},
		{Name: "dicom-address", Title: "Where an object of DICOM is", Description: "The address under which the object can be asked for.", Contexts: []string{"ImagingStudy.series.instance"}, Types: []string{"url"}},
		{Name: "dosage-identifier", Title: "Identifier of a dosage", Description: "The identifier that a part of a dosage has in the document.", Contexts: []string{"Dosage"}, Types: []string{"Identifier"}},
		{Name: "family-condition-status", Title: "How a condition of a relative stands", Description: "Status, certainty or course of a condition of a relative.", Contexts: []string{"FamilyMemberHistory.condition"}, Types: concept},
		{Name: "goal-performer", Title: "Who pursues a goal", Description: "Who works towards the goal.", Contexts: []string{"Goal"}, Types: reference},
		{Name: "immunization-act", Title: "Act of a vaccination", Description: "What kind of vaccination the act is: the first, a booster.", Contexts: []string{"Immunization"}, Types: concept},
		{Name: "mapping-report", Title: "Mapping report", Description: "What became of each item of the document: the OperationOutcome in the Provenance.", Contexts: []string{"Provenance"}, Types: reference},
		{Name: "medication-package", Title: "Package", Description: "In what the product is packed.", Contexts: []string{"Medication"}, Types: concept},
		{Name: "medication-package-form", Title: "Form of a package", Description: "The form of what is in the package.", Contexts: []string{"Medication"}, Types: concept},
		{Name: "medication-package-size", Title: "Size of a package", Description: "How much is in one package.", Contexts: []string{"Medication"}, Types: []string{"Quantity"}},
		{Name: "negated-value", Title: "What is not so", Description: "The value of which the statement says that it is not so. The value of the element is words, so that no search finds it.", Contexts: []string{"Observation.value", "FamilyMemberHistory.note"},
			Types: []string{"CodeableConcept", "Quantity", "Range", "integer", "boolean", "string", "dateTime", "Period", "Ratio"}},
		{Name: "note", Title: "Note", Description: "A note of a resource that has none in R4.", Contexts: []string{"DomainResource"}, Types: []string{"Annotation"}},
		{Name: "observation-bodySite", Title: "Further body site", Description: "Where it was seen as well.", Contexts: []string{"Observation"}, Types: concept},
		{Name: "observation-method", Title: "Further method", Description: "How it was seen as well.", Contexts: []string{"Observation"}, Types: concept},
		{Name: "participant", Title: "Who or what takes part", Description: "Who or what takes part in a way that the resource has no element for.", Contexts: []string{"DomainResource"},
			Parts: []Part{{"type", "how (ParticipationType)", false, concept}, {"function", "as what", false, concept}, {"time", "when", false, []string{"dateTime", "Period"}}, {"actor", "who", false, reference},
				{"identifier", "which thing", false, []string{"Identifier"}}, {"role", "the role of a thing", false, concept}, {"entity", "the thing", false, concept}}},
		{Name: "patient-active-before-merge", Title: "Active before a merge", Description: "What Patient.active was before the record was merged.", Contexts: []string{"Patient.link"}, Types: []string{"boolean"}},
		{Name: "precondition", Title: "Condition", Description: "Under which condition it was seen.", Contexts: []string{"Observation"}, Types: concept},
		{Name: "procedure-priority", Title: "Priority of an act", Description: "How soon the act was done.", Contexts: []string{"Procedure"}, Types: concept},
		{Name: "qualifier", Title: "Qualifier", Description: "What says a concept more closely: a side, a stage.", Contexts: []string{"CodeableConcept", "Element"},
			Parts: []Part{{"name", "what it says of the concept", false, concept}, {"value", "what it is", false, concept}}},
		{Name: "quarantine-reason", Title: "Reason of quarantine", Description: "Why a document was not taken in.", Contexts: []string{"DocumentReference"}, Types: concept},
		{Name: "related-patient", Title: "Which patient a related person is", Description: "The Patient who the related person is, where both have a record.", Contexts: []string{"RelatedPerson"}, Types: reference},
		{Name: "signature", Title: "Signature", Description: "The signature of who answers for the document, as it came. It is not verified.", Contexts: []string{"Composition.attester"}, Types: []string{"base64Binary"}},
		{Name: "source-coding", Title: "Code of the source", Description: "The code of the document that an element of type code was made of.", Contexts: []string{"code"}, Types: []string{"Coding"}},
		{Name: "specimen-collector", Title: "Further collector", Description: "Who took the specimen: an organisation, or somebody beside the collector.", Contexts: []string{"Specimen"}, Types: reference},
		{Name: "supply-act", Title: "Act of a supply", Description: "What kind of supply it is.", Contexts: []string{"DeviceUseStatement", "DeviceRequest"}, Types: concept},
	}
}
