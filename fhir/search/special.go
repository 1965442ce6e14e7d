package search

import (
	"math"
	"strconv"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The row of Location.position, for near (R4 location.html#positional):
//
//	position  latitude longitude  in 1e-7 degree from the south pole and the antimeridian, as instants are written
const position = 'p'

// grid is how many steps a degree has: one is about a centimetre.
const grid = 1e7

const (
	earth       = 6371.0088 // mean radius in km (IUGG)
	nearDefault = 20        // km, where a search gives no distance and R4 leaves it to the server
)

// specialEmits says how each element is read whose parameter has a syntax of its own.
var specialEmits = map[string]emit{"Location.position": emitPosition}

func emitPosition(w *writer, n fhirjson.Node) {
	lat, ok1 := degrees(n.Get("latitude").Text(), 90)
	lon, ok2 := degrees(n.Get("longitude").Text(), 180)
	if ok1 && ok2 {
		w.bounds(position, steps(lat+90), steps(lon+180))
	}
}

func steps(degrees float64) instant { return instant(math.Round(degrees * grid)) }

// readSteps is the degrees that the row holds at b.
func readSteps(b []byte) float64 { return float64(readInstant(b)) / grid }

// degrees reads an angle of at most most degrees either way.
func degrees(s string, most float64) (float64, bool) {
	if _, ok := parseDecimal(s); !ok { // what ParseFloat takes besides: Inf, 0x1p-2, 1_000
		return 0, false
	}
	d, err := strconv.ParseFloat(s, 64)
	return d, err == nil && math.Abs(d) <= most
}

// near reads latitude|longitude[|distance[|unit]]. The distance is that on the
// sphere, which is within half a percent of the earth's.
func (c *compiler) near(value string) ([]clause, error) {
	parts := split(value, '|')
	if len(parts) < 2 || len(parts) > 4 {
		return nil, c.malformedNear()
	}
	lat, ok1 := degrees(parts[0], 90)
	lon, ok2 := degrees(parts[1], 180)
	distance := float64(nearDefault)
	if len(parts) > 2 && parts[2] != "" {
		d, ok := degrees(parts[2], math.MaxFloat64)
		ok1, distance = ok1 && ok && d >= 0, d
	}
	if len(parts) == 4 && parts[3] != "" {
		km, ok := map[string]float64{"km": 1, "m": 1e-3, "[mi_i]": 1.609344, "mi": 1.609344, "[mi_us]": 1.609347219}[parts[3]]
		ok1, distance = ok1 && ok, distance*km
	}
	if !ok1 || !ok2 {
		return nil, c.malformedNear()
	}
	lat, lon = float64(steps(lat+90))/grid, float64(steps(lon+180))/grid
	reach := distance/earth*180/math.Pi + 1/grid
	return []clause{{
		Range: between(position, steps(math.Max(0, lat-reach)), steps(math.Min(180, lat+reach))+1),
		accept: func(v []byte) bool {
			return apart(lat-90, lon, readSteps(v[1:])-90, readSteps(v[1+instantLen:])) <= distance
		},
	}}, nil
}

// apart is the great-circle distance in km (haversine).
func apart(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

func (c *compiler) malformedNear() *fhir.Error {
	return c.malformed("search.malformed-near",
		fhir.T("The value is not a place.", "La valeur n'est pas un lieu."),
		fhir.T("Write latitude|longitude|distance|unit in degrees, as in 48.85|2.35|5|km; the unit is km, m or [mi_i]; without a distance it is %[1]d km.",
			"Écrivez latitude|longitude|distance|unité en degrés, par exemple 48.85|2.35|5|km ; l'unité est km, m ou [mi_i] ; sans distance, %[1]d km.", nearDefault))
}
