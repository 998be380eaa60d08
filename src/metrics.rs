//! Every metric in one place: name, what it counts, labels.
//!
//! [`Metric`] is the list; the registry is made from it. All of them say what is now
//! and are read from the store when somebody asks. No label is ever an address or a
//! text from outside, so that the number of series is bounded by the configuration.
//! Base units; names after the conventions of Prometheus
//! (<https://prometheus.io/docs/practices/naming/>).

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What every name begins with.
const PREFIX: &str = "wirewatch";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Feeds by how they do.
    Feeds,
    /// Deliveries on their way.
    Pending,
    /// The age of the oldest of them.
    OldestPending,
    /// Deliveries that were given up.
    Dead,
    /// The size of the store.
    StoreBytes,
    /// When the daemon started.
    Started,
    /// Which version it is.
    Build,
}

/// A metric as its users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Description {
    /// Its name after the prefix.
    name: &'static str,
    /// Its labels.
    labels: &'static [&'static str],
    /// What it says.
    help: &'static str,
}

/// Every metric as its users see it.
const TABLE: [(Metric, Description); 7] = [
    (
        Metric::Feeds,
        described("feeds", &["state"], "Feeds by how they do"),
    ),
    (
        Metric::Pending,
        described("deliveries_pending", &["sink"], "Deliveries on their way"),
    ),
    (
        Metric::OldestPending,
        described(
            "deliveries_oldest_pending_seconds",
            &["sink"],
            "Age of the oldest delivery on its way",
        ),
    ),
    (
        Metric::Dead,
        described(
            "deliveries_dead",
            &["sink"],
            "Deliveries that were given up and are kept for a person",
        ),
    ),
    (
        Metric::StoreBytes,
        described("store_bytes", &[], "Size of the store on the disk"),
    ),
    (
        Metric::Started,
        described(
            "start_time_seconds",
            &[],
            "When the daemon started, in seconds since 1970",
        ),
    ),
    (
        Metric::Build,
        described("build_info", &["version"], "1, with the version"),
    ),
];

const fn described(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Description {
    Description { name, labels, help }
}

impl Metric {
    fn labels(self) -> &'static [&'static str] {
        let row = TABLE.iter().find(|(metric, _)| *metric == self);
        row.map_or(&[], |(_, description)| description.labels)
    }
}

type Labels = Vec<(&'static str, String)>;

/// The values of one metric by its labels.
type Series = Family<Labels, Gauge<f64, AtomicU64>>;

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
        for (metric, description) in TABLE {
            let family = Series::default();
            registry.register(description.name, description.help, family.clone());
            series.insert(metric, family);
        }
        Self {
            registry: Arc::new(registry),
            series: Arc::new(series),
        }
    }

    /// Says what it is now.
    pub fn set(&self, metric: Metric, labels: &[&str], value: f64) {
        if let Some(family) = self.series.get(&metric) {
            family.get_or_create(&named(metric, labels)).set(value);
        }
    }

    /// Forgets what a gauge said, before it is said anew: a sink that is gone is
    /// not at its last value for ever.
    pub fn clear(&self, metric: Metric) {
        if let Some(family) = self.series.get(&metric) {
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
