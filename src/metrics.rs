//! Every metric in one place: name, what it counts, labels.
//!
//! [`Metric`] is the list; the registry and the table in the README are made from
//! it. No label is ever an address or a text from outside, so that the number of
//! series is bounded by the configuration. Base units; names after the conventions
//! of Prometheus (<https://prometheus.io/docs/practices/naming/>).

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What every name begins with.
pub const PREFIX: &str = "wirewatch";

/// Bounds of what is measured in seconds: from a millisecond to some nine minutes.
const SECONDS_FROM: f64 = 0.001;
const SECONDS_FACTOR: f64 = 3.0;
const SECONDS_BUCKETS: u16 = 13;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Polls by how they ended.
    Polls,
    /// How late polls began.
    PollLateness,
    /// New entries.
    Entries,
    /// Alerts that were made.
    Alerts,
    /// Alerts that were not sent to a sink at once, by why.
    Withheld,
    /// Notices to the operator.
    Notices,
    /// Attempts by how they ended.
    Attempts,
    /// How long attempts took.
    AttemptTime,
    /// Deliveries that came to an end, by which.
    Deliveries,
    /// Feeds by how they do.
    Feeds,
    /// Deliveries on their way.
    Pending,
    /// The age of the oldest of them.
    OldestPending,
    /// Deliveries that were given up.
    Dead,
    /// Whether a sink is being left alone.
    SinkOpen,
    /// The size of the store.
    StoreBytes,
    /// When the daemon started.
    Started,
    /// Which version it is.
    Build,
}

/// How a metric is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is what it is now.
    Gauge,
    /// It is spread over buckets of seconds.
    Histogram,
}

/// A metric as its users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// Its name after the prefix, without the ending `_total` of counters.
    pub name: &'static str,
    /// How it is counted.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

/// Every metric as its users see it.
const TABLE: [(Metric, Description); 17] = {
    use Kind::{Counter, Gauge, Histogram};
    [
        (
            Metric::Polls,
            described("polls", Counter, &["outcome"], "Polls by how they ended"),
        ),
        (
            Metric::PollLateness,
            described(
                "poll_lateness_seconds",
                Histogram,
                &[],
                "How late polls began",
            ),
        ),
        (
            Metric::Entries,
            described("entries_new", Counter, &[], "New entries of all feeds"),
        ),
        (
            Metric::Alerts,
            described("alerts", Counter, &["severity"], "Alerts that were made"),
        ),
        (
            Metric::Withheld,
            described(
                "alerts_withheld",
                Counter,
                &["reason"],
                "Alerts that were not sent at once, by why",
            ),
        ),
        (
            Metric::Notices,
            described("notices", Counter, &["kind"], "Notices to the operator"),
        ),
        (
            Metric::Attempts,
            described(
                "delivery_attempts",
                Counter,
                &["sink", "outcome"],
                "Attempts at deliveries by how they ended",
            ),
        ),
        (
            Metric::AttemptTime,
            described(
                "delivery_attempt_seconds",
                Histogram,
                &["sink"],
                "How long attempts at deliveries took",
            ),
        ),
        (
            Metric::Deliveries,
            described(
                "deliveries",
                Counter,
                &["sink", "end"],
                "Deliveries that came to an end: delivered or dead",
            ),
        ),
        (
            Metric::Feeds,
            described("feeds", Gauge, &["state"], "Feeds by how they do"),
        ),
        (
            Metric::Pending,
            described(
                "deliveries_pending",
                Gauge,
                &["sink"],
                "Deliveries on their way",
            ),
        ),
        (
            Metric::OldestPending,
            described(
                "deliveries_oldest_pending_seconds",
                Gauge,
                &["sink"],
                "Age of the oldest delivery on its way",
            ),
        ),
        (
            Metric::Dead,
            described(
                "deliveries_dead",
                Gauge,
                &["sink"],
                "Deliveries that were given up and are kept for a person",
            ),
        ),
        (
            Metric::SinkOpen,
            described(
                "sink_left_alone",
                Gauge,
                &["sink"],
                "1 while a sink takes nothing and is only tried now and then",
            ),
        ),
        (
            Metric::StoreBytes,
            described("store_bytes", Gauge, &[], "Size of the store on the disk"),
        ),
        (
            Metric::Started,
            described(
                "start_time_seconds",
                Gauge,
                &[],
                "When the daemon started, in seconds since 1970",
            ),
        ),
        (
            Metric::Build,
            described("build_info", Gauge, &["version"], "1, with the version"),
        ),
    ]
};

const fn described(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    help: &'static str,
) -> Description {
    Description {
        name,
        kind,
        labels,
        help,
    }
}

impl Metric {
    /// All of them, as their users see them.
    pub fn all() -> impl Iterator<Item = (Self, Description)> {
        TABLE.into_iter()
    }

    fn labels(self) -> &'static [&'static str] {
        let row = TABLE.iter().find(|(metric, _)| *metric == self);
        row.map_or(&[], |(_, description)| description.labels)
    }
}

impl Description {
    /// Its whole name, as a scrape shows it.
    pub fn whole_name(&self) -> String {
        let ending = if self.kind == Kind::Counter {
            "_total"
        } else {
            ""
        };
        format!("{PREFIX}_{}{ending}", self.name)
    }
}

type Labels = Vec<(&'static str, String)>;

#[derive(Debug, Clone)]
enum Series {
    Counter(Family<Labels, Counter>),
    Gauge(Family<Labels, Gauge<f64, AtomicU64>>),
    Histogram(Family<Labels, Histogram, Buckets>),
}

/// Makes a histogram of seconds.
#[derive(Debug, Clone, Copy)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(exponential_buckets(
            SECONDS_FROM,
            SECONDS_FACTOR,
            SECONDS_BUCKETS,
        ))
    }
}

/// Where everything is counted; clones share it.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    series: Arc<BTreeMap<Metric, Series>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics, at nothing.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let mut series = BTreeMap::new();
        for (metric, description) in Metric::all() {
            let Description {
                name, kind, help, ..
            } = description;
            let one = match kind {
                Kind::Counter => {
                    let family = Family::default();
                    registry.register(name, help, Family::clone(&family));
                    Series::Counter(family)
                }
                Kind::Gauge => {
                    let family = Family::default();
                    registry.register(name, help, Family::clone(&family));
                    Series::Gauge(family)
                }
                Kind::Histogram => {
                    let family = Family::new_with_constructor(Buckets);
                    registry.register(name, help, Family::clone(&family));
                    Series::Histogram(family)
                }
            };
            series.insert(metric, one);
        }
        Self {
            registry: Arc::new(registry),
            series: Arc::new(series),
        }
    }

    /// Counts so many more; the labels are values in the order of the metric's.
    pub fn add(&self, metric: Metric, labels: &[&str], count: u64) {
        if let Some(Series::Counter(family)) = self.series.get(&metric) {
            family.get_or_create(&named(metric, labels)).inc_by(count);
        }
    }

    /// Says what it is now.
    pub fn set(&self, metric: Metric, labels: &[&str], value: f64) {
        if let Some(Series::Gauge(family)) = self.series.get(&metric) {
            family.get_or_create(&named(metric, labels)).set(value);
        }
    }

    /// Notes how many seconds something took.
    pub fn took(&self, metric: Metric, labels: &[&str], seconds: f64) {
        if let Some(Series::Histogram(family)) = self.series.get(&metric) {
            family
                .get_or_create(&named(metric, labels))
                .observe(seconds);
        }
    }

    /// Forgets what a gauge said, before it is said anew: a sink that is gone is
    /// not at its last value for ever.
    pub fn clear(&self, metric: Metric) {
        if let Some(Series::Gauge(family)) = self.series.get(&metric) {
            family.clear();
        }
    }

    /// Everything in the text form of [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/).
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}

fn named(metric: Metric, values: &[&str]) -> Labels {
    let names = metric.labels().iter();
    let pairs = names.zip(values);
    pairs
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}
