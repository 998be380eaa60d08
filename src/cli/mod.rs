//! The command line: one file a command.
//!
//! Data goes to standard output, everything else to standard error; listings
//! print JSON Lines with `--json`. Exit codes are those of sysexits, in `exit`.

mod alerts;
mod check;
mod deliveries;
mod demo;
mod discover;
mod edit;
mod exit;
mod feeds;
mod host;
mod init;
mod input;
mod matching;
mod moment;
mod parse;
mod print;
mod run;
mod silence;
mod sinks;
mod visit;
mod why;

use crate::config::{self, Config, Environment, LogFormat, Problem};
use crate::daemon::{self, LogError, LogGuard};
use clap::{Parser, Subcommand};
use exit::Failure;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Watches news feeds for topics and actors, and tells you: durably, once, and
/// with the passages that say why.
#[derive(Debug, Parser)]
#[command(name = "wirewatch", version, about, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Where the help shows what every command takes: after the command's own.
const LAST: usize = 900;

/// What every command takes.
#[derive(Debug, clap::Args)]
struct Global {
    /// The configuration file. Without it: `$WIREWATCH_CONFIG`, then wirewatch.toml in
    /// `$CONFIGURATION_DIRECTORY`, in this folder, in ./config, and in the XDG
    /// configuration directory
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    config: Option<PathBuf>,
    /// What to log: error, warn, info, debug, trace, or a filter like "wirewatch=debug"
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        env = "WIREWATCH_LOG",
        hide_env_values = true,
        default_value = "info",
        display_order = LAST
    )]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented configuration and watchlist to start from
    Init {
        /// The folder to write into
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Check the configuration: every mistake of every file, at its place
    Check {
        /// Exit with 1 if there are warnings
        #[arg(long)]
        deny_warnings: bool,
    },
    /// Run the daemon in the foreground
    Run(run::Arguments),
    /// Show the whole system at work on this machine, without internet
    Demo(demo::Arguments),
    /// Show a feed as wirewatch understands it
    Parse(parse::Arguments),
    /// Show which topics and actors each article matches, and why
    Match(matching::Arguments),
    /// Show why an article did or did not match, clause by clause
    Why(why::Arguments),
    /// List the feeds that a site offers, with one request
    Discover(discover::Arguments),
    /// List the feeds and how they do; add, remove, import and export them
    Feeds(feeds::Arguments),
    /// Show every request made to a host of late, and when the next one is
    Host(host::Arguments),
    /// List the latest alerts, look at one, or watch them come
    Alerts(alerts::Arguments),
    /// List deliveries, look at one, or send some again
    Deliveries(deliveries::Arguments),
    /// Keep alerts from sinks for a time, with a reason
    Silence(silence::Arguments),
    /// List the sinks and how they do, or try one
    Sinks(sinks::Arguments),
}

/// Runs the command that the arguments of the process name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let global = &arguments.global;
    let result = match &arguments.command {
        Command::Init { dir } => Ok(init::run(dir)),
        Command::Check { deny_warnings } => global
            .find()
            .map(|(path, environment)| check::run(&path, *deny_warnings, &environment)),
        Command::Run(arguments) => run::run(global, arguments),
        Command::Demo(arguments) => demo::run(global, arguments),
        Command::Parse(arguments) => parse::run(global, arguments),
        Command::Match(arguments) => matching::run(global, arguments),
        Command::Why(arguments) => why::run(global, arguments),
        Command::Discover(arguments) => discover::run(global, arguments),
        Command::Feeds(arguments) => feeds::run(global, arguments),
        Command::Host(arguments) => host::run(global, arguments),
        Command::Alerts(arguments) => alerts::run(global, arguments),
        Command::Deliveries(arguments) => deliveries::run(global, arguments),
        Command::Silence(arguments) => silence::run(global, arguments),
        Command::Sinks(arguments) => sinks::run(global, arguments),
    };
    let code = result.unwrap_or_else(|failure| {
        print::complain(&failure.message);
        failure.code
    });
    ExitCode::from(code)
}

/// Help and version go to standard output and are no error; the rest is usage.
fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    match (error.use_stderr(), printed) {
        (false, Ok(())) => ExitCode::from(exit::DONE),
        (true, Ok(())) => ExitCode::from(exit::USAGE),
        (_, Err(_)) => ExitCode::from(exit::IO),
    }
}

impl Global {
    fn find(&self) -> Result<(PathBuf, Environment), Failure> {
        let environment = Environment::of_process();
        let path = config::find(self.config.as_deref(), &environment)
            .map_err(|error| Failure::new(exit::CONFIG, error))?;
        Ok((path, environment))
    }

    /// The configuration. Its warnings are for `check` and `run` to show.
    fn load(&self) -> Result<(Config, Vec<Problem>), Failure> {
        let (path, environment) = self.find()?;
        config::load(&path, &environment).map_err(|problems| Failure::new(exit::CONFIG, problems))
    }

    fn start_logging(&self, format: LogFormat) -> Result<LogGuard, Failure> {
        daemon::start_logging(format, &self.log, print::no_color()).map_err(|error| match error {
            LogError::Level(error) => {
                Failure::new(exit::USAGE, format!("--log {}: {error}", self.log))
            }
            LogError::Thread(_) => Failure::new(exit::IO, error),
        })
    }
}

/// How long the end waits for a write to a disk or to a reader of the log.
const BLOCKED_WAIT: Duration = Duration::from_secs(1);

/// Runs a command that waits for the network or the store.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::IO, format!("cannot start: {error}")))?;
    let result = runtime.block_on(future);
    // What waits for a disk or a reader that never comes must not be waited for.
    runtime.shutdown_timeout(BLOCKED_WAIT);
    result
}
