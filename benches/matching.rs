//! How fast articles are matched, beside two byte automata on the same set.
//!
//! `cargo bench --bench matching [-- ALIASES…]` builds watchlists of so many
//! aliases (10,000, 100,000 and 1,000,000 unless told otherwise) and matches generated
//! articles against them on one thread. The matcher reads raw text and does
//! everything that it does in the daemon: folding, tokens, actors, evidence. The
//! automata, aho-corasick and daachorse, get text that is folded already and
//! only count where patterns end, which favours them.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use daachorse::DoubleArrayAhoCorasick;
use std::hint::black_box;
use std::time::Instant;
use wirewatch::article::{Article, ArticleId};
use wirewatch::matcher::{Frequencies, Matcher};
use wirewatch::watchlist::{Actor, ActorId, ActorKind, Topic, TopicId, Watchlist, query};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const ARTICLES: usize = 3_000;
const ARTICLE_WORDS: usize = 320;
const ALIASES_PER_ACTOR: usize = 4;
/// How many articles the frequencies of words are measured on.
const OBSERVED: usize = 500;

fn main() -> Result<()> {
    let mut sizes: Vec<usize> = std::env::args()
        .filter_map(|size| size.parse().ok())
        .collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    for aliases in sizes {
        let mut dice = Dice(0x5eed);
        let words: Vec<String> = (0..50_000).map(|_| dice.word(2)).collect();
        let names = names(&mut dice, aliases);
        let articles = articles(&mut dice, &words, &names);
        aliases_alone(&names, &articles)?;
        persons(&names)?;
        queries(&mut dice, &words, &names, &articles)?;
    }
    Ok(())
}

/// Aliases of actors, without a query.
fn aliases_alone(names: &[String], articles: &[Article]) -> Result<()> {
    let bytes: usize = articles.iter().map(|article| article.body.len()).sum();
    let folded: Vec<String> = articles
        .iter()
        .map(|article| article.body.to_lowercase())
        .collect();
    let patterns: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    println!(
        "{} aliases, {} articles of {} bytes in the mean",
        names.len(),
        articles.len(),
        bytes / articles.len()
    );

    let watchlist = Watchlist {
        actors: actors(names)?,
        topics: vec![],
    };
    let before = resident_kib();
    let started = Instant::now();
    let matcher = Matcher::compile(&watchlist)?;
    let built = started.elapsed().as_secs_f64();
    let grown = resident_kib().saturating_sub(before) * 1024 / names.len();
    let ours = rate(bytes, || {
        articles
            .iter()
            .map(|article| matcher.matches(article).actors.len())
            .sum()
    });
    println!("  wirewatch: {ours:.0} MB/s, compiled in {built:.2} s, {grown} B an alias");

    let automaton = aho_corasick::AhoCorasick::builder()
        .kind(Some(aho_corasick::AhoCorasickKind::ContiguousNFA))
        .build(&patterns)?;
    let theirs = rate(bytes, || {
        folded
            .iter()
            .map(|text| automaton.find_overlapping_iter(text).count())
            .sum()
    });
    println!(
        "  aho-corasick: {theirs:.0} MB/s of folded text; wirewatch is {:.2} times as fast",
        ours / theirs
    );
    let mut distinct = patterns;
    distinct.sort_unstable();
    distinct.dedup();
    let automaton =
        DoubleArrayAhoCorasick::<u32>::new(&distinct).map_err(|error| error.to_string())?;
    let theirs = rate(bytes, || {
        folded
            .iter()
            .map(|text| automaton.find_overlapping_iter(text).count())
            .sum()
    });
    println!(
        "  daachorse: {theirs:.0} MB/s of folded text; wirewatch is {:.2} times as fast",
        ours / theirs
    );
    Ok(())
}

/// Names of two words as those of persons, which stand for many forms each.
fn persons(names: &[String]) -> Result<()> {
    let names = names.iter().filter(|name| name.split(' ').count() == 2);
    let actors: Result<Vec<Actor>> = names
        .enumerate()
        .map(|(n, name)| {
            let id = ActorId::new(&format!("p{n}"))?;
            Ok(Actor::new(id, name.clone(), ActorKind::Person))
        })
        .collect();
    let watchlist = Watchlist {
        actors: actors?,
        topics: vec![],
    };
    let before = resident_kib();
    let started = Instant::now();
    let matcher = black_box(Matcher::compile(&watchlist)?);
    let built = started.elapsed().as_secs_f64();
    let count = watchlist.actors.len().max(1);
    let grown = resident_kib().saturating_sub(before) * 1024 / count;
    drop(matcher);
    println!(
        "  {count} persons: compiled in {built:.2} s, {:.1} µs and {grown} B an alias",
        built * 1e6 / count as f64
    );
    Ok(())
}

/// Boolean queries over words and aliases, a tenth as many as there are aliases.
fn queries(
    dice: &mut Dice,
    words: &[String],
    names: &[String],
    articles: &[Article],
) -> Result<()> {
    let count = names.len() / 10;
    let topics: Result<Vec<Topic>> = (0..count)
        .map(|n| {
            let mut name = || format!("\"{}\"", dice.pick(names));
            let (a, b, c) = (name(), name(), name());
            let mut word = || dice.pick(words).to_owned();
            let (x, y, z) = (word(), word(), word());
            let text = match n % 10 {
                0..4 => format!("{a} OR {b} OR {c}"),
                4..7 => format!("({a} OR {b}) AND ({x} OR {y}) NOT {z}"),
                7..9 => format!("({a} OR {b}) NEAR/20 ({x} OR {y})"),
                _ => format!("{x} AND {y} NOT {z}"),
            };
            topic(n, &text)
        })
        .collect();
    let watchlist = Watchlist {
        actors: vec![],
        topics: topics?,
    };
    let started = Instant::now();
    let matcher = Matcher::compile(&watchlist)?;
    let built = started.elapsed().as_secs_f64();
    let mut frequencies = Frequencies::default();
    for article in articles.iter().take(OBSERVED) {
        frequencies.observe(article);
    }
    let matcher = matcher.adapted_to(&frequencies);
    let mut micros: Vec<f64> = Vec::new();
    for article in articles {
        let started = Instant::now();
        black_box(matcher.matches(article));
        micros.push(started.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    let at = |share: usize| {
        micros
            .get((micros.len() - 1) * share / 100)
            .copied()
            .unwrap_or_default()
    };
    let mean = micros.iter().sum::<f64>() / micros.len() as f64;
    println!(
        "  {count} queries: {:.0} articles/s, p50 {:.0} µs, p99 {:.0} µs, compiled in {built:.2} s",
        1e6 / mean,
        at(50),
        at(99)
    );
    Ok(())
}

/// Megabytes a second, the best of three.
fn rate(bytes: usize, mut work: impl FnMut() -> usize) -> f64 {
    (0..3)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            bytes as f64 / 1e6 / started.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max)
}

fn actors(names: &[String]) -> Result<Vec<Actor>> {
    let groups = names.chunks(ALIASES_PER_ACTOR).enumerate();
    groups
        .map(|(n, names)| {
            let id = ActorId::new(&format!("a{n}"))?;
            let name = names.first().cloned().unwrap_or_default();
            Ok(Actor {
                aliases: names.get(1..).unwrap_or_default().to_vec(),
                ..Actor::new(id, name, ActorKind::Organisation)
            })
        })
        .collect()
}

fn topic(n: usize, text: &str) -> Result<Topic> {
    Ok(Topic::new(
        TopicId::new(&format!("t{n}"))?,
        query::parse(text)?,
    ))
}

/// Names of one word in ten, of two in six, of three in three. As with people,
/// few first names are borne by many, and last names are shared by some.
fn names(dice: &mut Dice, count: usize) -> Vec<String> {
    let first: Vec<String> = (0..5_000).map(|_| dice.proper_noun()).collect();
    let last: Vec<String> = (0..count / 5 + 1_000).map(|_| dice.proper_noun()).collect();
    let name = |_| {
        let words = match dice.roll(10) {
            0 => return dice.proper_noun(),
            1..=6 => vec![dice.pick_zipf(&first), dice.pick(&last)],
            _ => vec![dice.pick_zipf(&first), dice.pick(&last), dice.pick(&last)],
        };
        words.join(" ")
    };
    (0..count).map(name).collect()
}

/// Articles of words by Zipf's law, with a name for every fifteenth or so.
fn articles(dice: &mut Dice, words: &[String], names: &[String]) -> Vec<Article> {
    (0..ARTICLES)
        .map(|n| {
            let mut body = String::new();
            for at in 0..ARTICLE_WORDS {
                if dice.roll(15) == 0 {
                    body.push_str(dice.pick_zipf(names));
                } else {
                    body.push_str(dice.pick_zipf(words));
                }
                body.push_str(if at % 20 == 19 { ". " } else { " " });
            }
            Article {
                id: ArticleId(n.to_string()),
                url: None,
                title: String::new(),
                summary: String::new(),
                body,
                published: None,
                language: Some("en".into()),
                authors: vec![],
                categories: vec![],
                source: String::new(),
                feed: None,
                tags: vec![],
            }
        })
        .collect()
}

/// A small generator of fixed seed (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }

    fn pick<'a>(&mut self, from: &'a [String]) -> &'a str {
        let at = self.roll(from.len());
        from.get(at).map_or("", String::as_str)
    }

    /// The n-th word with a chance of about 1/n.
    fn pick_zipf<'a>(&mut self, from: &'a [String]) -> &'a str {
        let chance = self.roll(1_000_000) as f64 / 1e6;
        let rank = (from.len() as f64).powf(chance) as usize;
        from.get(rank.saturating_sub(1)).map_or("", String::as_str)
    }

    fn word(&mut self, syllables: usize) -> String {
        const SYLLABLES: [&str; 32] = [
            "ba", "ko", "ri", "ten", "lo", "sha", "mi", "dor", "vel", "no", "ga", "thu", "per",
            "si", "an", "le", "ro", "kin", "za", "pol", "ne", "us", "bri", "to", "ma", "el", "fo",
            "ing", "da", "ster", "wy", "cu",
        ];
        (0..syllables + self.roll(3))
            .map(|_| SYLLABLES.get(self.roll(32)).copied().unwrap_or_default())
            .collect()
    }

    /// A word of its own, capitalised.
    fn proper_noun(&mut self) -> String {
        let word = self.word(4);
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    }
}

/// The resident memory of this process.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
