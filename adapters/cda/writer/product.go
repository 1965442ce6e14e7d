package writer

import "github.com/cordee-sante/cordee/adapters"

// The extensions by which package cda keeps what Medication has no element for.
const (
	productName     = "https://profiles.ihe.net/PHARM/MPD/StructureDefinition/ihe-ext-medication-productname"
	classification  = "https://profiles.ihe.net/PHARM/MPD/StructureDefinition/ihe-ext-medication-classification"
	ourDefinitions  = adapters.Canonical + "/StructureDefinition/"
	productTemplate = cisisEntry + ".43"
)

// medicine is the product of a treatment (FR-Produit-de-sante), and its code.
func (w *writer) medicine(r resource) (code node, product *element) {
	m, _ := w.find(r, r.Get("medicationReference"))
	if code = r.Get("medicationCodeableConcept"); m.Exists() {
		code = m.Get("code")
	}
	product, material := w.product(code)
	for i := range m.Get("identifier").Items() {
		product.add(id(i))
	}
	w.batch(material, m.At("batch", "lotNumber").Text(), m.At("batch", "expirationDate").Text())
	material.add(w.optional("pharm:formCode", "", m.Get("form")))
	w.classes(material, m.node)
	w.content(material, m.node)
	for i := range m.Get("ingredient").Items() {
		material.add(w.ingredient(i))
	}
	if maker, ok := w.find(m, m.Get("manufacturer")); ok {
		product.add(w.organization("manufacturerOrganization", maker))
	}
	return code, product
}

// product starts a manufacturedProduct with code and name.
func (w *writer) product(code node) (product, material *element) {
	product = el("manufacturedProduct").add(templates("2.16.840.1.113883.10.20.1.53", ihe+".4.7.2", productTemplate)...)
	name := extension(code, productName).Text()
	if name == "" {
		name = code.Get("text").Text()
	}
	material = el("manufacturedMaterial").add(w.concept("code", "", code), leaf("name", name))
	return product.add(material), material
}

func (w *writer) batch(material *element, lot, expiration string) {
	material.add(leaf("lotNumberText", lot), point("pharm:expirationTime", expiration))
}

// classes are the classes that a product belongs to.
func (w *writer) classes(material *element, n node) {
	for x := range n.Get("extension").Items() {
		if x.Get("url").Text() == classification {
			material.add(el("pharm:asSpecializedKind", "classCode", "GRIC").add(
				el("pharm:generalizedMedicineClass", "classCode", "MMAT").add(w.pharm(value(x))...)))
		}
	}
}

// pharm are code and name of an element of the pharmacy extensions.
func (w *writer) pharm(n node) []*element {
	return []*element{w.concept("pharm:code", "", n), leaf("pharm:name", n.Get("text").Text())}
}

// content is what a package holds.
func (w *writer) content(material *element, n node) {
	q := quantity("pharm:quantity", n.At("amount", "numerator"))
	packaging := el("pharm:containerPackagedMedicine")
	if code := extension(n, ourDefinitions+"medication-package"); code.Exists() {
		packaging.add(w.pharm(code)...)
	}
	packaging.add(w.optional("pharm:formCode", "", extension(n, ourDefinitions+"medication-package-form")))
	packaging.add(quantity("pharm:capacityQuantity", extension(n, ourDefinitions+"medication-package-size")))
	if q == nil && packaging.empty() {
		return
	}
	content := el("pharm:asContent", "classCode", "CONT").add(q)
	if !packaging.empty() {
		content.add(packaging)
	}
	material.add(content)
}

// ingredient is a substance with its strength.
func (w *writer) ingredient(n node) *element {
	e := el("pharm:ingredient")
	if n.Get("isActive").Text() == "true" {
		e.set("classCode", "ACTI")
	}
	if strength := n.Get("strength"); strength.Exists() {
		e.add(el("pharm:quantity").add(quantity("numerator", strength.Get("numerator")), quantity("denominator", strength.Get("denominator"))))
	}
	return e.add(el("pharm:ingredient", "classCode", "MMAT").add(w.pharm(n.Get("itemCodeableConcept"))...))
}
