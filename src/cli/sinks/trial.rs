//! `wirewatch sinks test`: one alert that says that it is a test, sent at once.

use super::{Global, block_on, named, print};
use crate::alert::{payload, sample};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, SinkConfig, SinkKind};
use crate::daemon::clock;
use crate::fetch::Client;
use crate::policy::retry::{Delivery, DeliveryId, DeliveryOutcome};
use crate::sink::{Sink, Verdict};
use crate::store::{Store, StoreError};
use crate::text::printable;
use jiff::SignedDuration;
use serde_json::json;

/// The most characters of an answer that are shown.
const ANSWER_CHARS_MAX: usize = 500;

pub(super) fn run(global: &Global, name: &str, as_json: bool) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let sink = named(&config, name)?;
    // Without it, a line for the log would be written nowhere.
    let _log = matches!(sink.kind, SinkKind::Log)
        .then(|| global.start_logging(config.daemon.log_format))
        .transpose()?;
    let (id, verdict) = block_on(send(&config, sink))?;
    let outcome = &verdict.outcome;
    let resumed = *outcome == DeliveryOutcome::Delivered && block_on(resume(&config, sink))?;
    if as_json {
        print::json(&json!({
            "sink": sink.name.as_str(),
            "id": id.0,
            "outcome": outcome.as_str(),
            "detail": outcome.detail(),
            "retry_after_s": wait(&verdict).map(|wait| wait.as_secs()),
            "resumed": resumed,
        }))?;
    } else {
        print::line(&in_words(sink, &verdict))?;
        if resumed {
            print::line("it was failing; what waits for it is sent now")?;
        }
    }
    Ok(match outcome {
        DeliveryOutcome::Delivered => exit::DONE,
        _ => exit::UNAVAILABLE,
    })
}

async fn send(config: &Config, sink: &SinkConfig) -> Result<(DeliveryId, Verdict), Failure> {
    let now = clock::now();
    let client = Client::new(&config.http).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let open = Sink::open(sink, client).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let bug = || Failure::new(exit::SOFTWARE, "the test alert cannot be made");
    let alert = sample(now).ok_or_else(bug)?;
    let id = DeliveryId::of(&alert.id, &sink.name);
    let delivery = Delivery {
        id: id.clone(),
        // What is not stored takes no number: a receiver that looks for gaps
        // must not see one.
        payload: payload::test_json(&alert, 0),
        alert: alert.id,
        sink: sink.name.clone(),
        seq: 0,
        created_at: now,
        attempts: 0,
        plain: false,
    };
    let verdicts = open.deliver(&[delivery], now).await;
    let verdict = verdicts.into_iter().next().ok_or_else(bug)?;
    Ok((id, verdict))
}

/// Lets what waits for a sink that took the test go out now; says whether it was
/// held up. There is no store before the first run.
async fn resume(config: &Config, sink: &SinkConfig) -> Result<bool, Failure> {
    match Store::open_beside(&config.daemon.state_dir) {
        Err(StoreError::Missing { .. }) => Ok(false),
        opened => Ok(opened?.resume(&sink.name, clock::now()).await?),
    }
}

fn in_words(sink: &SinkConfig, verdict: &Verdict) -> String {
    let detail = printable(verdict.outcome.detail(), ANSWER_CHARS_MAX);
    let outcome = match &verdict.outcome {
        DeliveryOutcome::Delivered => "took the test alert".to_owned(),
        outcome => format!(
            "did not take the test alert ({}): {detail}",
            outcome.as_str()
        ),
    };
    let wait = wait(verdict).map_or_else(String::new, |wait| {
        format!("; it asks for no more within {} s", wait.as_secs())
    });
    format!("{} {outcome}{wait}", sink.name)
}

/// How long the sink wants to be left alone.
fn wait(verdict: &Verdict) -> Option<SignedDuration> {
    match &verdict.outcome {
        DeliveryOutcome::Unavailable { retry_after, .. } => retry_after.or(verdict.rest),
        _ => verdict.rest,
    }
}
