package profile

import (
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// narrated is a Patient with this narrative.
func narrated(div string) string {
	return patient(`"text":{"status":"generated","div":` + fhirjson.Quote(div) + `}`)
}

// inDiv puts XHTML into the div that it must be in.
func inDiv(xhtml string) string {
	return `<div xmlns="http://www.w3.org/1999/xhtml">` + xhtml + `</div>`
}

func testNarratives(t *testing.T, want string, narratives []string) {
	for _, div := range narratives {
		var expected []string
		if want != "" {
			expected = []string{want + " Patient.text.div"}
		}
		if got := found(t, narrated(div)); !slices.Equal(got, expected) {
			t.Errorf("%s: got %q, want %q", div, got, expected)
		}
	}
}

func TestP08NarrativeElements(t *testing.T) {
	var narratives []string
	for _, x := range []string{`<script>alert(1)</script>`, `<script src="https://x.y/z.js"/>`, `<SCRIPT>alert(1)</SCRIPT>`, `<style>p{}</style>`,
		`<link rel="stylesheet" href="x.css"/>`, `<iframe src="x"/>`, `<object data="x"/>`, `<embed src="x"/>`, `<form><input/></form>`, `<base href="//x"/>`,
		`<meta http-equiv="refresh"/>`, `<svg><script/></svg>`, `<math/>`, `<html/>`, `<body/>`, `<template/>`, `<x:p xmlns:x="http://www.w3.org/1999/xhtml">a</x:p>`,
		`<p xmlns="http://www.w3.org/2000/svg">a</p>`} {
		narratives = append(narratives, inDiv("a"+x))
	}
	testNarratives(t, "narrative-element", narratives)
}

func TestP08NarrativeActiveContent(t *testing.T) {
	var narratives []string
	for _, x := range []string{`<p onclick="x()">a</p>`, `<img src="x.png" onerror="x()"/>`, `<p on-unheard-of="x">a</p>`,
		`<a href="javascript:x()">a</a>`, `<a href="JavaScript:x()">a</a>`, `<a href=" javascript:x()">a</a>`, `<a href="java&#10;script:x()">a</a>`,
		`<a href="java&#x73;cript&#58;x()">a</a>`, "<a href=\"java\tscript:x()\">a</a>", `<a href="vbscript:x">a</a>`, `<a href="data:text/html,x">a</a>`,
		`<a href="data:image/png;base64,x">a</a>`, `<img src="data:text/html,x"/>`, `<img src="data:image/pngx,y"/>`, `<img src="file:///etc/x"/>`,
		`<blockquote cite="javascript:x">a</blockquote>`, `<img usemap="javascript:x" src="a"/>`} {
		narratives = append(narratives, inDiv("a"+x))
	}
	testNarratives(t, "narrative-active", narratives)
}

func TestP08NarrativeAttributesAndStyles(t *testing.T) {
	testNarratives(t, "narrative-attribute", []string{inDiv(`<p formaction="x">a</p>`), inDiv(`<p data-x="y">a</p>`), inDiv(`<img srcset="x" src="y"/>`),
		inDiv(`<p ONCLICK="x()">a</p>`), inDiv(`<a target="x">a</a>`), inDiv(`<p xmlns:x="y">a</p>`), inDiv(`<p contenteditable="x">a</p>`)})
	var narratives []string
	for _, css := range []string{`background:url(https://x.y/z.png)`, `background:URL('//x.y')`, `background: url( data:text/html,x)`, `@import 'x'`,
		`width:expression(x())`, `-moz-binding:url(x)`, `behavior:url(x)`, `width:e\\78pression(x)`, `width:exp/**/ression(x)`,
		`background:url(data:image/png;base64,x) url(x)`, `background:&#117;rl(x)`} {
		narratives = append(narratives, inDiv(`<p style="`+css+`">a</p>`))
	}
	testNarratives(t, "narrative-style", narratives)
}

func TestP08NarrativeSyntax(t *testing.T) {
	var narratives []string
	for _, x := range []string{`<p>`, `</p>`, `<p></b></p>`, `<p title=a>a</p>`, `<p title>a</p>`, `<p title="a" title="b">a</p>`, `<p title="a"lang="b">a</p>`,
		`<p title="<">a</p>`, `a & b`, `a &nbsp; b`, `a &lt b`, `&#0;`, `&#x1f;`, `&#xd800;`, `&#x110000;`, `&#xFFFE;`, "\uffff", `&#;`, `&#x;`, `&#a;`, `<![CDATA[<script>]]>`, `]]>`,
		`<?php x ?>`, `<!DOCTYPE html>`, `<!--><script>alert(1)</script>-->`, `<!-->-->`, `<!-- a -- b -->`, `<!-- a --->`, `<!-- --!><script>x</script> -->`,
		`<!-- open`, `< p>a</p>`, `<p/ >`, `<p a`, `<p title="a`, strings.Repeat("<b>", 64) + "a" + strings.Repeat("</b>", 64)} {
		narratives = append(narratives, inDiv("a"+x))
	}
	narratives = append(narratives, `<div xmlns="http://www.w3.org/1999/xhtml">a`, `<div xmlns="http://www.w3.org/1999/xhtml"`, `<`)
	testNarratives(t, "narrative-syntax", narratives)
	testNarratives(t, "narrative-div", []string{`a`, ` `, `<p>a</p>`, `<div>a</div>`, `a` + inDiv("a"), inDiv("a") + `a`, inDiv("a") + inDiv("b"), `<!-- a -->`,
		`<DIV xmlns="http://www.w3.org/1999/xhtml">a</DIV>`})
	testNarratives(t, "narrative-empty", []string{inDiv(""), inDiv(" \n "), inDiv("<p>\u00a0</p>"), `<div xmlns="http://www.w3.org/1999/xhtml"/>`})
}

func TestNarrative(t *testing.T) {
	testNarratives(t, "", []string{
		inDiv("a"), inDiv(`<img src="#i"/>`), " <!-- c --> " + inDiv("a") + "\n",
		inDiv(`<h1>É</h1><p class='a' style="color: red; background: url( 'data:image/png;base64,AA==' )">a &lt; b &amp; &#233; &#xE9; &quot;c&quot;<br/><b >d</b ></p>`),
		inDiv(`<table border="1"><tr><td colspan="2">a</td></tr></table><ul><li>b</li></ul><hr/>`),
		inDiv(`<a href="https://x.y/z?a=1&amp;b=2#c">a</a><a href="Patient/1">a</a><a href=" mailto:a@b.c">a</a><a href="/a:b">a</a><a name="x">a</a>`),
		inDiv(`<img src="data: image/png;base64,AA=="/>`),
		inDiv(`<img src="data:image/png;base64,AA==" alt="x"/><div xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr">a</div>`),
	})
	testRefusals(t, []refusal{{"no string", patient(`"text":{"status":"generated","div":7}`), []string{"json-type Patient.text.div"}},
		{"no div", patient(`"text":{"status":"generated"}`), []string{"required-element Patient.text.div"}},
		{"extension", patient(`"text":{"status":"generated","div":` + fhirjson.Quote(inDiv("a")) + `,"_div":{"extension":[{"url":"http://x.y","valueCode":"a"}]}}`),
			[]string{"unknown-element Patient.text.div.extension"}}})
}
