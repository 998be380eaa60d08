//! `wirewatch match`: which topics and actors each article matches, and why.

use super::exit::{self, Failure};
use super::input::{self, Input};
use super::{Global, block_on, print};
use crate::alert::payload::matches_json;
use crate::article::input::{Kind, sniff};
use crate::article::{self, Article};
use crate::config::Http;
use crate::matcher::{Adaptive, Because, Evidence, Matcher, Matches};
use crate::text::printable;
use std::borrow::Cow;
use std::io::BufRead;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Articles: files, addresses, or - for standard input. Plain text, HTML, a
    /// feed, or JSON Lines of articles, told apart by content
    #[arg(value_name = "FILE|URL|-", default_value = "-")]
    inputs: Vec<String>,
    /// Print one JSON object an article
    #[arg(long)]
    json: bool,
    /// With --json: print the plain text that the offsets point into as well
    #[arg(long, requires = "json")]
    text: bool,
    /// Print nothing; exit with 1 if no article matches
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
    /// What the input is, if its content should not tell
    #[arg(long, value_name = "KIND")]
    input: Option<InputKind>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum InputKind {
    Text,
    Html,
    Feed,
    Jsonl,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let matcher =
        Matcher::compile(&config.watchlist).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let matcher = Adaptive::new(matcher);
    let mut tally = Tally {
        matcher: &matcher,
        arguments,
        matched: false,
        articles: 0,
        code: exit::DONE,
    };
    for name in &arguments.inputs {
        match tally.take_input(name, &config.http) {
            Ok(()) => {}
            // Whoever read the output went away.
            Err(failure) if failure.message.is_empty() => return Err(failure),
            // One bad input does not keep the others from being matched.
            Err(failure) => tally.fail(&failure),
        }
    }
    Ok(match tally {
        Tally { code, .. } if code != exit::DONE => code,
        Tally { matched: false, .. } if arguments.quiet => exit::NO,
        Tally { .. } => exit::DONE,
    })
}

/// What came of the inputs so far.
#[derive(Debug)]
struct Tally<'a> {
    matcher: &'a Adaptive,
    arguments: &'a Arguments,
    /// Whether any article matched.
    matched: bool,
    /// How many articles there were.
    articles: usize,
    /// The code of the last failure.
    code: u8,
}

impl Tally<'_> {
    fn fail(&mut self, failure: &Failure) {
        print::complain(&failure.message);
        self.code = failure.code;
    }

    fn take_input(&mut self, name: &str, http: &Http) -> Result<(), Failure> {
        if input::is_address(name) {
            let input = block_on(input::read(name, http))?;
            return self.take(&input);
        }
        let mut reader = input::open(name)?;
        let forced = self.arguments.input;
        let as_lines = matches!(forced, Some(InputKind::Jsonl))
            || (forced.is_none() && input::has_json_lines(name, &mut reader)?);
        if as_lines {
            self.take_lines(name, &mut reader)
        } else {
            self.take(&input::rest_of(name, &mut reader)?)
        }
    }

    /// Matches JSON Lines as they come, so that any number of them will do.
    fn take_lines(&mut self, name: &str, reader: &mut dyn BufRead) -> Result<(), Failure> {
        let mut line = Vec::new();
        let mut number = 0;
        while input::next_line(name, reader, &mut line)? {
            number += 1;
            let text = match str::from_utf8(&line) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(&line),
            };
            if text.trim().is_empty() {
                continue;
            }
            match article::Input::from_json(&text) {
                Ok(article) => self.show(&article.into_article(self.articles))?,
                Err(error) => {
                    let message = format!("{name}:{number}: {error}");
                    self.fail(&Failure::new(exit::DATA, message));
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, input: &Input) -> Result<(), Failure> {
        let kind = match self.arguments.input {
            Some(InputKind::Text) => Kind::Text,
            Some(InputKind::Html) => Kind::Html,
            Some(InputKind::Feed) => Kind::Feed,
            Some(InputKind::Jsonl) => Kind::JsonLines,
            None => sniff(&input.bytes),
        };
        if kind == Kind::JsonLines {
            return self.take_lines(&input.name, &mut input.bytes.as_slice());
        }
        let articles = input::articles(input, kind, self.articles)?;
        articles.iter().try_for_each(|article| self.show(article))
    }

    fn show(&mut self, article: &Article) -> Result<(), Failure> {
        self.articles += 1;
        let matches = self.matcher.matches(article);
        self.matched |= !matches.topics.is_empty() || !matches.actors.is_empty();
        if self.arguments.quiet {
            Ok(())
        } else if self.arguments.json {
            print::json_line(&matches_json(article, &matches, self.arguments.text))
        } else {
            lines(article, &matches)
                .iter()
                .try_for_each(|text| print::line(text))
        }
    }
}

/// What matched, as a person reads it.
fn lines(article: &Article, matches: &Matches<'_>) -> Vec<String> {
    let title = if article.title.is_empty() {
        &article.body
    } else {
        &article.title
    };
    let mut lines = vec![print::bold(&printable(title, 100))];
    for topic in &matches.topics {
        lines.push(format!(
            "  topic {} ({}), severity {}, score {}",
            topic.id,
            printable(&topic.name, 100),
            topic.severity.as_str(),
            topic.score
        ));
        lines.extend(topic.evidence.iter().map(evidence_line));
    }
    for actor in &matches.actors {
        lines.push(format!(
            "  actor {} ({}), mentions {}, salience {}, confidence {}",
            actor.id,
            printable(&actor.name, 100),
            actor.mentions,
            actor.salience.as_str(),
            actor.confidence
        ));
        lines.extend(actor.evidence.iter().map(evidence_line));
    }
    if matches.topics.is_empty() && matches.actors.is_empty() {
        lines.push("  nothing matches".to_owned());
    }
    lines
}

fn evidence_line(evidence: &Evidence<'_>) -> String {
    let because = match &evidence.because {
        Because::Term(term) => format!("term {}", printable(term, 60)),
        Because::Alias { text, class } => {
            format!("{} alias {}", class.as_str(), printable(text, 60))
        }
    };
    format!(
        "    {} {}..{} “{}” by {because}",
        evidence.field.as_str(),
        evidence.start,
        evidence.end,
        printable(&evidence.quote, 80)
    )
}
