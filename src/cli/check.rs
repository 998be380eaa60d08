//! `wirewatch check`: every mistake of every file, and the watchlist's own tests.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command answers on standard output and complains on standard error"
)]

use super::exit;
use crate::article::Input;
use crate::config::{self, Config, Environment, Loaded, Problem, Problems};
use crate::matcher::{Evidence, Matcher};
use crate::text::count;
use crate::watchlist::{Topic, TopicId, TopicTest};
use std::path::Path;

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

/// Checks a configuration, prints what is wrong or a summary, and gives the
/// exit code: 78 if it cannot be used, 1 if there are warnings and
/// `deny_warnings` is set, else 0.
pub(super) fn run(config_path: &Path, deny_warnings: bool, environment: &Environment) -> u8 {
    let checked = match config::read(config_path, environment) {
        Ok(loaded) => {
            for list in &loaded.skipped {
                println!("{list}");
            }
            test(loaded)
        }
        Err(problems) => Err(problems),
    };
    match checked {
        Ok((config, warnings)) => {
            for warning in &warnings {
                eprintln!("{warning}");
            }
            println!("{}", summary(&config, warnings.len()));
            if deny_warnings && !warnings.is_empty() {
                exit::NO
            } else {
                exit::DONE
            }
        }
        Err(problems) => {
            eprintln!("{problems}");
            let errors = problems.errors();
            eprintln!("{}: {}", config_path.display(), count(errors, "mistake"));
            exit::CONFIG
        }
    }
}

/// Runs the tests of every topic; a test that fails is an error at its place.
fn test(loaded: Loaded) -> Result<(Config, Vec<Problem>), Problems> {
    let watchlist = &loaded.config.watchlist;
    let mut problems = match Matcher::compile(watchlist) {
        Ok(matcher) => {
            let failures = watchlist
                .topics
                .iter()
                .flat_map(|topic| failed_tests(topic, &matcher));
            loaded.test_problems(failures)
        }
        Err(error) => vec![Problem::of_file(&loaded.config.file, error.to_string())],
    };
    if problems.is_empty() {
        return Ok((loaded.config, loaded.warnings));
    }
    problems.extend(loaded.warnings);
    Err(Problems(problems))
}

fn failed_tests<'a>(topic: &'a Topic, matcher: &Matcher) -> Vec<(&'a TopicId, usize, String)> {
    let verdict = |test: &TopicTest| {
        let article = Input::from_text(&test.text).into_article(0);
        let topics = matcher.matches(&article).topics;
        let found = topics.iter().find(|found| found.id == topic.id.as_str());
        match (test.expect, found) {
            (true, None) => Some("test fails: expected a match, but nothing matched".to_owned()),
            (false, Some(found)) => Some(format!(
                "test fails: expected no match, but it matched {}",
                quotes(&found.evidence)
            )),
            _ => None,
        }
    };
    topic
        .tests
        .iter()
        .enumerate()
        .filter_map(|(index, test)| Some((&topic.id, index, verdict(test)?)))
        .collect()
}

fn quotes(evidence: &[Evidence<'_>]) -> String {
    let quotes: Vec<String> = evidence
        .iter()
        .map(|evidence| format!("\"{}\"", evidence.quote))
        .collect();
    quotes.join(", ")
}

fn summary(config: &Config, warnings: usize) -> String {
    let parts = [
        count(config.feeds.len(), "feed"),
        count(config.sinks.len(), "sink"),
        count(config.routes.len(), "route"),
        count(config.watchlist.actors.len(), "actor"),
        count(config.watchlist.topics.len(), "topic"),
    ];
    let verdict = match warnings {
        0 => "no mistakes".to_owned(),
        warnings => count(warnings, "warning"),
    };
    format!("{}: {}: {verdict}", config.file.display(), parts.join(", "))
}
