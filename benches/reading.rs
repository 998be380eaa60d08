//! How fast feeds are read, beside `feed_rs` alone in the same run.
//!
//! `cargo bench --bench reading [-- FILES…]` reads the files, or feeds that it
//! makes itself, on one thread, from bytes to entries with all that the daemon does
//! to them: decoding, survey, reading, bounds, plain titles, identity. `feed_rs`
//! only builds its model. Sound feeds go to it first and damaged ones never do, so
//! both are measured; and for documents made to cost much, the memory at its peak
//! beside the size of the document.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;
use wirewatch::feed::parse;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How often each set is read; the best time counts.
const ROUNDS: usize = 7;

/// How many feeds of each kind are made.
const FEEDS: usize = 40;

fn main() -> Result<()> {
    let files: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    if files.is_empty() {
        // First, while no memory is left over from others.
        hostile()?;
        for (kind, write) in KINDS {
            let feeds: Vec<Vec<u8>> = (0..FEEDS).map(|n| write(n).into_bytes()).collect();
            measure(kind, &feeds);
        }
        let all: Vec<Vec<u8>> = KINDS
            .iter()
            .flat_map(|(_, write)| (0..FEEDS).map(|n| write(n).into_bytes()))
            .collect();
        measure("all together", &all);
    } else {
        let read: std::io::Result<Vec<Vec<u8>>> = files.iter().map(std::fs::read).collect();
        measure("files", &read?);
    }
    Ok(())
}

type Write = fn(usize) -> String;

const KINDS: [(&str, Write); 6] = [
    ("rss with content", |n| rss(n, true, "")),
    ("rss of headlines", |n| rss(n, false, "")),
    ("rss that is damaged", |n| rss(n, true, " & ")),
    ("atom", |n| atom(n, "")),
    ("atom that is damaged", |n| atom(n, "&nbsp;")),
    ("json", json),
];

fn measure(kind: &str, feeds: &[Vec<u8>]) {
    let bytes: usize = feeds.iter().map(Vec::len).sum();
    let entries: usize = feeds.iter().map(|feed| ours(feed)).sum();
    let rate = |read: &dyn Fn(&[u8]) -> usize| {
        let seconds = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                for feed in feeds {
                    black_box(read(black_box(feed)));
                }
                started.elapsed().as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min);
        bytes as f64 / seconds / 1e6
    };
    let (ours, theirs) = (rate(&ours), rate(&theirs));
    println!(
        "{kind}: {} feeds of {} kB in the mean, {entries} entries\n  wirewatch: {ours:.0} MB/s\n  feed_rs alone: {theirs:.0} MB/s",
        feeds.len(),
        bytes / feeds.len() / 1000
    );
}

fn ours(feed: &[u8]) -> usize {
    parse(feed, None, None).map_or(0, |feed| feed.entries.len())
}

fn theirs(feed: &[u8]) -> usize {
    feed_rs::parser::parse(feed).map_or(0, |feed| feed.entries.len())
}

const WORDS: [&str; 12] = [
    "talks", "in", "Beijing", "went", "on", "until", "late", "and", "nobody", "said", "when",
    "they",
];

fn prose(seed: usize, words: usize) -> String {
    let mut text = String::new();
    for n in 0..words {
        text.push_str(
            WORDS
                .get((seed * 7 + n * n + n * 5) % WORDS.len())
                .unwrap_or(&""),
        );
        text.push(' ');
    }
    text
}

fn html(seed: usize) -> String {
    let mut out = String::new();
    for n in 0..6 {
        writeln!(
            out,
            "<p>{} <a href=\"https://example.org/{n}?a=1&amp;b=2\">{}</a></p>",
            prose(seed + n, 45),
            prose(n, 4)
        )
        .unwrap_or_default();
    }
    out
}

fn escaped(html: &str) -> String {
    html.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn rss(seed: usize, has_content: bool, damage: &str) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">\n<channel>\n<title>Wire</title>\n<atom:link href=\"https://example.org/feed/\" rel=\"self\" type=\"application/rss+xml\" />\n<link>https://example.org</link>\n<description>News</description>\n<sy:updatePeriod>hourly</sy:updatePeriod>\n".to_owned();
    for n in 0..20 {
        let content = if has_content {
            format!(
                "<content:encoded><![CDATA[{}]]></content:encoded>\n",
                html(seed + n)
            )
        } else {
            String::new()
        };
        write!(
            out,
            "<item>\n<title>{damage}{}</title>\n<link>https://example.org/2003/07/{seed}/{n}/</link>\n<dc:creator><![CDATA[A. Reporter]]></dc:creator>\n<pubDate>Wed, 23 Jul 2003 10:{n:02}:00 +0000</pubDate>\n<category><![CDATA[World]]></category>\n<guid isPermaLink=\"false\">https://example.org/?p={seed}{n}</guid>\n<description><![CDATA[<p>{}</p>]]></description>\n{content}</item>\n",
            prose(seed + n, 8),
            prose(n, 40)
        )
        .unwrap_or_default();
    }
    out + "</channel></rss>"
}

fn atom(seed: usize, damage: &str) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Wire</title><link href=\"https://example.org/\"/><id>urn:x</id><updated>2003-07-23T12:00:00Z</updated>".to_owned();
    for n in 0..20 {
        writeln!(
            out,
            "<entry><title type=\"html\">{damage}{}</title><link href=\"https://example.org/{seed}/{n}\"/><id>tag:example.org,2003:{seed}/{n}</id><published>2003-07-23T10:{n:02}:00Z</published><updated>2003-07-23T11:{n:02}:00+02:00</updated><author><name>A. Reporter</name></author><category term=\"World\"/><summary type=\"html\">{}</summary><content type=\"html\">{}</content></entry>",
            prose(seed + n, 8),
            prose(n, 40),
            escaped(&html(seed + n))
        )
        .unwrap_or_default();
    }
    out + "</feed>"
}

fn json(seed: usize) -> String {
    let mut out =
        "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"Wire\", \"items\": ["
            .to_owned();
    for n in 0..20 {
        let comma = if n == 0 { "" } else { "," };
        let content = html(seed + n).replace('"', "\\\"").replace('\n', "\\n");
        write!(
            out,
            "{comma}{{\"id\": \"{seed}/{n}\", \"url\": \"https://example.org/{seed}/{n}\", \"title\": \"{}\", \"date_published\": \"2003-07-23T10:{n:02}:00Z\", \"content_html\": \"{content}\"}}",
            prose(seed + n, 8)
        )
        .unwrap_or_default();
    }
    out + "]}"
}

/// How large a hostile document is, in bytes.
const HOSTILE_BYTES: usize = 16 << 20;

fn hostile() -> Result<()> {
    println!("documents of {} MB made to cost much:", HOSTILE_BYTES >> 20);
    let rss = "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel>";
    let latin = format!(
        "<item><description>{}</description></item>",
        "é&nbsp;word ".repeat(150)
    );
    let documents: [(&str, &str, &str); 14] = [
        ("Latin-1 with entities", rss, &latin),
        ("empty items", rss, "<item/>"),
        (
            "small items",
            rss,
            "<item><title>a</title><link>http://a.example/1</link></item>",
        ),
        ("groups", rss, "<media:group>"),
        ("categories", rss, "<category>a</category>"),
        ("comments that never end", rss, "<!--"),
        ("sections in sections", rss, "<![CDATA["),
        ("torn quotes", rss, "<a b=\""),
        ("lone brackets", rss, "<"),
        ("ampersands", "<rss><channel><item><description>", "&"),
        (
            "entities",
            "<rss><channel><item><description>",
            "&CounterClockwiseContourIntegral;",
        ),
        ("one text", "<rss><channel><item><description>", "word "),
        ("objects", "{\"items\":[", "{},"),
        ("brackets", "{\"items\":[", "["),
    ];
    for (name, start, piece) in documents {
        let mut document = start.to_owned();
        document.push_str(&piece.repeat((HOSTILE_BYTES - start.len()) / piece.len()));
        // All of them are of characters that have one byte in Latin-1.
        let document: Vec<u8> = document
            .chars()
            .filter_map(|c| u8::try_from(c).ok())
            .collect();
        reset_peak()?;
        let before = peak_kib()?;
        let started = Instant::now();
        let entries = ours(&document);
        let seconds = started.elapsed().as_secs_f64();
        let grown = peak_kib()?.saturating_sub(before) * 1024;
        println!(
            "  {name}: {seconds:.2} s, {:.1} times its size, {entries} entries",
            grown as f64 / document.len() as f64
        );
    }
    Ok(())
}

/// Linux forgets the peak of a process that writes this.
fn reset_peak() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}

fn peak_kib() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_ascii_whitespace().nth(1));
    Ok(kib.ok_or("the kernel tells no peak")?.parse()?)
}
