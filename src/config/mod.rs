//! Configuration: from files and environment to values that cannot be wrong.
//!
//! Every file is read with the place of each value kept; `config` merges
//! defaults, files and environment; then every value is checked, and every
//! mistake of every file is reported at once, at its line and column.

mod amounts;
mod email;
mod environment;
mod excerpt;
mod feeds;
mod file_sink;
mod format;
mod hosts;
mod imports;
mod item;
mod later;
mod lint;
mod load;
mod merge;
mod opml;
mod packs;
mod problem;
mod reading;
mod routes;
mod secret;
mod settings;
mod signing_key;
mod sinks;
mod templates;
#[cfg(test)]
mod tests;
mod tree;
mod watchlists;
mod websub;

pub(crate) use amounts::duration;
pub use environment::{Environment, NotFound, find};
pub(crate) use feeds::decoded;
pub use format::Format;
pub use load::{Loaded, load, load_text, read};
pub use problem::{Level, Lint, Problem, Problems};
pub use signing_key::{SigningKey, SigningKeyError};
pub use templates::TemplateFormat;

use crate::feed::FeedId;
use crate::policy::SinkName;
use crate::policy::host::HostRules;
use crate::policy::page::FullText;
use crate::policy::poll::PollLimits;
use crate::policy::rate::Rate;
use crate::policy::route::Route;
use crate::watchlist::Watchlist;
use jiff::SignedDuration;
use lettre::message::Mailbox;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// Everything that is configured, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it came from.
    pub file: PathBuf,
    /// The process.
    pub daemon: Daemon,
    /// The store.
    pub store: StoreConfig,
    /// Requests.
    pub http: Http,
    /// The feeds, in the order in which they were written.
    pub feeds: Vec<Arc<FeedConfig>>,
    /// What is known of hosts, and what the operator says of them.
    pub hosts: HostRules,
    /// Where hubs reach us, if they can.
    pub websub: Option<WebSub>,
    /// The sinks, in the order in which they were written.
    pub sinks: Vec<SinkConfig>,
    /// The routes, in the order in which they were written; none means all to all.
    pub routes: Vec<Route>,
    /// The sinks that are told what wirewatch says of itself and its feeds.
    pub notices: Vec<SinkName>,
    /// What is watched.
    pub watchlist: Watchlist,
}

/// How the process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    /// Where its state is kept.
    pub state_dir: PathBuf,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Where status is told over HTTP, if anywhere.
    pub listen: Option<SocketAddr>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How the store is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreConfig {
    /// How long articles, alerts and finished deliveries are kept.
    pub retain: SignedDuration,
}

/// How requests are made.
#[derive(Clone)]
pub struct Http {
    /// How a publisher reaches the operator; part of the User-Agent.
    pub contact: String,
    /// The longest that one request may take.
    pub timeout: SignedDuration,
    /// The largest decoded body, in bytes.
    pub body_bytes_max: u64,
    /// Private networks that derived addresses may reach.
    pub allow: Vec<ipnet::IpNet>,
    /// The proxy that all requests go through.
    pub proxy: Option<Url>,
}

impl Default for Http {
    /// What holds without a configuration.
    fn default() -> Self {
        Self {
            contact: String::new(),
            timeout: SignedDuration::from_secs(30),
            body_bytes_max: 16 << 20,
            allow: Vec::new(),
            proxy: None,
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address of a proxy may hold a password.
        let proxy = self.proxy.as_ref().and_then(Url::host_str);
        f.debug_struct("Http")
            .field("contact", &self.contact)
            .field("timeout", &self.timeout)
            .field("body_bytes_max", &self.body_bytes_max)
            .field("allow", &self.allow)
            .field("proxy", &proxy)
            .finish()
    }
}

/// Where hubs reach us (WebSub).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSub {
    /// The public address that each subscription's callback stands below.
    pub callback: Url,
    /// The address of this machine at which callbacks are served.
    pub listen: SocketAddr,
}

/// A feed to poll.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// Its name.
    pub id: FeedId,
    /// Its address.
    pub url: Url,
    /// When it is polled.
    pub poll: PollLimits,
    /// Whether the pages of its articles are read.
    pub full_text: FullText,
    /// Whether a hub may announce it, where `[websub]` is configured.
    pub push: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who publishes it, if the operator says so.
    pub publisher: Option<String>,
    /// Its language, if the operator says so.
    pub language: Option<String>,
    /// User name and password.
    pub login: Option<(String, Secret)>,
    /// Headers to send with each request.
    pub headers: Vec<(String, Secret)>,
    /// The list that it comes from, if it has no table of its own: its address is
    /// then no word of the operator's, and reaches only what is public.
    pub listed: Option<Listed>,
}

/// Where a feed stands that comes from a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The OPML file.
    pub file: PathBuf,
    /// What the list calls it.
    pub title: Option<String>,
}

/// A sink to deliver to.
#[derive(Debug, Clone)]
pub struct SinkConfig {
    /// Its name.
    pub name: SinkName,
    /// What it is.
    pub kind: SinkKind,
    /// How long a delivery is tried before it is given up.
    pub max_age: SignedDuration,
}

/// What a sink is.
#[derive(Debug, Clone)]
pub enum SinkKind {
    /// Lines in the log.
    Log,
    /// Lines of JSON at the end of a file, an Atom feed, or both.
    File(FileConfig),
    /// Requests to an address.
    Webhook(Box<WebhookConfig>),
    /// Letters by a mail server.
    Email(Box<EmailConfig>),
}

/// What a file sink writes: lines, an Atom feed, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileConfig {
    /// The file that lines are appended to.
    pub lines: Option<LinesConfig>,
    /// The file that holds the latest alerts as an Atom feed.
    pub atom: Option<PathBuf>,
    /// Whether each batch is written through to the disk.
    pub durable: bool,
}

/// A file of lines, and when another one takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesConfig {
    /// The file.
    pub path: PathBuf,
    /// The size in bytes beyond which it does not grow.
    pub bytes_max: Option<u64>,
    /// The age beyond which nothing is added to it.
    pub age_max: Option<SignedDuration>,
    /// How many rotated files are kept.
    pub keep: u32,
}

impl LinesConfig {
    /// Where a file is after so many rotations; 0 is where it is written.
    pub fn rotated(&self, number: u32) -> PathBuf {
        if number == 0 {
            return self.path.clone();
        }
        let mut path = self.path.clone().into_os_string();
        path.push(format!(".{number}"));
        path.into()
    }
}

/// A receiver of requests.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// The address; it may hold a secret itself.
    pub url: Secret,
    /// Keys to sign with; the first is the current one.
    pub keys: Vec<SigningKey>,
    /// What the receiver understands.
    pub format: Format,
    /// The word for it.
    pub format_word: &'static str,
    /// Headers to send with each request.
    pub headers: Vec<(String, Secret)>,
    /// How much it takes in which time, if the operator says so.
    pub rate: Option<Rate>,
}

/// A mail server, and who writes to whom by it.
#[derive(Debug, Clone)]
pub struct EmailConfig {
    /// The name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// User name and password.
    pub login: Option<(String, Secret)>,
    /// Who sends.
    pub from: Mailbox,
    /// Who receives; at least one.
    pub to: Vec<Mailbox>,
    /// Who gets answers, if somebody else does.
    pub reply_to: Option<Mailbox>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// By TLS from the start.
    Implicit,
    /// By TLS after STARTTLS, without which nothing is said.
    StartTls,
    /// Not at all.
    None,
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Shows it, to whoever needs it to do its work.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}
