package cda

import "github.com/cordee-sante/cordee/adapters"

// product returns what a document says of a product beside code and name, as
// elements of Medication: form, ingredients, lot, maker, package (FR-Produit-de-
// sante with the pharmacy extensions of IHE). It is empty when that is nothing.
func (c *conversion) product(product, material *node) *object {
	o := new(object)
	for id := range product.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	for class := range material.Elements("pharm:asSpecializedKind") {
		generic := class.Element("pharm:generalizedMedicineClass")
		if generic == nil {
			generic = class.Element("pharm:generalizedMaterialKind")
		}
		if code := c.pharmCoded(generic); code != nil {
			o.Add("extension", extension("https://profiles.ihe.net/PHARM/MPD/StructureDefinition/ihe-ext-medication-classification").Put("value|CodeableConcept", code))
		}
	}
	if maker := c.organizationResource(product.Element("manufacturerOrganization")); maker != nil {
		o.Put("manufacturer", c.Reference(maker))
	}
	o.Put("form", c.coded(material.Element("pharm:formCode")))
	c.content(o, material.Element("pharm:asContent"))
	for n := range material.Elements("pharm:ingredient") {
		o.Add("ingredient", c.ingredient(n))
	}
	batch := new(object)
	lot, from := words(material.Element("lotNumberText"))
	batch.Set("lotNumber", lot, from...)
	expiration := material.Element("pharm:expirationTime")
	batch.Set("expirationDate", c.dateTime(expiration), mark(expiration))
	o.Put("batch", batch)
	return o
}

// pharmCoded returns the concept of a pharm element that has a code and a name.
func (c *conversion) pharmCoded(n *node) *object {
	if n == nil {
		return nil
	}
	code := c.coded(n.Element("pharm:code"))
	name, from := words(n.Element("pharm:name"))
	switch {
	case name == "":
	case code == nil:
		code = new(object).Set("text", name, from...)
	case code.Text("text") == "":
		code.Set("text", name, from...)
	case code.Text("text") == name:
		code.Note("text", from...)
	}
	return code
}

// content sets what a package holds.
func (c *conversion) content(o *object, n *node) {
	if n == nil {
		return
	}
	if q := quantity(n.Element("pharm:quantity")); q != nil {
		o.Put("amount", new(object).Put("numerator", q).Put("denominator", new(object).Literal("value", "1")))
	}
	packaging := n.Element("pharm:containerPackagedMedicine")
	if packaging == nil {
		packaging = n.Element("pharm:containerPackagedProduct")
	}
	if code := c.pharmCoded(packaging); code != nil {
		o.Add("extension", extension(adapters.Canonical+"/StructureDefinition/medication-package").Put("value|CodeableConcept", code))
	}
	if form := c.coded(packaging.Element("pharm:formCode")); form != nil {
		o.Add("extension", extension(adapters.Canonical+"/StructureDefinition/medication-package-form").Put("value|CodeableConcept", form))
	}
	if capacity := quantity(packaging.Element("pharm:capacityQuantity")); capacity != nil {
		o.Add("extension", extension(adapters.Canonical+"/StructureDefinition/medication-package-size").Put("value|Quantity", capacity))
	}
}

// ingredient makes Medication.ingredient with its strength.
func (c *conversion) ingredient(n *node) *object {
	substance := c.pharmCoded(firstElement(n, "pharm:ingredient", "pharm:ingredientSubstance"))
	if substance == nil {
		return nil
	}
	o := new(object).Put("item|CodeableConcept", substance)
	if n.Attr("classCode") == "ACTI" {
		o.Literal("isActive", "true")
	}
	q := n.Element("pharm:quantity")
	strength := new(object).Put("numerator", quantity(q.Element("numerator"))).Put("denominator", quantity(q.Element("denominator")))
	if strength.Empty() {
		strength.Put("numerator", quantity(q.Element("pharm:numerator"))).Put("denominator", quantity(q.Element("pharm:denominator")))
	}
	return o.Put("strength", strength)
}
