//! The text of an article in its page.
//!
//! What finds it is a crate that takes any page for what it says it is, so it
//! works at a distance: on a thread of its own with a stack for deep trees, a
//! few at a time, for a few seconds. A page that takes longer is given up. Its
//! thread cannot be ended, so it keeps its place until it is done: threads that
//! hang never pile up.

use crate::text::html;
use encoding_rs::{Encoding, WINDOWS_1252};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tracing::debug;
use trafilatura::Options;
use trafilatura::dom::Document;

/// How many pages are at work at one time.
const PAGES_MAX: usize = 2;
/// How long one may take, the wait for a place included.
const TIME_MAX: Duration = Duration::from_secs(10);
/// The most tags of a page: a tree takes some hundred times the memory of its tags,
/// and what reads it makes copies.
const TAGS_MAX: usize = 100_000;
/// How deep a page may nest: real ones nest some thirty deep, and the time that
/// a page takes grows with the square.
const DEPTH_MAX: usize = 256;
/// Enough for a tree of many times that depth.
const STACK_BYTES: usize = 32 * 1024 * 1024;
/// Elements that HTML carries on into whatever follows when their end is missing
/// (section 13.2.4.3): a page of a megabyte can make millions of them.
const CARRIED_ON: [&str; 12] = [
    "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u",
];
/// The longest text that is taken: a long book.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// How far a page may name its encoding (HTML, section 4.2.5.4).
const CHARSET_BYTES_MAX: usize = 1024;

/// What a page came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extracted {
    /// The text of its article, paragraphs parted by an empty line.
    Text(String),
    /// There is no article in it.
    Nothing,
    /// It took too long, or it broke what read it.
    GivenUp,
}

/// Reads pages; clones share its places.
#[derive(Debug, Clone)]
pub(super) struct Extractor {
    places: Arc<Semaphore>,
    time_max: Duration,
}

impl Extractor {
    pub(super) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PAGES_MAX)),
            time_max: TIME_MAX,
        }
    }

    /// Finds the text of an article in the bytes of its page.
    pub(super) async fn text(&self, page: Vec<u8>, content_type: Option<String>) -> Extracted {
        let places = Arc::clone(&self.places);
        let reading = async move {
            let place = places.acquire_owned().await.ok()?;
            let (sender, done) = oneshot::channel();
            let thread = std::thread::Builder::new()
                .name("page".to_owned())
                .stack_size(STACK_BYTES);
            let reading = thread.spawn(move || {
                let text = text(&page, content_type.as_deref());
                // Nobody may be waiting for it any more.
                let _heard = sender.send(text);
                drop(place);
            });
            if let Err(error) = reading {
                debug!("no thread for a page: {error}");
            }
            // A panic of the thread drops what would answer.
            done.await.ok()
        };
        match tokio::time::timeout(self.time_max, reading).await {
            Ok(Some(Some(text))) => Extracted::Text(text),
            Ok(Some(None)) => Extracted::Nothing,
            Ok(None) | Err(_) => Extracted::GivenUp,
        }
    }
}

fn text(page: &[u8], content_type: Option<&str>) -> Option<String> {
    let page = decoded(page, content_type);
    if memchr::memchr_iter(b'<', page.as_bytes()).count() > TAGS_MAX {
        return None;
    }
    let document = Document::parse(&plain(&page));
    if depth(&document) > DEPTH_MAX {
        return None;
    }
    // What readers wrote below an article is not the article's.
    let options = Options::default()
        .with_fallback(true)
        .with_exclude_comments(true);
    let found = trafilatura::extract_document(document, &options).ok()?;
    // Its HTML says where paragraphs end, which its text does not.
    let mut text = html::to_text(&found.content_html);
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    text.truncate(end);
    (!text.is_empty()).then_some(text)
}

/// The page with elements that say nothing in place of those of [`CARRIED_ON`].
/// Where `<b>` is no tag, in a comment or a script, the change does no harm.
fn plain(page: &str) -> String {
    let mut plain = String::with_capacity(page.len() + page.len() / 8);
    for part in page.split_inclusive('<') {
        let after_bracket = plain.ends_with('<');
        let slash = if part.starts_with('/') { "/" } else { "" };
        let rest = part.strip_prefix('/').unwrap_or(part);
        let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
        let (name, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        let carried_on = CARRIED_ON
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        if after_bracket && carried_on {
            plain.extend([slash, "span", after]);
        } else {
            plain.push_str(part);
        }
    }
    plain
}

/// How deep the elements of a document nest.
fn depth(document: &Document) -> usize {
    let mut deepest = 0;
    let mut waiting = vec![(document.root(), 0)];
    while let Some((node, depth)) = waiting.pop() {
        deepest = deepest.max(depth);
        let children = document.children(node);
        waiting.extend(children.into_iter().map(|child| (child, depth + 1)));
    }
    deepest
}

/// The page as text: by its mark, what its server says, what it says itself,
/// or what browsers take for granted.
fn decoded<'a>(page: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if Encoding::for_bom(page).is_none()
        && let Ok(text) = std::str::from_utf8(page)
    {
        return Cow::Borrowed(text);
    }
    let start = page.get(..CHARSET_BYTES_MAX.min(page.len()));
    let start = String::from_utf8_lossy(start.unwrap_or_default());
    let said = [content_type.unwrap_or_default(), &start];
    let named = said.into_iter().find_map(charset).unwrap_or(WINDOWS_1252);
    let (text, _, _) = named.decode(page);
    text
}

/// The encoding that a media type or the start of a page names.
fn charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let ends = |c: char| c.is_whitespace() || "\"';/>".contains(c);
    let label = value.split(ends).next()?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests;
