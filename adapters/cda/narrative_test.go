package cda_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
)

// frame is a document whose one section has the text %TEXT%.
const frame = `<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.999.1"/><code code="SYNTH"/><effectiveTime value="2026"/><recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="247050001203496"/><patient/></patientRole></recordTarget><component><structuredBody><component><section><title>T</title><text>%TEXT%</text></section></component></structuredBody></component></ClinicalDocument>`

func TestP08Narrative(t *testing.T) {
	for text, want := range map[string]string{
		"a &lt; b &amp; c":                                "a &lt; b &amp; c",
		"<paragraph>a</paragraph>":                        "<p>a</p>",
		`<content ID="x" styleCode="Bold">a</content>`:    `<span id="x"><b>a</b></span>`,
		`<content ID="x y" styleCode="xRed">a</content>`:  "<span>a</span>",
		`<list listType="ordered"><item>a</item></list>`:  "<ol><li>a</li></ol>",
		`<list><caption>c</caption><item>a</item></list>`: "<ul><b>c</b><li>a</li></ul>",
		`<table border="1" onclick="x()"><tbody><tr><td colspan="2" style="x">a</td></tr></tbody></table>`: `<table border="1"><tbody><tr><td colspan="2">a</td></tr></tbody></table>`,
		"a<br/>b<sup>2</sup>": "a<br/>b<sup>2</sup>",
		`<linkHtml href="https://a.example/?b=1&amp;c">l</linkHtml>`:                 `<a href="https://a.example/?b=1&amp;c">l</a>`,
		`<linkHtml href="#x">l</linkHtml>`:                                           `<a href="#x">l</a>`,
		`<linkHtml href="javascript:alert(1)">l</linkHtml>`:                          "<a>l</a>",
		`<linkHtml href=" javascript:alert(1)">l</linkHtml>`:                         "<a>l</a>",
		`<linkHtml href="JaVaScRiPt&#58;alert(1)">l</linkHtml>`:                      "<a>l</a>",
		`<linkHtml href="data:text/html,x">l</linkHtml>`:                             "<a>l</a>",
		`<linkHtml href="//evil.example">l</linkHtml>`:                               "<a>l</a>",
		"<script>alert(1)</script>":                                                  "alert(1)",
		`<html:script xmlns:html="http://www.w3.org/1999/xhtml">x</html:script>`:     "x",
		`<iframe src="x">i</iframe><img src="x"/>j`:                                  "ij",
		"<![CDATA[<b>no markup</b>]]>":                                               "&lt;b&gt;no markup&lt;/b&gt;",
		`<content revised="delete">a</content><content revised="insert">b</content>`: `<span style="text-decoration: line-through">a</span><span>b</span>`,
		"<content>a</content> <content>b</content>":                                  "<span>a</span> <span>b</span>",
		"<content>a</content>\n<content>b</content>":                                 "<span>a</span>\n<span>b</span>",
	} {
		doc := strings.Replace(frame, "%TEXT%", text, 1)
		c, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input([]byte(doc)))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := divs(t, c)[0]
		got = strings.TrimSuffix(strings.TrimPrefix(got, `<div xmlns="http://www.w3.org/1999/xhtml">`), "</div>")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestProduction: a document of a test patient touches nobody in production.
func TestProduction(t *testing.T) {
	in := adaptertest.Input([]byte(strings.Replace(frame, "%TEXT%", "x", 1)))
	in.Mode = 0
	c, err := cda.Adapter{}.Convert(context.Background(), in)
	if err != nil || c.Unidentified == nil {
		t.Fatalf("%v, %v", err, c.Unidentified)
	}
	for _, change := range c.Changes {
		if change.Key.Type == "Patient" && change.IfNoneExist != nil {
			t.Error("a patient is matched by a test identifier")
		}
	}
}

// TestP08Elsewhere: the address of a file is one only when it leads somewhere
// and runs nothing.
func TestP08Elsewhere(t *testing.T) {
	for address, url := range map[string]bool{"https://a.example/b.pdf": true, "javascript:alert(1)": false, "../b.pdf": false, "file:///etc/passwd": false} {
		entry := `<entry><act classCode="ACT" moodCode="EVN"><code code="1" codeSystem="2.999.1"/><reference typeCode="REFR"><externalDocument><id root="2.999.7"/><text><reference value="` + address + `"/></text></externalDocument></reference></act></entry>`
		doc := strings.Replace(strings.Replace(frame, "%TEXT%", "x", 1), "</section>", entry+"</section>", 1)
		c, err := adaptertest.Check(t, cda.Adapter{}, adaptertest.Input([]byte(doc)))
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, change := range c.Changes {
			if body := string(change.Body); strings.Contains(body, address) && change.Key.Type == "DocumentReference" {
				found = body
			}
		}
		if strings.Contains(found, `"url":"`+address) != url || strings.Contains(found, `"title":"`+address) == url {
			t.Errorf("%s: %s", address, found)
		}
	}
}
