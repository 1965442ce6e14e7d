package naive

import (
	"fmt"
	"math"
	"strconv"
)

// near is R4 location.html#positional: latitude|longitude|distance|unit. It
// measures by the chord through the earth.
func near(v value, s string) (bool, error) {
	parts := cut(s, '|')
	var n [3]float64
	for i := range n {
		if len(parts) <= i {
			return false, fmt.Errorf("%d parts", len(parts))
		}
		var err error
		if n[i], err = strconv.ParseFloat(parts[i], 64); err != nil {
			return false, err
		}
	}
	if len(parts) == 4 && parts[3] == "m" {
		n[2] /= 1000
	}
	lat, err1 := strconv.ParseFloat(text(v.Get("latitude")), 64)
	lon, err2 := strconv.ParseFloat(text(v.Get("longitude")), 64)
	if err1 != nil || err2 != nil {
		return false, fmt.Errorf("no place: %v %v", err1, err2)
	}
	const radius = 6371.0088 // km
	a, b := vector(n[0], n[1]), vector(lat, lon)
	var sum float64
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return 2*radius*math.Asin(math.Min(1, math.Sqrt(sum)/2)) <= n[2], nil
}

// vector is a place on the unit sphere.
func vector(lat, lon float64) [3]float64 {
	lat, lon = lat*math.Pi/180, lon*math.Pi/180
	return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}
