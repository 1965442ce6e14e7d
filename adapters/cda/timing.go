package cda

import (
	"math"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// The times of a statement are an interval (IVL_TS) cut with periods (PIVL_TS),
// events of the day (EIVL_TS) or sets of those (SXPR_TS), combined with
// operator A. FHIR has one Timing for all of them.

// timing returns the Timing of a statement, empty when it says nothing of how
// often. Words of the frequency are added to the phrase.
func (c *conversion) timing(n *node, words *phrase) *object {
	t := new(object)
	repeat := new(object)
	for at := range n.Elements("effectiveTime") {
		c.times(t, repeat, at, words, false)
	}
	if repeat.Has("period") && !repeat.Has("frequency") && !repeat.Has("timeOfDay") && !repeat.Has("when") {
		repeat.Literal("frequency", "1")
	}
	return t.Put("repeat", ordered(repeat))
}

// occurring sets the choice element name to when something happens: a Timing when
// it does so again and again.
func (c *conversion) occurring(o *object, name string, n *node) {
	repeated := false
	for at := range n.Elements("effectiveTime") {
		switch xsiType(at) {
		case "PIVL_TS", "EIVL_TS", "SXPR_TS":
			repeated = true
		}
	}
	if !repeated {
		c.when(o, name, n.Element("effectiveTime"))
		return
	}
	words := new(phrase)
	t := c.timing(n, words)
	if p := c.period(doseTime(n, "IVL_TS")); !p.Empty() {
		repeat := t.Object("repeat")
		if repeat == nil {
			repeat = new(object)
		}
		if !repeat.Has("bounds|Duration") && !repeat.Has("bounds|Period") {
			t.Put("repeat", repeat.Put("bounds|Period", p))
		}
	}
	if words.String() != "" {
		t.Put("code", new(object).Set("text", words.String(), words.from...))
	}
	o.Put(name+"|Timing", t)
}

// times reads one component; inside says that it is part of a set, where an
// interval bounds the repetition instead of the treatment.
func (c *conversion) times(t, repeat *object, at *node, words *phrase, inside bool) {
	switch xsiType(at) {
	case "PIVL_TS":
		c.periodic(repeat, at, words)
	case "EIVL_TS":
		c.eventBased(repeat, at)
	case "SXPR_TS":
		for part := range at.Elements("comp") {
			c.times(t, repeat, part, words, true)
		}
	case "TS":
		t.AddText("event", c.dateTime(at), mark(at))
	case "IVL_TS", "":
		c.bounds(repeat, at, inside)
	}
}

// boundsStart is the extension of a boundsDuration for when it begins.
const boundsStart = adapters.Canonical + "/StructureDefinition/bounds-start"

// bounds reads how long a repetition lasts.
func (c *conversion) bounds(repeat *object, at *node, inside bool) {
	if width := quantity(at.Element("width")); width != nil {
		low := at.Element("low")
		if start := c.dateTime(low); inside && start != "" {
			from := new(object).Add("extension", extension(boundsStart).Set("value|dateTime", start, mark(low)))
			from.Merge(width)
			width = from
		}
		repeat.Put("bounds|Duration", width)
		return
	}
	if inside {
		repeat.Put("bounds|Period", c.period(at))
	}
}

// periodUnit is the unit of UCUM that Timing.repeat takes for that of a document,
// empty for one that is no time.
func (c *conversion) periodUnit(unit string) string {
	to, _ := c.in.Maps.Required(toTimeUnit, toTimeUnit, unit)
	return to
}

// periodic reads every so often, and when in the period it begins and how long
// it lasts.
func (c *conversion) periodic(repeat *object, at *node, words *phrase) {
	period := at.Element("period")
	value, unit := decimal(period.Attr("value")), c.periodUnit(period.Attr("unit"))
	if value != "" && unit != "" {
		repeat.Literal("period", value, mark(period)).Set("periodUnit", unit)
	}
	if often := at.Element("frequency"); often != nil {
		number, per := often.Element("numerator"), often.Element("denominator")
		if k, unit := integer(number.Attr("value")), c.periodUnit(per.Attr("unit")); k != "" && unit != "" {
			repeat.Literal("frequency", k, mark(number))
			repeat.Literal("period", decimal(per.Attr("value")), mark(per)).Set("periodUnit", unit)
		}
	}
	words.add(c.text(period.Element("translation", "originalText")))
	phase := at.Element("phase")
	start := phase.Element("low")
	if phase.Attr("value") != "" {
		start = phase
	}
	if _, clock, found := strings.Cut(c.dateTime(start), "T"); found && unit == "d" {
		repeat.AddText("timeOfDay", clock[:8], mark(start))
	}
	width := phase.Element("width")
	if unit := c.periodUnit(width.Attr("unit")); unit != "" {
		repeat.Literal("duration", decimal(width.Attr("value")), mark(width))
		if repeat.Has("duration") {
			repeat.Set("durationUnit", unit)
		}
	}
}

// eventBased reads before meals, at bedtime and the like.
func (c *conversion) eventBased(repeat *object, at *node) {
	event := at.Element("event")
	code := c.attributed(toEventTiming, "TimingEvent", event.Attr("code"))
	if code == "" {
		return
	}
	repeat.AddText("when", code, mark(event))
	offset := at.Element("offset")
	value := offset
	if low := offset.Element("low"); low != nil {
		value = low
	}
	k, known := minutes(value)
	if k < 0 && strings.HasPrefix(code, "AC") { // before what it is before of
		k = -k
	}
	if known && k >= 0 {
		repeat.Literal("offset", strconv.Itoa(k), mark(value))
	}
}

// minutes are those of a PQ of time that is a whole number of them.
func minutes(n *node) (int, bool) {
	k, err := strconv.ParseFloat(decimal(n.Attr("value")), 64)
	switch n.Attr("unit") {
	case "h":
		k *= 60
	case "min":
	default:
		return 0, false
	}
	return int(k), err == nil && k == math.Trunc(k) && math.Abs(k) < 1e6
}

// ordered returns the members of Timing.repeat in the order of R4.
func ordered(repeat *object) *object {
	o := new(object)
	for _, name := range []string{"bounds|Duration", "bounds|Period", "duration", "durationUnit", "frequency", "period", "periodUnit", "timeOfDay", "when", "offset"} {
		o.Copy(repeat, name)
	}
	return o
}
