package auth

// Purposes of use, codes of http://terminology.hl7.org/CodeSystem/v3-ActReason.
// The purpose is granted with the token; a request cannot change it.
const (
	PurposeTreatment          = "TREAT"
	PurposeEmergencyTreatment = "ETREAT"
	PurposeBreakTheGlass      = "BTG"
	PurposeCareManagement     = "CAREMGT"
	PurposePayment            = "HPAYMT"
	PurposeOperations         = "HOPERAT"
	PurposeAdministration     = "HSYSADMIN"
	PurposePublicHealth       = "PUBHLTH"
	PurposeResearch           = "HRESCH"
	PurposePatientRequest     = "PATRQT"
	PurposeFamilyRequest      = "FAMRQT"
	PurposePowerOfAttorney    = "PWATRNY"
	PurposeTest               = "HTEST"
)

// ValidPurpose reports whether code is a purpose of use that the gateway knows.
// Every other code is refused, at registration and in a token request.
func ValidPurpose(code string) bool {
	switch code {
	case PurposeTreatment, PurposeEmergencyTreatment, PurposeBreakTheGlass, PurposeCareManagement,
		PurposePayment, PurposeOperations, PurposeAdministration, PurposePublicHealth, PurposeResearch,
		PurposePatientRequest, PurposeFamilyRequest, PurposePowerOfAttorney, PurposeTest:
		return true
	}
	return false
}
