package telemetry

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// Observe adds a gauge that is read when metrics are asked for: one value for
// each value of the label, or one alone under "" when there is no label. Names
// of labels' values come from a closed set; no id, value or name of a patient.
func (t *Telemetry) Observe(name, help, label string, read func() map[string]float64) {
	var labels []string
	if label != "" {
		labels = []string{label}
	}
	t.registry.MustRegister(observer{prometheus.NewDesc(name, help, labels, nil), label != "", read})
}

type observer struct {
	desc    *prometheus.Desc
	labeled bool
	read    func() map[string]float64
}

func (o observer) Describe(ch chan<- *prometheus.Desc) { ch <- o.desc }

func (o observer) Collect(ch chan<- prometheus.Metric) {
	for value, n := range o.read() {
		if o.labeled {
			ch <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, n, value)
		} else {
			ch <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, n)
		}
	}
}

// Status adds a page of JSON to the operator's listener.
func (t *Telemetry) Status(path string, read func() any) {
	t.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(read())
	}
}
