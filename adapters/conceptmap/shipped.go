package conceptmap

import (
	"embed"
	"strings"
)

//go:embed shipped/*.json
var files embed.FS

// Shipped returns the ConceptMaps that come with the gateway.
func Shipped() [][]byte {
	entries, err := files.ReadDir("shipped")
	if err != nil {
		panic("conceptmap: " + err.Error()) // they are embedded
	}
	var list [][]byte
	for _, e := range entries {
		body, err := files.ReadFile("shipped/" + e.Name())
		if err != nil {
			panic("conceptmap: " + err.Error())
		}
		list = append(list, body)
	}
	return list
}

// ShippedURIs returns the URI of each code system that the shipped maps know, by
// its OID.
func ShippedURIs() map[string]string {
	list := map[string]string{}
	for from, to := range shippedMaps().codes {
		if oid, ok := strings.CutPrefix(from.Code, "urn:oid:"); ok && from.System == uris && to[0].System == uris {
			list[oid] = to[0].Code
		}
	}
	return list
}
