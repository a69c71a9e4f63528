package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the server's Prometheus metrics. No label ever holds a
// repository, a pull request or a path: their number has no bound.
type Metrics struct {
	registry        *prometheus.Registry
	deliveries      *prometheus.CounterVec
	deliverySeconds prometheus.Histogram
	claims          prometheus.Counter
	reviews         *prometheus.CounterVec
	reviewSeconds   prometheus.Histogram
	requests        *prometheus.CounterVec
	requestSeconds  prometheus.Histogram
}

// NewMetrics returns metrics in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lintel_webhook_deliveries_total",
			Help: "Webhook deliveries by event and by what became of them.",
		}, []string{"event", "outcome"}),
		deliverySeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "lintel_webhook_seconds",
			Help:    "Time from the first byte of a delivery to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 10},
		}),
		claims: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lintel_review_claims_total",
			Help: "Pull requests claimed from the queue.",
		}),
		reviews: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lintel_reviews_total",
			Help: "Claims by how they ended: finished, superseded, retried, snoozed, buried, released, lost.",
		}, []string{"outcome"}),
		reviewSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "lintel_review_seconds",
			Help:    "Time from claim to end.",
			Buckets: []float64{.25, .5, 1, 2, 5, 10, 30, 60, 300, 900},
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lintel_github_requests_total",
			Help: "Requests to GitHub by method, route template and status (0: no answer).",
		}, []string{"method", "route", "status"}),
		requestSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "lintel_github_request_seconds",
			Help:    "Time to the answer of a request to GitHub.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	m.registry.MustRegister(m.deliveries, m.deliverySeconds, m.claims, m.reviews, m.reviewSeconds,
		m.requests, m.requestSeconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Delivery counts one answered delivery.
func (m *Metrics) Delivery(event, outcome string, took time.Duration) {
	m.deliveries.WithLabelValues(event, outcome).Inc()
	m.deliverySeconds.Observe(took.Seconds())
}

// Claimed counts one claim.
func (m *Metrics) Claimed() { m.claims.Inc() }

// Ended counts the end of a claim.
func (m *Metrics) Ended(outcome string, took time.Duration) {
	m.reviews.WithLabelValues(outcome).Inc()
	m.reviewSeconds.Observe(took.Seconds())
}

// Request counts one request to GitHub; status is zero when none came back.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestSeconds.Observe(took.Seconds())
}

// QueueDepth is what a scrape asks the queue for.
type QueueDepth struct {
	ByState     map[string]int
	OldestReady time.Duration
}

// WatchQueue lets every scrape read the queue's depth. A read that fails is
// logged, and the gauges are missing from that scrape.
func (m *Metrics) WatchQueue(read func(context.Context) (QueueDepth, error), log *slog.Logger) {
	m.registry.MustRegister(&queueCollector{
		read: read,
		log:  log,
		depth: prometheus.NewDesc("lintel_queue_depth",
			"Pull requests in the work table by state.", []string{"state"}, nil),
		oldest: prometheus.NewDesc("lintel_queue_oldest_seconds",
			"Age of the oldest pull request that is ready and not claimed.", nil, nil),
	})
}

// scrapeTimeout keeps a blocked database from holding a scrape.
const scrapeTimeout = 2 * time.Second

type queueCollector struct {
	read          func(context.Context) (QueueDepth, error)
	log           *slog.Logger
	depth, oldest *prometheus.Desc
}

func (c *queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.depth
	ch <- c.oldest
}

func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	depth, err := c.read(ctx)
	if err != nil {
		c.log.Warn("reading the queue's depth for a scrape", "error", err)
		return
	}
	for state, n := range depth.ByState {
		ch <- prometheus.MustNewConstMetric(c.depth, prometheus.GaugeValue, float64(n), state)
	}
	ch <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, depth.OldestReady.Seconds())
}

// Handler serves GET /metrics.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
