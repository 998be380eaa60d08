//! `wirewatch sinks`: where alerts go, how that is going, and a test of one.

mod list;
mod trial;

use super::exit::{self, Failure};
use super::{Global, LAST, block_on, print};
use crate::config::{Config, SinkConfig, SinkKind};
use crate::text::{printable, suggest};
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print one JSON object a line
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the sinks and how they do (the default)
    List,
    /// Send an alert that says that it is a test, and show what the sink said
    ///
    /// It goes out at once, past routes, silences and whatever waits for the sink,
    /// and is not stored. If the sink was failing or gone and takes it, what waits for
    /// it is sent at once; if it does not take it, the exit code is 69.
    Test {
        /// Its name in the configuration
        name: String,
    },
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.action {
        None | Some(Action::List) => list::run(global, arguments.json),
        Some(Action::Test { name }) => trial::run(global, name, arguments.json),
    }
}

/// The sink of a name that somebody typed.
pub(super) fn named<'a>(config: &'a Config, name: &str) -> Result<&'a SinkConfig, Failure> {
    let sink = config.sinks.iter().find(|sink| sink.name.as_str() == name);
    sink.ok_or_else(|| {
        let names = config.sinks.iter().map(|sink| sink.name.as_str());
        let help = match suggest::nearest(name, names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`wirewatch sinks` lists them".to_owned(),
        };
        let name = printable(name, 100);
        Failure::new(
            exit::USAGE,
            format!("there is no sink `{name}`\n  help: {help}"),
        )
    })
}

/// Where a sink leads, as far as it may be shown: the rest of an address is often
/// what keeps others from posting there.
fn place(kind: &SinkKind) -> Option<String> {
    match kind {
        SinkKind::Log => None,
        SinkKind::File(file) => {
            let lines = file.lines.as_ref().map(|lines| &lines.path);
            let path = lines.or(file.atom.as_ref())?;
            Some(path.display().to_string())
        }
        SinkKind::Webhook(webhook) => {
            let url = Url::parse(webhook.url.expose()).ok()?;
            let host = url.host_str()?;
            Some(match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            })
        }
        SinkKind::Email(email) => Some(format!("{}:{}", email.host, email.port)),
    }
}
