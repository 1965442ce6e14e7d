package profile

import (
	"html"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// narrative validates Narrative.div: well-formed XHTML of the elements and
// attributes that txt-1 allows, nothing active in it, and something to read
// (R4 narrative.html#xhtml). The first problem of a narrative is reported.
func (v *validator) narrative(text string) {
	x := xhtml{text: text}
	if err := x.scan(); err != nil {
		v.report(narrativeProblems[*err])
	}
}

// A narrativeFault is why a narrative is refused.
type narrativeFault int

const (
	notWellFormed narrativeFault = iota
	notOneDiv
	elementNotAllowed
	attributeNotAllowed
	activeContent
	unsafeStyle
	nothingToRead
)

var narrativeProblems = [...]problem{
	notWellFormed: {"profile.narrative-syntax", fhir.CodeInvariant,
		fhir.T("The narrative is not well-formed XHTML.", "Le texte narratif n'est pas du XHTML bien formé."),
		fhir.T("Close every element, quote every attribute, write & as &amp; and other characters themselves: &nbsp; and its like, CDATA, DOCTYPE and <? are not allowed.",
			"Fermez chaque élément, mettez les attributs entre guillemets, écrivez & sous la forme &amp; et les autres caractères tels quels : &nbsp; et autres, CDATA, DOCTYPE et <? ne sont pas permis.")},
	notOneDiv: {"profile.narrative-div", fhir.CodeInvariant,
		fhir.T("The narrative is not one div of XHTML.", "Le texte narratif n'est pas un unique div XHTML."),
		fhir.T(`Put everything into <div xmlns="http://www.w3.org/1999/xhtml">.`, `Mettez tout dans <div xmlns="http://www.w3.org/1999/xhtml">.`)},
	elementNotAllowed: {"profile.narrative-element", fhir.CodeInvariant,
		fhir.T("The narrative has an element that is not allowed.", "Le texte narratif contient un élément interdit."),
		fhir.T("Only paragraphs, headings, lists, tables, inline formatting, links and images are allowed: no script, style, form, frame or object (txt-1).",
			"Seuls les paragraphes, titres, listes, tableaux, mises en forme, liens et images sont permis : ni script, ni style, ni formulaire, ni cadre, ni objet (txt-1).")},
	attributeNotAllowed: {"profile.narrative-attribute", fhir.CodeInvariant,
		fhir.T("The narrative has an attribute that is not allowed.", "Le texte narratif contient un attribut interdit."),
		fhir.T("Keep to the attributes of basic formatting of HTML 4.0 (txt-1).", "Tenez-vous aux attributs de mise en forme de base de HTML 4.0 (txt-1).")},
	activeContent: {"profile.narrative-active", fhir.CodeInvariant,
		fhir.T("The narrative has active content.", "Le texte narratif a un contenu actif."),
		fhir.T("Remove event attributes; links and images may be relative, http, https, ftp, mailto, tel, urn or cid, images also data of an image type.",
			"Supprimez les attributs d'évènement ; liens et images peuvent être relatifs, http, https, ftp, mailto, tel, urn ou cid, les images aussi data d'un type image.")},
	unsafeStyle: {"profile.narrative-style", fhir.CodeInvariant,
		fhir.T("The narrative has a style that loads or runs something.", "Le texte narratif a un style qui charge ou exécute quelque chose."),
		fhir.T("Keep styles internal: no url() but data of an image type, no @import, expression, binding, comment or backslash.",
			"Gardez des styles internes : pas de url() sauf data d'un type image, ni @import, expression, binding, commentaire ou barre oblique inverse.")},
	nothingToRead: {"profile.narrative-empty", fhir.CodeInvariant,
		fhir.T("The narrative has nothing to read.", "Le texte narratif ne contient rien à lire."),
		fhir.T("Say in words what the resource says, or leave text out (txt-2).", "Dites en toutes lettres ce que dit la ressource, ou omettez text (txt-2).")},
}

// allowedElements are those of txt-1.
var allowedElements = set("a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em " +
	"h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var")

// allowedAttributes are those of txt-1, whatever the element: none of them can
// do more on another one.
var allowedAttributes = set("abbr accesskey align alt axis border cellpadding cellspacing char charoff charset cite class colspan coords " +
	"dir frame headers height href hreflang id ismap lang longdesc name nohref nowrap rel rev rowspan rules scope shape space span src style " +
	"start summary tabindex title type usemap valign value width xml:lang xml:space xmlns")

const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// checkAttribute says what is wrong with an attribute whose value is still
// escaped.
func checkAttribute(name, value string) (narrativeFault, bool) {
	switch {
	case strings.HasPrefix(name, "on"):
		return activeContent, false
	case !allowedAttributes[name]:
		return attributeNotAllowed, false
	}
	switch name {
	case "href", "src", "cite", "longdesc", "usemap":
		if !safeURL(html.UnescapeString(value), name == "src") {
			return activeContent, false
		}
	case "style":
		if !safeStyle(html.UnescapeString(value)) {
			return unsafeStyle, false
		}
	case "xmlns":
		if value != xhtmlNamespace {
			return elementNotAllowed, false
		}
	}
	return 0, true
}

var safeSchemes = []string{"http", "https", "ftp", "mailto", "tel", "urn", "cid"}

// safeURL reports whether a URL is relative or of a scheme that runs nothing.
// White space does not count: browsers skip it in "java\nscript:", and the
// tools of HL7 write "data: image/png".
func safeURL(url string, image bool) bool {
	url = strings.ToLower(strings.Join(strings.Fields(url), ""))
	i := strings.IndexAny(url, ":/?#")
	if i < 0 || url[i] != ':' || slices.Contains(safeSchemes, url[:i]) {
		return true
	}
	return image && isImage(url)
}

func isImage(url string) bool {
	for _, typ := range []string{"png", "gif", "jpeg", "webp", "svg+xml"} {
		if rest, ok := strings.CutPrefix(url, "data:image/"+typ); ok && rest != "" && (rest[0] == ';' || rest[0] == ',') {
			return true
		}
	}
	return false
}

// safeStyle reports whether a style attribute keeps to itself. Backslashes and
// comments are refused because they disguise the rest.
func safeStyle(css string) bool {
	css = strings.ToLower(css)
	for _, bad := range []string{`\`, "/*", "@import", "expression", "javascript:", "vbscript:", "behavior", "-moz-binding", "<"} {
		if strings.Contains(css, bad) {
			return false
		}
	}
	for {
		_, after, found := strings.Cut(css, "url(")
		if !found {
			return true
		}
		if !isImage(strings.NewReplacer(" ", "", "'", "", `"`, "").Replace(after)) {
			return false
		}
		css = after
	}
}
