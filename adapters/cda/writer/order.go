package writer

// sequences are the orders in which the schema wants the children of an element
// (POCD_MT000040.xsd), with the extensions of HL7 where they belong.
var sequences = map[string]string{
	"ClinicalDocument": " realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId versionNumber copyTime recordTarget author dataEnterer" +
		" informant custodian informationRecipient legalAuthenticator authenticator participant inFulfillmentOf documentationOf relatedDocument authorization componentOf component ",
	"patientRole": " id addr telecom patient providerOrganization ",
	"patient": " id name administrativeGenderCode birthTime sdtc:deceasedInd sdtc:deceasedTime sdtc:multipleBirthInd sdtc:multipleBirthOrderNumber maritalStatusCode" +
		" guardian birthplace languageCommunication ",
	"guardian":                    " id code addr telecom guardianPerson guardianOrganization ",
	"author":                      " templateId functionCode time assignedAuthor ",
	"assignedAuthor":              " templateId id code addr telecom assignedPerson assignedAuthoringDevice representedOrganization ",
	"assignedEntity":              " templateId id code addr telecom assignedPerson representedOrganization ",
	"associatedEntity":            " templateId id code addr telecom associatedPerson scopingOrganization ",
	"intendedRecipient":           " id addr telecom informationRecipient receivedOrganization ",
	"relatedEntity":               " code addr telecom effectiveTime relatedPerson ",
	"participantRole":             " id code addr telecom playingDevice playingEntity scopingEntity ",
	"representedOrganization":     " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"scopingOrganization":         " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"receivedOrganization":        " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"providerOrganization":        " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"guardianOrganization":        " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"wholeOrganization":           " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"serviceProviderOrganization": " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"manufacturerOrganization":    " id name telecom addr standardIndustryClassCode asOrganizationPartOf ",
	"legalAuthenticator":          " time signatureCode assignedEntity ",
	"authenticator":               " time signatureCode assignedEntity ",
	"participant":                 " templateId functionCode time associatedEntity participantRole ",
	"performer":                   " templateId functionCode time assignedEntity ",
	"serviceEvent":                " id code effectiveTime performer ",
	"encompassingEncounter":       " id code effectiveTime dischargeDispositionCode responsibleParty encounterParticipant location ",
	"section":                     " templateId id code title text confidentialityCode languageCode subject author informant entry component ",
	"act":                         " templateId id code text statusCode effectiveTime priorityCode languageCode subject specimen performer author informant participant entryRelationship reference precondition ",
	"observation": " templateId id code derivationExpr text statusCode effectiveTime priorityCode repeatNumber languageCode value interpretationCode methodCode targetSiteCode" +
		" subject specimen performer author informant participant entryRelationship reference precondition referenceRange ",
	"procedure": " templateId id code text statusCode effectiveTime priorityCode languageCode methodCode approachSiteCode targetSiteCode subject specimen performer author informant" +
		" participant entryRelationship reference precondition ",
	"substanceAdministration": " templateId id code text statusCode effectiveTime priorityCode repeatNumber routeCode approachSiteCode doseQuantity rateQuantity maxDoseQuantity" +
		" administrationUnitCode subject specimen consumable performer author informant participant entryRelationship reference precondition ",
	"supply": " templateId id code text statusCode effectiveTime priorityCode repeatNumber independentInd quantity expectedUseTime subject specimen product performer author informant" +
		" participant entryRelationship reference precondition ",
	"encounter":            " templateId id code text statusCode effectiveTime priorityCode subject specimen performer author informant participant entryRelationship reference precondition ",
	"organizer":            " templateId id code statusCode effectiveTime subject specimen performer author informant participant reference precondition component ",
	"manufacturedProduct":  " templateId id manufacturedMaterial manufacturerOrganization ",
	"manufacturedMaterial": " templateId code name lotNumberText pharm:expirationTime pharm:formCode pharm:asContent pharm:asSpecializedKind pharm:ingredient ",
	"observationRange":     " code text value interpretationCode ",
	"subject":              " templateId relatedSubject name administrativeGenderCode birthTime sdtc:deceasedInd sdtc:deceasedTime sdtc:multipleBirthInd sdtc:multipleBirthOrderNumber ",
	"relatedSubject":       " sdtc:id code addr telecom subject ",
	"entryRelationship":    " seperatableInd sequenceNumber ",
	"observationMedia":     " templateId id languageCode value subject specimen performer author informant participant entryRelationship reference precondition ",
	"nonXMLBody":           " text confidentialityCode languageCode ",
}
