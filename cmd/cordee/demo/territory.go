package demo

import "embed"

//go:embed territory/*.json
var territory embed.FS

//go:embed story/entretien-anticancereux.json
var interview []byte

//go:embed story/consentement-externe.json
var outsideConsent []byte

// A Bundle is a transaction that an organisation contributes.
type Bundle struct {
	Contributor string // "Organization/msp-tilleuls": Facts.Contributor of everything in it
	Name        string // name of the file in territory/, without its ending
	Body        []byte // JSON of a Bundle of type transaction; not to be modified
}

// bundles are the files in the order in which they are loaded: each refers to
// nothing that comes after it, and an opposition comes after what was
// contributed before it. By that order every one of them passes the guard as a
// write of its contributor.
var bundles = []struct{ name, contributor string }{
	{"01-annuaire", "cpts-deux-rives"},
	{"02-questionnaires", "cpts-deux-rives"},
	{"10-jeanne-durand", "msp-tilleuls"},
	{"11-jeanne-durand-officine", "pharmacie-vieux-pont"},
	{"12-jeanne-durand-kine", "kine-lavoir"},
	{"20-andre-le-bihan", "msp-tilleuls"},
	{"21-andre-le-bihan-hopital", "ch-saint-aubin"},
	{"22-andre-le-bihan-officine", "pharmacie-vieux-pont"},
	{"30-marie-therese-d-almeida", "msp-tilleuls"},
	{"31-marie-therese-d-almeida-officine", "pharmacie-vieux-pont"},
	{"32-marie-therese-d-almeida-opposition", "msp-tilleuls"},
	{"40-zoe-nguyen-ferrand", "msp-tilleuls"},
	{"50-rene-l-hostis", "cabinet-gare"},
	{"60-fatima-el-amrani", "msp-tilleuls"},
	{"61-fatima-el-amrani-kine", "kine-lavoir"},
	{"70-jean-baptiste-quere", "msp-tilleuls"},
	{"80-odile-vasseur", "msp-tilleuls"},
	{"82-kevin-da-silva", "msp-tilleuls"},
	{"84-suzanne-boeuf", "msp-tilleuls"},
	{"86-marcel-prud-homme", "msp-tilleuls"},
	{"90-emile-carpentier", "cabinet-gare"},
	{"91-jeanne-durand-port-ambroise", "cabinet-gare"},
}

// Bundles returns the territory in load order.
func Bundles() []Bundle {
	list := make([]Bundle, 0, len(bundles))
	for _, b := range bundles {
		body, err := territory.ReadFile("territory/" + b.name + ".json")
		if err != nil {
			panic("demo: not embedded: " + err.Error()) // the tests load every file
		}
		list = append(list, Bundle{Contributor: "Organization/" + b.contributor, Name: b.name, Body: body})
	}
	return list
}

// Interview is the transaction Bundle that the pharmacy sends after the
// interview with Patient/andre-le-bihan: answers, adherence (LOINC 71799-1),
// an adverse event of CTCAE grade 3, a coordination note to the GP and the
// message that announces it. Its entries refer to each other by urn:uuid.
func Interview() []byte { return interview }

// OutsideConsent is the Consent by which Patient/jeanne-durand lets the
// practice of another town see her record. The maison de santé puts it.
func OutsideConsent() []byte { return outsideConsent }
