//! Whatever bytes come, they are read, refused or repaired: nothing panics, and
//! what is promised of every text holds of these.
//!
//! Documents are made by damaging good ones, and those that a target answers in a
//! new way are damaged further, so that the search goes deep without a special
//! compiler. A test run tries a few hundred for each target;
//! `FUZZ_RUNS=1000000 cargo test --release --test it fuzz -- --nocapture` tries
//! more, and `FUZZ_SEED=7` others. A document that fails is printed.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;
use wirewatch::article::{Article, Input};
use wirewatch::config::{Environment, load};
use wirewatch::feed::{Feed, parse};
use wirewatch::matcher::{Evidence, Matcher, Matches};
use wirewatch::text::{Fingerprint, detect, fold, html, printable, tokenise};
use wirewatch::watchlist::{Actor, ActorId, ActorKind, Topic, TopicId, Watchlist, query};

/// How many documents each target is given, unless `FUZZ_RUNS` says otherwise.
const RUNS: usize = 400;

/// The most documents that are kept to be damaged further.
const KEPT_MAX: usize = 400;

/// The longest document, in bytes: what grows is cut.
const BYTES_MAX: usize = 4_096;

const STORY: &str = include_str!("../../src/cli/demo/allied-response.txt");

/// Pieces of text that readers stumble over.
const ODD: &[&str] = &[
    "\u{0}",
    "\u{feff}",
    "\u{200b}",
    "\u{ad}",
    "\u{301}",
    "İ",
    "ß",
    "ﬁ",
    "\u{1112}\u{1161}\u{11ab}",
    "金正恩",
    "김정은은",
    "กำ",
    "ジョン・",
    "צ\"ה",
    "مُحَمَّد",
    "й",
    "U.S.",
    "A.A.",
    "'s",
    "’s",
    "-",
    "—",
    ". ",
    "\n\n",
    "\r\n",
    "\t",
    "\\",
    "&amp;",
    "&#x1F;",
    "<p>",
    "</",
    "<!--",
    "<script>",
    "🇰🇵",
    "\u{202e}",
    "\u{1b}[31m",
    "ǅ",
    "ŉ",
    "𝔸",
    "１",
];

const OPERATORS: &[&str] = &[
    " AND ",
    " OR ",
    " NOT ",
    "-",
    "(",
    ")",
    "\"",
    "NEAR/3",
    " NOT NEAR/2 ",
    "PRE/2",
    "SENTENCE",
    "PARA",
    "@us",
    "@us!",
    "@nobody",
    "#t0",
    "title:",
    "lang:",
    "ATLEAST/2 ",
    "FIRST/9 ",
    "2 OF(",
    ",",
    "^2",
    "*",
    "?",
    "=",
    "~",
    "/",
    "W/5",
    "~3",
    "0",
    "99999",
];

const KEYS: &[&str] = &[
    "[actor.x]\n",
    "[topic.y]\n",
    "[[topic.y.tests]]\n",
    "name = ",
    "kind = \"person\"\n",
    "aliases = [",
    "weak = ",
    "query = ",
    "unless = ",
    "surname = true\n",
    "member_of = [\"x\"]\n",
    "'''",
    "\"",
    "]",
    "[",
    "=",
    "\n",
    "#",
    "threshold = 1e999\n",
    "salience = \"lead\"\n",
    "titles = [\"a\"]\n",
    "expect = false\n",
    "text = ",
];

/// A small generator of fixed seed (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    /// A part of a document, at most so long.
    fn part(&mut self, bytes: &[u8], longest: usize) -> std::ops::Range<usize> {
        let start = self.roll(bytes.len() + 1);
        let end = (start + self.roll(longest + 1)).min(bytes.len());
        start..end
    }

    /// Damages a document in one to six places.
    fn damage(&mut self, kept: &[Vec<u8>], pieces: &[&str]) -> Vec<u8> {
        let mut bytes = self.pick(kept).clone();
        for _ in 0..=self.roll(6) {
            let at = self.roll(bytes.len() + 1);
            match self.roll(8) {
                0 if !bytes.is_empty() => {
                    let at = at.min(bytes.len() - 1);
                    bytes[at] ^= 1 << self.roll(8);
                }
                1 => bytes.insert(at, self.roll(256) as u8),
                2 => drop(bytes.drain(self.part(&bytes, 40))),
                3 => {
                    let again = bytes[self.part(&bytes, 60)].repeat(1 + self.roll(4));
                    bytes.splice(at..at, again);
                }
                4 => {
                    let other = self.pick(kept);
                    let piece = other[self.part(other, 200)].to_vec();
                    bytes.splice(at..at, piece);
                }
                5 => bytes.truncate(at.max(8)),
                _ => drop(bytes.splice(at..at, self.pick(pieces).bytes())),
            }
            bytes.truncate(BYTES_MAX);
        }
        bytes
    }
}

fn number(variable: &str, otherwise: usize) -> usize {
    let value = std::env::var(variable).ok();
    value.map_or(otherwise, |value| value.parse().expect(variable))
}

/// Gives a target damaged documents. It panics where a promise does not hold; what
/// it returns tells apart the ways in which it answers.
fn fuzz<T: Hash>(name: &str, seeds: &[&str], pieces: &[&str], target: impl Fn(&[u8]) -> T) {
    let mut dice = Dice(0x5eed ^ number("FUZZ_SEED", 1) as u64);
    let mut kept: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let mut answers: HashSet<u64> = HashSet::new();
    let runs = number("FUZZ_RUNS", RUNS);
    let mut slowest = Duration::ZERO;
    for _ in 0..runs {
        let document = dice.damage(&kept, pieces);
        let started = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let mut hasher = DefaultHasher::new();
            target(&document).hash(&mut hasher);
            hasher.finish()
        }));
        let Ok(answer) = answer else {
            panic!("{name} fails on \"{}\"", document.escape_ascii());
        };
        slowest = slowest.max(started.elapsed());
        if answers.insert(answer) && kept.len() < KEPT_MAX {
            kept.push(document);
        }
    }
    let ways = answers.len();
    println!("{name}: {runs} documents, {ways} ways to answer, the slowest in {slowest:?}");
}

/// How large a number is, roughly: new sizes are new answers, new numbers not.
fn size(count: usize) -> u32 {
    count.checked_ilog2().map_or(0, |log| log + 1)
}

fn actors() -> Vec<Actor> {
    let actor =
        |id: &str, name: &str, kind| Actor::new(ActorId::new(id).unwrap(), name.to_owned(), kind);
    let strings = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    let mut us = actor("us", "United States", ActorKind::Country);
    us.acronyms = strings(&["US"]);
    us.metonyms = strings(&["Washington"]);
    us.demonyms = strings(&["American"]);
    let mut bolton = actor("bolton", "John Bolton", ActorKind::Person);
    bolton.titles = strings(&["undersecretary"]);
    bolton.unless = strings(&["Bolton Wanderers"]);
    let mut korea = actor("nk", "North Korea", ActorKind::Country);
    korea.aliases = strings(&["북한", "北朝鮮", "КНДР", "كوريا الشمالية"]);
    korea.weak = strings(&["Korea"]);
    korea.context = strings(&["Pyongyang"]);
    vec![us, bolton, korea]
}

/// Every piece of evidence is a slice of the text that it names.
fn check_evidence(article: &Article, matches: &Matches<'_>) {
    let of_topics = matches.topics.iter().flat_map(|topic| &topic.evidence);
    let of_actors = matches.actors.iter().flat_map(|actor| &actor.evidence);
    for Evidence {
        field,
        start,
        end,
        quote,
        ..
    } in of_topics.chain(of_actors)
    {
        let found = article.values(*field).into_iter();
        assert!(
            found
                .into_iter()
                .any(|text| text.get(*start..*end) == Some(&**quote)),
            "{field:?} {start}..{end} is not {quote:?}"
        );
    }
}

#[test]
fn fuzz_text() {
    let texts = [
        "In a surprise move, Mr. Bolton's U.S. team met Kim Jong-un.",
        "Côte d'Ivoire 金正恩 김정은 สวัสดี",
        STORY,
    ];
    fuzz("text", &texts, ODD, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let tokens = tokenise(&text);
        let mut end = 0;
        for token in tokens.all() {
            assert!(
                end <= token.start && token.start < token.end,
                "tokens overlap"
            );
            assert!(
                !token.source(&text).is_empty(),
                "a token splits a character"
            );
            assert_eq!(token.print, Fingerprint::of(&token.folded(&text)));
            end = token.end;
        }
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "folding twice changes the text");
        let plain = html::to_text(&text);
        assert!(
            !printable(&plain, 80).contains(char::is_control),
            "a control character is shown"
        );
        let last = tokens
            .all()
            .last()
            .map_or(0, |token| token.sentence as usize);
        (
            size(tokens.all().len()),
            size(last),
            size(plain.len()),
            detect(&text),
        )
    });
}

#[test]
fn fuzz_queries() {
    let queries = [
        r#"@us AND (nuclear NEAR/5 (weapon* OR program*) OR "non-aggression pact")"#,
        "2 OF(title:korea, =US^2, ~weapon) NOT lang:de",
        "FIRST/20 (@bolton! SENTENCE @nk) -sport*",
        "ATLEAST/2 bolton PRE/3 said",
    ];
    let article = Input::from_text(STORY).into_article(0);
    let pieces = [OPERATORS, ODD].concat();
    fuzz("query", &queries, &pieces, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let parsed = match query::parse(&text) {
            Ok(parsed) => parsed,
            Err(error) => {
                assert!(
                    text.get(error.span.clone()).is_some(),
                    "{:?} is no place in the query",
                    error.span
                );
                return (
                    error
                        .message
                        .chars()
                        .filter(|c| !c.is_numeric())
                        .take(30)
                        .collect(),
                    0,
                    0,
                );
            }
        };
        let printed = parsed.to_string();
        assert_eq!(
            query::parse(&printed),
            Ok(parsed.clone()),
            "printed as {printed}"
        );
        let topic = Topic::new(TopicId::new("t0").unwrap(), parsed);
        let watchlist = Watchlist {
            actors: actors(),
            topics: vec![topic],
        };
        let Ok(matcher) = Matcher::compile(&watchlist) else {
            assert!(!watchlist.flaws().is_empty());
            return ("flawed".to_owned(), 0, 0);
        };
        let matches = matcher.matches(&article);
        check_evidence(&article, &matches);
        let again = Matcher::compile(&watchlist).unwrap();
        let again = again.matches(&article);
        assert_eq!(matches, again, "compiled twice, it matches otherwise");
        let found = matches
            .topics
            .iter()
            .map(|topic| topic.evidence.len())
            .sum();
        (String::new(), size(printed.len()), size(found))
    });
}

#[test]
fn fuzz_articles() {
    let seeds = [
        r#"{"id":"1","title":"Bolton in Seoul","text":"U.S. Undersecretary John Bolton met North Korean officials.","language":"en"}"#,
        r#"{"html":"<p>Washington &amp; Pyongyang</p>","authors":["A"],"published":"2003-01-22T00:00:00Z"}"#,
    ];
    let topics = [
        "bolton NEAR/9 (us OR korea*)",
        "@us SENTENCE @nk",
        "~official OR *yang",
    ];
    let topics = topics.iter().enumerate().map(|(n, text)| {
        Topic::new(
            TopicId::new(&format!("t{n}")).unwrap(),
            query::parse(text).unwrap(),
        )
    });
    let matcher = Matcher::compile(&Watchlist {
        actors: actors(),
        topics: topics.collect(),
    })
    .unwrap();
    fuzz("article", &seeds, ODD, |bytes| {
        let line = String::from_utf8_lossy(bytes);
        let inputs = [
            Input::from_json(&line).ok(),
            Some(Input::from_text(&line)),
            Some(Input::from_html(&line)),
        ];
        inputs.map(|input| {
            let article = input?.into_article(0);
            let matches = matcher.matches(&article);
            check_evidence(&article, &matches);
            Some((
                matches.topics.len(),
                matches.actors.len(),
                size(article.body.len()),
            ))
        })
    });
}

#[test]
fn fuzz_watchlists() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wirewatch.toml");
    fs::write(&path, "watchlists = [\"watchlist.toml\"]\n").unwrap();
    let environment = Environment::of([("STATE_DIRECTORY", "/var/lib/wirewatch")]);
    let article = Input::from_text(STORY).into_article(0);
    let pieces = [KEYS, OPERATORS, ODD].concat();
    let shipped = include_str!("../../config/watchlist.toml");
    fuzz("watchlist", &[shipped], &pieces, |bytes| {
        fs::write(folder.path().join("watchlist.toml"), bytes).unwrap();
        match load(&path, &environment) {
            Ok((config, _)) => {
                let matcher = Matcher::compile(&config.watchlist).expect("what loads compiles");
                check_evidence(&article, &matcher.matches(&article));
                (String::new(), config.watchlist.topics.len())
            }
            Err(problems) => {
                assert!(!problems.0.is_empty(), "refused without a reason");
                let first = &problems.0[0];
                (
                    first
                        .message
                        .chars()
                        .filter(|c| c.is_alphabetic())
                        .take(25)
                        .collect(),
                    size(problems.0.len()) as usize,
                )
            }
        }
    });
}

/// Pieces of feeds, sound and torn.
const MARKUP: &[&str] = &[
    "<item>",
    "</item>",
    "<entry>",
    "</entry>",
    "<item",
    "<title>",
    "</title>",
    "<link>",
    "<link href=\"",
    "<guid isPermaLink=\"false\">",
    "</guid>",
    "<pubDate>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml",
    "<!DOCTYPE r [<!ENTITY a \"b\">]>",
    "<rss>",
    "</rss>",
    "<channel>",
    "<feed xmlns=\"https://www.w3.org/2005/atom\">",
    "<content type=\"xhtml\">",
    "<div>",
    "</div>",
    "<media:group>",
    "<author><name>",
    "«b@c.org»",
    "xml:base=\"/x/\"",
    "xmlns:dc=\"",
    "&nbsp;",
    "&#x80;",
    "&#55296;",
    "&",
    "=\"",
    "'",
    ">",
    "\"items\": [",
    "{\"id\": 7,",
    "\"",
    "\\u",
    "\\",
    "[",
    "]",
    "}",
    ",",
    ":",
    "\u{feff}",
    "2003-07-23",
    "Wed, 23 Jul",
    " +0900",
];

#[test]
fn fuzz_feeds() {
    let seeds = [
        include_str!("../fixtures/feeds/rss-2.0.rss"),
        include_str!("../fixtures/feeds/atom.atom"),
        include_str!("../fixtures/feeds/rdf.rdf"),
        include_str!("../fixtures/feeds/json.json"),
        include_str!("../fixtures/feeds/panic-author.rss"),
    ];
    let base = Url::parse("https://news.example.org/feed").unwrap();
    let pieces = [MARKUP, ODD].concat();
    fuzz("feed", &seeds, &pieces, |bytes| {
        let Ok(feed) = parse(bytes, Some(&base), Some("text/xml; charset=utf-8")) else {
            return (0, 0, Vec::new());
        };
        let mut keys = HashSet::new();
        for entry in &feed.entries {
            assert!(keys.insert(&entry.key), "a key stands twice");
            let link = entry.link.as_deref().unwrap_or("https:");
            assert!(link.starts_with("http"), "{link} is no page");
        }
        // An entry begins with at least this much.
        assert!(feed.entries.len() <= 1 + bytes.len() / "<item".len().min("{},".len()));
        assert!(
            kept_bytes(&feed) <= 6 * bytes.len() + 1024,
            "it kept too much"
        );
        let kinds = feed.problems.iter();
        let kinds = kinds.map(|it| {
            it.chars()
                .filter(char::is_ascii_alphabetic)
                .take(25)
                .collect()
        });
        let kinds: Vec<String> = kinds.collect();
        (1, size(feed.entries.len()), kinds)
    });
}

/// How much text of a feed is kept, without the fixed size of its entries, the
/// names that they inherit, and the base of their links.
fn kept_bytes(feed: &Feed) -> usize {
    let entries = feed.entries.iter().map(|entry| {
        let texts = [
            &entry.guid,
            &entry.title,
            &entry.summary,
            &entry.content,
            &entry.language,
        ];
        texts.into_iter().flatten().map(String::len).sum::<usize>()
            + entry.categories.iter().map(String::len).sum::<usize>()
    });
    entries.sum::<usize>() + feed.description.as_ref().map_or(0, String::len)
}
