//! `wirewatch why`: why an article did or did not match, and what became of it.
//!
//! The watchlist as it is now is asked, and what decided is shown clause by
//! clause; nothing is stored and nothing is sent.

use super::alerts::show;
use super::exit::{self, Failure};
use super::input;
use super::{Global, LAST, block_on, print, visit};
use crate::alert::AlertId;
use crate::alert::payload::evidence_json;
use crate::article::Article;
use crate::article::input::sniff;
use crate::config::Config;
use crate::matcher::{
    ActorExplanation, Because, Clause, Evidence, Explainer, TopicExplanation, TopicVerdict,
};
use crate::store::{AlertDetail, Store};
use crate::text::{count, printable, suggest};
use crate::watchlist::{Topic, Watchlist};
use serde_json::{Value, json};

/// How many topics that do not match are told when none is asked for.
const OTHERS_MAX: usize = 20;
/// The longest clause that is shown on one line, in characters.
const CLAUSE_CHARS_MAX: usize = 120;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The id of an alert or article, the address of an article that is stored, a
    /// file, or - for standard input
    article: String,
    /// Only this topic, clause by clause
    #[arg(long, value_name = "ID")]
    topic: Option<String>,
    /// Only this actor
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Print one JSON object an article
    #[arg(long, display_order = LAST - 1)]
    json: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let topics = topics(&config.watchlist, arguments)?;
    let actor = actor(&config.watchlist, arguments)?;
    let (articles, alert) = block_on(find(&config, &arguments.article))?;
    let explainer = Explainer::new(&config.watchlist, &topics)
        .map_err(|error| Failure::new(exit::CONFIG, error))?;
    for article in &articles {
        let actors = match (arguments.topic.is_some(), actor) {
            (true, None) => Vec::new(),
            (_, Some(id)) => {
                let mut actors = explainer.explain_actors(article);
                actors.retain(|actor| actor.id == id);
                actors
            }
            (false, None) => explainer.explain_actors(article),
        };
        let why = Why {
            article,
            topics: explainer.explain(article),
            actors,
            asked: arguments.topic.is_some() || actor.is_some(),
            absent: actor,
            alert: alert.as_ref(),
        };
        if arguments.json {
            print::json(&why.json()?)?;
        } else {
            why.lines()?.iter().try_for_each(|line| print::line(line))?;
        }
    }
    Ok(exit::DONE)
}

/// The topics that are asked about.
fn topics<'c>(watchlist: &'c Watchlist, arguments: &Arguments) -> Result<Vec<&'c Topic>, Failure> {
    let all = watchlist.topics.iter();
    match (&arguments.topic, &arguments.actor) {
        (Some(id), _) => {
            let found = all.clone().find(|topic| topic.id.as_str() == id);
            let ids = all.map(|topic| topic.id.as_str());
            Ok(vec![found.ok_or_else(|| unknown("topic", id, ids))?])
        }
        (None, Some(_)) => Ok(Vec::new()),
        (None, None) => Ok(all.collect()),
    }
}

fn actor<'a>(watchlist: &Watchlist, arguments: &'a Arguments) -> Result<Option<&'a str>, Failure> {
    let Some(id) = &arguments.actor else {
        return Ok(None);
    };
    let ids = watchlist.actors.iter().map(|actor| actor.id.as_str());
    if ids.clone().any(|known| known == id) {
        return Ok(Some(id));
    }
    Err(unknown("actor", id, ids))
}

fn unknown<'a>(noun: &str, id: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let help = suggest::help(id, known);
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    let id = printable(id, 100);
    Failure::new(exit::USAGE, format!("there is no {noun} `{id}`{help}"))
}

/// What is stored under a name, with the alert that was made of it if one was, or
/// else what a file of that name holds.
async fn find(config: &Config, name: &str) -> Result<(Vec<Article>, Option<AlertDetail>), Failure> {
    let is_file = name == "-" || std::path::Path::new(name).exists();
    if !is_file {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        let Some(stored) = store.article(name).await? else {
            return Err(Failure::new(
                exit::DATA,
                format!(
                    "no article, alert or file is called {}; `wirewatch alerts list` shows alerts",
                    visit::shown_as_typed(name)
                ),
            ));
        };
        // An alert has the id of its article.
        let alert = store.alert(&AlertId(stored.article.id.0.clone())).await?;
        return Ok((vec![stored.article], alert));
    }
    let read = input::read(name, &config.http).await?;
    Ok((input::articles(&read, sniff(&read.bytes), 0)?, None))
}

/// One article with what is told of it.
struct Why<'a> {
    article: &'a Article,
    topics: Vec<TopicExplanation>,
    actors: Vec<ActorExplanation>,
    /// Whether one topic or actor was asked for.
    asked: bool,
    /// The actor that was asked for, in case it is not there.
    absent: Option<&'a str>,
    /// The alert that was made of it.
    alert: Option<&'a AlertDetail>,
}

impl Why<'_> {
    fn lines(&self) -> Result<Vec<String>, Failure> {
        let article = self.article;
        let title = [&article.title, &article.summary, &article.body];
        let title = title.into_iter().find(|text| !text.is_empty());
        let title = title.map_or_else(String::new, |title| printable(title, 100));
        let mut lines = vec![print::bold(&title)];
        if let Some(url) = &self.article.url {
            lines.push(format!("  {}", printable(url, 300)));
        }
        let (matching, others): (Vec<_>, Vec<_>) = self
            .topics
            .iter()
            .partition(|topic| topic.verdict == TopicVerdict::Matches);
        for topic in &matching {
            lines.extend(topic_lines(topic, true));
        }
        for topic in others.iter().take(OTHERS_MAX) {
            lines.extend(topic_lines(topic, self.asked));
        }
        if others.len() > OTHERS_MAX {
            let more = others.len() - OTHERS_MAX;
            lines.push(format!(
                "{more} more topics do not match; --topic ID shows one"
            ));
        }
        lines.extend(self.actors.iter().flat_map(actor_lines));
        if let (true, Some(id)) = (self.actors.is_empty(), self.absent) {
            lines.push(format!("actor {id}: none of its names is there"));
        }
        if let Some(alert) = self.alert.filter(|_| !self.asked) {
            lines.push(format!("alerted at {:.0}", alert.record.at));
            lines.extend(show::what_became(alert)?);
        }
        Ok(lines)
    }

    fn json(&self) -> Result<Value, Failure> {
        Ok(json!({
            "article": {
                "id": self.article.id.0,
                "title": self.article.title,
                "url": self.article.url,
            },
            "topics": self.topics.iter().map(topic_json).collect::<Vec<_>>(),
            "actors": self.actors.iter().map(actor_json).collect::<Vec<_>>(),
            "alert": self.alert.map(show::what_became_json).transpose()?,
        }))
    }
}

/// What decided, in words.
fn verdict(topic: &TopicExplanation) -> String {
    match &topic.verdict {
        TopicVerdict::Matches => format!("matches, score {}", topic.score),
        TopicVerdict::Fails { clause, nearly } => {
            let clause = printable(clause, CLAUSE_CHARS_MAX);
            let nearly = nearly.as_ref();
            let nearly =
                nearly.map_or_else(String::new, |it| format!("; both sides are there {it}"));
            format!("does not match: {clause} fails{nearly}")
        }
        TopicVerdict::RuledOut => "does not match: its `unless` is there".to_owned(),
        TopicVerdict::Score { threshold } => format!(
            "does not match: its score {} is below its threshold {threshold}",
            topic.score
        ),
        TopicVerdict::Salience { asked } => format!(
            "does not match: what it found stands too far down for salience = \"{}\"",
            asked.as_str()
        ),
    }
}

fn topic_lines(topic: &TopicExplanation, whole: bool) -> Vec<String> {
    let name = printable(&topic.name, 100);
    let mut lines = vec![format!("topic {} ({name}): {}", topic.id, verdict(topic))];
    if whole {
        clause_lines(&topic.query, 1, &mut lines);
        if let Some(unless) = &topic.unless {
            lines.push("  unless".to_owned());
            clause_lines(unless, 2, &mut lines);
        }
    }
    lines
}

fn clause_lines(clause: &Clause, depth: usize, lines: &mut Vec<String>) {
    let mark = if clause.holds { '+' } else { '-' };
    let quotes = if clause.parts.is_empty() {
        clause.evidence.as_slice()
    } else {
        &[]
    };
    let quotes: Vec<String> = quotes.iter().map(quote).collect();
    let nearest = clause.nearest.as_ref();
    let nearest = nearest.map_or_else(String::new, |it| format!("  (there {it})"));
    let text = printable(&clause.text, CLAUSE_CHARS_MAX);
    let line = format!(
        "{}{mark} {text}  {}{nearest}",
        "  ".repeat(depth),
        quotes.join(" ")
    );
    lines.push(line.trim_end().to_owned());
    for part in &clause.parts {
        clause_lines(part, depth + 1, lines);
    }
}

fn quote(evidence: &Evidence<'_>) -> String {
    format!("“{}”", printable(&evidence.quote, 60))
}

fn actor_lines(actor: &ActorExplanation) -> Vec<String> {
    let mut lines = Vec::new();
    let name = printable(&actor.name, 100);
    match &actor.found {
        Some(found) => {
            lines.push(format!(
                "actor {} ({name}): {}, salience {}, confidence {}",
                actor.id,
                count(found.mentions, "mention"),
                found.salience.as_str(),
                found.confidence
            ));
            lines.extend(found.evidence.iter().map(|it| format!("  + {}", named(it))));
        }
        None => lines.push(format!("actor {} ({name}): not mentioned", actor.id)),
    }
    lines.extend(
        actor
            .doubtful
            .iter()
            .map(|it| format!("  - {}: nothing supports it", named(it))),
    );
    lines
}

/// A piece of the text with the alias that it is.
fn named(evidence: &Evidence<'_>) -> String {
    let because = match &evidence.because {
        Because::Term(term) => printable(term, 60),
        Because::Alias { text, class } => {
            format!("{} alias {}", class.as_str(), printable(text, 60))
        }
    };
    format!("{} {because}", quote(evidence))
}

fn topic_json(topic: &TopicExplanation) -> Value {
    let (reason, clause, nearly) = match &topic.verdict {
        TopicVerdict::Matches => ("matches", None, None),
        TopicVerdict::Fails { clause, nearly } => ("query", Some(clause), nearly.as_ref()),
        TopicVerdict::RuledOut => ("unless", None, None),
        TopicVerdict::Score { .. } => ("threshold", None, None),
        TopicVerdict::Salience { .. } => ("salience", None, None),
    };
    json!({
        "id": topic.id.as_str(),
        "name": topic.name,
        "matches": topic.verdict == TopicVerdict::Matches,
        "reason": reason,
        "failing": clause,
        "nearly": nearly,
        "score": topic.score,
        "words": verdict(topic),
        "query": clause_json(&topic.query),
        "unless": topic.unless.as_ref().map(clause_json),
    })
}

fn clause_json(clause: &Clause) -> Value {
    json!({
        "text": clause.text,
        "holds": clause.holds,
        "nearest": clause.nearest,
        "evidence": clause.evidence.iter().map(evidence_json).collect::<Vec<_>>(),
        "parts": clause.parts.iter().map(clause_json).collect::<Vec<_>>(),
    })
}

fn actor_json(actor: &ActorExplanation) -> Value {
    let found = actor.found.as_ref();
    let evidence = found.map_or(&[][..], |found| &found.evidence);
    json!({
        "id": actor.id,
        "name": actor.name,
        "mentioned": found.is_some(),
        "mentions": found.map_or(0, |found| found.mentions),
        "confidence": found.map(|found| found.confidence),
        "salience": found.map(|found| found.salience.as_str()),
        "evidence": evidence.iter().map(evidence_json).collect::<Vec<_>>(),
        "doubtful": actor.doubtful.iter().map(evidence_json).collect::<Vec<_>>(),
    })
}
