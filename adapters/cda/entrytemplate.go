package cda

const (
	cisisEntry = "1.2.250.1.213.1.1.3"
	iheEntry   = "1.3.6.1.4.1.19376.1.5.3.1.4"
	ccda       = "2.16.840.1.113883.10.20.22.4"

	iheLaboratory = "1.3.6.1.4.1.19376.1.3.1"
	dicomEntry    = "1.2.840.10008.9"
	ipsEntry      = "2.16.840.1.113883.10.22.4" // International Patient Summary, CDA
)

// entryTemplates are the templates of entries by what they say: CI-SIS, IHE
// PCC, and the C-CDA ones of the same shape.
var entryTemplates = map[string]kind{
	cisisEntry + ".39":  problemConcern,
	iheEntry + ".5.2":   problemConcern,
	ccda + ".3":         problemConcern,
	ipsEntry + ".7":     problemConcern,
	cisisEntry + ".37":  problem,
	cisisEntry + ".113": problem, // FR-Probleme of a tumour
	iheEntry + ".5":     problem,
	ccda + ".4":         problem,
	ipsEntry + ".8":     problem,

	cisisEntry + ".40": allergyConcern,
	iheEntry + ".5.3":  allergyConcern,
	ccda + ".30":       allergyConcern,
	ipsEntry + ".5":    allergyConcern,
	cisisEntry + ".41": allergy,
	iheEntry + ".6":    allergy,
	ccda + ".7":        allergy,
	ipsEntry + ".1":    allergy,

	cisisEntry + ".42": treatment,
	iheEntry + ".7":    treatment,
	ccda + ".16":       treatment,
	ipsEntry + ".4":    treatment,
	ipsEntry + ".33":   treatment,

	cisisEntry + ".62": procedure,
	iheEntry + ".19":   procedure,
	ccda + ".14":       procedure,

	cisisEntry + ".59": familyHistory,
	iheEntry + ".15":   familyHistory,
	ccda + ".45":       familyHistory,
	cisisEntry + ".51": familyProblem,
	iheEntry + ".13.3": familyProblem,
	ccda + ".46":       familyProblem,

	cisisEntry + ".52": socialHistory,
	iheEntry + ".13.4": socialHistory,
	ccda + ".38":       socialHistory,
	ccda + ".78":       socialHistory,

	cisisEntry + ".49": vitalSigns,
	iheEntry + ".13.1": vitalSigns,
	ccda + ".26":       vitalSigns,
	ipsEntry + ".44":   vitalSigns,
	cisisEntry + ".50": vitalSign,
	iheEntry + ".13.2": vitalSign,
	ccda + ".27":       vitalSign,
	ipsEntry + ".45":   vitalSign,

	cisisEntry + ".58": encounterAct,
	iheEntry + ".14":   encounterAct,
	ccda + ".49":       encounterAct,

	cisisEntry + ".32": comment,
	iheEntry + ".2":    comment,
	ccda + ".64":       comment,
	cisisEntry + ".36": internalReference,
	iheEntry + ".4.1":  internalReference,
	ccda + ".122":      internalReference,

	cisisEntry + ".33": patientInstructions,
	iheEntry + ".3":    patientInstructions,
	cisisEntry + ".34": dispenserInstructions,
	iheEntry + ".3.1":  dispenserInstructions,

	cisisEntry + ".45": immunization,
	cisisEntry + ".47": immunization,
	iheEntry + ".12":   immunization,
	iheEntry + ".12.2": immunization,
	ccda + ".52":       immunization,
	ipsEntry + ".15":   immunization,
	cisisEntry + ".82": vaccineRank,

	cisisEntry + ".54": directive,
	iheEntry + ".13.7": directive,

	cisisEntry + ".20": device,
	iheEntry + ".20":   device,
	ipsEntry + ".26":   device,

	cisisEntry + ".18":    attachment,
	cisisEntry + ".48.18": documentType,

	cisisEntry + ".210": adverseEvent,
	cisisEntry + ".211": causality,
	cisisEntry + ".212": severity,
	cisisEntry + ".213": evolution,

	cisisEntry + ".83":              prescription,
	cisisEntry + ".86":              supplyRequest,
	"1.3.6.1.4.1.19376.1.9.1.3.8":   supplyRequest,
	cisisEntry + ".87":              substitutionPermit,
	"1.3.6.1.4.1.19376.1.9.1.3.9":   substitutionPermit,
	cisisEntry + ".204":             dispense,
	"1.3.6.1.4.1.19376.1.9.1.3.4":   dispense,
	"1.3.6.1.4.1.19376.1.9.1.3.9.2": substitutionAct,

	iheLaboratory + ".2": specimenCollection,
	iheLaboratory + ".3": specimenReceipt,

	iheEntry + ".13.5.2": birthEvent,

	cisisEntry + ".13":  administration, // blood products
	cisisEntry + ".26":  administration, // intravenous fluids
	cisisEntry + ".151": administration, // of an imaging procedure
	cisisEntry + ".173": administration, // radiopharmaceuticals
	dicomEntry + ".13":  administration,

	cisisEntry + ".155": imagingStudy,
	dicomEntry + ".16":  imagingStudy,
	cisisEntry + ".156": imagingSeries,
	dicomEntry + ".17":  imagingSeries,
	dicomEntry + ".18":  imagingInstance,

	ccda + ".500":   careTeam,
	ccda + ".500.1": careTeamMember,

	cisisEntry + ".29":  severity,
	iheEntry + ".1":     severity,
	ccda + ".8":         severity,
	cisisEntry + ".30":  problemStatus,
	iheEntry + ".1.1":   problemStatus,
	ccda + ".6":         problemStatus,
	ipsEntry + ".20":    problemStatus,
	cisisEntry + ".31":  healthStatus,
	iheEntry + ".1.2":   healthStatus,
	cisisEntry + ".171": certainty,
	cisisEntry + ".170": criticality,
	ccda + ".145":       criticality,
	ipsEntry + ".18":    criticality,
}
