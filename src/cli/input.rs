//! What `parse` and `match` read: a file, an address, or standard input.

use super::exit::{self, Failure};
use super::{Global, visit};
use crate::article::input::{Kind, sniff};
use crate::article::{self, Article, Origin};
use crate::config::{self, Http};
use crate::feed::{self, FeedId};
use crate::fetch::{Client, FeedRequest};
use crate::policy::poll::{Answer, Validators};
use std::io::{BufRead, BufReader, Read};
use url::Url;

/// The largest input that is read whole, in bytes.
const INPUT_BYTES_MAX: u64 = 256 << 20;
/// The longest line of JSON, in bytes.
const LINE_BYTES_MAX: u64 = 64 << 20;
/// How much of an input is looked at to tell what it is, in bytes.
const PEEK_BYTES: usize = 256 << 10;

/// An input with what is known of it.
#[derive(Debug)]
pub(super) struct Input {
    /// What the user called it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) content_type: Option<String>,
    /// The address that it came from.
    pub(super) url: Option<Url>,
}

/// Reads an input whole: `-` is standard input, `http://` and `https://` are
/// fetched.
pub(super) async fn read(name: &str, http: &Http) -> Result<Input, Failure> {
    if is_address(name) {
        fetch(name, http).await
    } else {
        rest_of(name, &mut open(name)?)
    }
}

pub(super) fn is_address(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

/// The articles of an input that is text, a page or a feed, numbered from
/// `first`; JSON Lines are read line by line.
pub(super) fn articles(input: &Input, kind: Kind, first: usize) -> Result<Vec<Article>, Failure> {
    let text = || String::from_utf8_lossy(&input.bytes);
    match kind {
        Kind::Text => Ok(vec![article::Input::from_text(&text()).into_article(first)]),
        Kind::Html => {
            let mut page = article::Input::from_html(&text());
            page.url = input.url.as_ref().map(ToString::to_string);
            Ok(vec![page.into_article(first)])
        }
        Kind::JsonLines => {
            let text = text();
            let lines = text
                .lines()
                .zip(1..)
                .filter(|(line, _)| !line.trim().is_empty());
            lines
                .zip(first..)
                .map(
                    |((line, number), index)| match article::Input::from_json(line) {
                        Ok(article) => Ok(article.into_article(index)),
                        Err(error) => Err(Failure::new(
                            exit::DATA,
                            format!("{}:{number}: {error}", input.name),
                        )),
                    },
                )
                .collect()
        }
        Kind::Feed => of_feed(input),
    }
}

fn of_feed(input: &Input) -> Result<Vec<Article>, Failure> {
    let content_type = input.content_type.as_deref();
    let feed = feed::parse(&input.bytes, input.url.as_ref(), content_type)
        .map_err(|error| Failure::new(exit::DATA, format!("{}: {error}", input.name)))?;
    let id = FeedId::new("input").map_err(|error| Failure::new(exit::SOFTWARE, error))?;
    let origin = Origin {
        feed: &id,
        source: feed.title.as_deref().unwrap_or_default(),
        tags: &[],
        language: feed.language.as_deref(),
    };
    let entries = feed.entries.iter();
    Ok(entries
        .map(|entry| article::build(entry, &origin))
        .collect())
}

/// Opens a file or standard input.
pub(super) fn open(name: &str) -> Result<Box<dyn BufRead>, Failure> {
    if name == "-" {
        return Ok(Box::new(BufReader::with_capacity(
            PEEK_BYTES,
            std::io::stdin(),
        )));
    }
    let file = std::fs::File::open(name).map_err(|error| unreadable(name, &error))?;
    Ok(Box::new(BufReader::with_capacity(PEEK_BYTES, file)))
}

/// Reads what is left of an input.
pub(super) fn rest_of(name: &str, reader: &mut dyn BufRead) -> Result<Input, Failure> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(INPUT_BYTES_MAX + 1);
    limited
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(Failure::new(
            exit::DATA,
            format!("{name}: larger than 256 MiB"),
        ));
    }
    Ok(Input {
        name: name.to_owned(),
        bytes,
        content_type: None,
        url: None,
    })
}

/// Whether the first line of an input, which is only looked at, is a JSON object
/// of its own, so that the input can be read line by line.
pub(super) fn has_json_lines(name: &str, reader: &mut dyn BufRead) -> Result<bool, Failure> {
    let peeked = reader
        .fill_buf()
        .map_err(|error| unreadable(name, &error))?;
    let mut lines = peeked.split_inclusive(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    Ok(first.is_some_and(|line| line.ends_with(b"\n") && sniff(line) == Kind::JsonLines))
}

/// Reads a line into `line`; false at the end.
pub(super) fn next_line(
    name: &str,
    reader: &mut dyn BufRead,
    line: &mut Vec<u8>,
) -> Result<bool, Failure> {
    line.clear();
    let mut limited = reader.take(LINE_BYTES_MAX + 1);
    limited
        .read_until(b'\n', line)
        .map_err(|error| unreadable(name, &error))?;
    if line.len() as u64 > LINE_BYTES_MAX {
        return Err(Failure::new(
            exit::DATA,
            format!("{name}: a line is longer than 64 MiB"),
        ));
    }
    Ok(!line.is_empty())
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(exit::DATA, format!("{name}: {error}"))
}

async fn fetch(name: &str, http: &Http) -> Result<Input, Failure> {
    let url = visit::address(name)?;
    let name = visit::shown(&url);
    let client = Client::new(http).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let (login, url) = visit::split_login(&url);
    let request = FeedRequest {
        home: url.clone(),
        derived: false,
        url,
        validators: Validators::default(),
        login,
        headers: Vec::new(),
    };
    let fail = |why: &str| Failure::new(exit::UNAVAILABLE, format!("{name}: {why}"));
    match client.get(&request).await.answer {
        Answer::Body {
            bytes,
            content_type,
            url,
            ..
        } => Ok(Input {
            name,
            bytes,
            content_type,
            url: Url::parse(&url).ok(),
        }),
        Answer::Failed { detail, .. } => Err(fail(&detail)),
        Answer::Gone => Err(fail("gone (410)")),
        Answer::NotModified(_) | Answer::Redirect { .. } => Err(fail("gave no body")),
    }
}

/// How requests are made: as configured, or by default where there is no
/// configuration, since `parse` needs none.
pub(super) fn http(global: &Global) -> Result<Http, Failure> {
    match global.find() {
        Ok((path, environment)) => config::load(&path, &environment)
            .map(|(config, _)| config.http)
            .map_err(|problems| Failure::new(exit::CONFIG, problems)),
        Err(_) if global.config.is_none() => Ok(Http::default()),
        Err(failure) => Err(failure),
    }
}
