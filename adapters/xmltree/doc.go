// Package xmltree reads XML from strangers into a small tree with the place of
// every node, for adapters that then look at meaning only.
//
// It reads XML 1.0 with namespaces in UTF-8, ISO-8859-1, ISO-8859-15 and
// Windows-1252, and leaves out what can do harm: a document type declaration is
// refused, so there are no entities but the five predefined ones, and nothing
// is ever fetched; XInclude is refused; processing instructions are skipped
// around the root element and refused inside it; size, depth, nodes and
// attributes are limited. Names are ASCII, as in every standard of the field.
//
// It does not validate against schemas and does not write XML.
package xmltree
