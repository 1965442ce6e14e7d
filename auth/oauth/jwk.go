package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The limits of a key set; SMART sets none.
const (
	maxKeySetBytes = 64 << 10
	maxKeys        = 16
	maxKeyID       = 256
	minRSABits     = 2048
	maxRSABits     = 8192 // a longer key makes the check of a signature expensive
)

// privateMembers are the members of a JWK that only its owner may know (RFC
// 7518 §6.2.2, §6.3.2, §6.4.1).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// parseKeySet reads the public keys of a client: P-384 for ES384 or RSA of at
// least 2048 bits for RS384, each with a kid that no other key of the set has.
func parseKeySet(text []byte) ([]jose.JSONWebKey, error) {
	if len(text) > maxKeySetBytes {
		return nil, keyError(fhir.T("The key set is too long.", "Le jeu de clés est trop long."))
	}
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, keyError(fhir.T("The key set is not a JSON object with a list of keys.", "Le jeu de clés n'est pas un objet JSON avec une liste de clés."))
	}
	if len(set.Keys) == 0 || len(set.Keys) > maxKeys {
		return nil, keyError(fhir.T("The key set holds no key, or more than %d.", "Le jeu de clés est vide, ou en compte plus de %d.", maxKeys))
	}
	keys := make([]jose.JSONWebKey, 0, len(set.Keys))
	for _, raw := range set.Keys {
		key, err := parsePublicKey(raw)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return k.KeyID == key.KeyID }) {
			return nil, keyError(fhir.T("Two keys have the same kid.", "Deux clés ont le même kid."))
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parsePublicKey(raw jsontext.Value) (jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	var members map[string]jsontext.Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return key, keyError(fhir.T("A key is not a JSON object.", "Une clé n'est pas un objet JSON."))
	}
	for _, name := range privateMembers {
		if _, has := members[name]; has {
			return key, keyError(fhir.T("The key set holds a private key.", "Le jeu de clés contient une clé privée."))
		}
	}
	if err := key.UnmarshalJSON(raw); err != nil || !key.Valid() {
		return key, keyError(fhir.T("A key cannot be read.", "Une clé est illisible."))
	}
	if key.KeyID == "" || len(key.KeyID) > maxKeyID {
		return key, keyError(fhir.T("A key has no kid, or one that is too long.", "Une clé n'a pas de kid, ou un kid trop long."))
	}
	alg := algorithmOf(key)
	if alg == "" || key.Algorithm != "" && key.Algorithm != string(alg) {
		return key, keyError(fhir.T("A key is for neither ES384 nor RS384.", "Une clé ne convient ni à ES384 ni à RS384."))
	}
	if key.Use != "" && key.Use != "sig" {
		return key, keyError(fhir.T("A key is not for signatures.", "Une clé n'est pas destinée à signer."))
	}
	return key, nil
}

// algorithmOf returns the one algorithm that the key may be used with, empty
// for a key that may not be used at all.
func algorithmOf(key jose.JSONWebKey) jose.SignatureAlgorithm {
	switch k := key.Key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P384() {
			return jose.ES384
		}
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits >= minRSABits && bits <= maxRSABits {
			return jose.RS384
		}
	}
	return ""
}

func keyError(text fhir.Text) error {
	return fhir.Errorf(fhir.Unprocessable, "oauth.parseKeySet", "oauth.client-keys", fhir.CodeValue, "jwks", text,
		fhir.T("Register public keys only: EC P-384 (ES384) or RSA of 2048 to 8192 bits (RS384), each with its own kid.",
			"Enregistrez uniquement des clés publiques\u00a0: EC P-384 (ES384) ou RSA de 2048 à 8192 bits (RS384), chacune avec son kid."))
}
