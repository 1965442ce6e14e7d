package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// typeOf returns the resource type of the URL when it exists and has the
// interaction.
func (s *Server) typeOf(w http.ResponseWriter, r *http.Request, code string) (string, error) {
	typ := r.PathValue("type")
	if err := knownType(typ, ""); err != nil {
		return "", err
	}
	if !s.offers(typ, code) {
		return "", s.notAllowed(w, r)
	}
	return typ, nil
}

// key returns the resource that the URL names, with its version if there is one.
func (s *Server) key(w http.ResponseWriter, r *http.Request, code string) (fhir.Key, error) {
	typ, err := s.typeOf(w, r, code)
	if err != nil {
		return fhir.Key{}, err
	}
	k := fhir.Key{Type: typ, ID: r.PathValue("id"), Version: r.PathValue("version")}
	if !fhir.ValidID(k.ID) {
		return fhir.Key{}, errInvalidID("")
	}
	if k.Version != "" && !fhir.ValidID(k.Version) {
		return fhir.Key{}, fhir.Errorf(fhir.Malformed, "rest", "rest.invalid-version", fhir.CodeValue, "",
			fhir.T("This is not a version id.", "Ceci n'est pas un identifiant de version."),
			fhir.T("Take it from meta.versionId or from the ETag, without W/ and quotes.", "Reprenez celui de meta.versionId ou de l'ETag, sans W/ ni guillemets."))
	}
	return k, nil
}

func errInvalidID(at string) error {
	return fhir.Errorf(fhir.Malformed, "rest", "rest.invalid-id", fhir.CodeValue, at,
		fhir.T("This is not a resource id.", "Ceci n'est pas un identifiant de ressource."),
		fhir.T("An id has 1 to 64 characters: letters without accents, digits, - and a full stop.", "Un identifiant compte 1 à 64 caractères : lettres sans accent, chiffres, tiret et point."))
}

// knownType refuses what is not a resource type of R4, and names the nearest.
func knownType(typ, at string) error {
	if tables.IsResource(typ) {
		return nil
	}
	hint := fhir.T("Types are written as in FHIR R4: Patient, CarePlan. /metadata lists them.", "Les types s'écrivent comme dans FHIR R4 : Patient, CarePlan. /metadata les énumère.")
	if near := tables.Nearest(typ, tables.Types()); near != "" {
		hint = fhir.T("Did you mean %s?", "Vouliez-vous dire %s ?", near)
	}
	return fhir.Errorf(fhir.NotFound, "rest", "rest.unknown-type", fhir.CodeNotSupported, at,
		fhir.T("There is no such resource type.", "Ce type de ressource n'existe pas."), hint)
}
