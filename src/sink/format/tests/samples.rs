//! Messages at random, from the usual to the absurd.

use fastrand::Rng;
use serde_json::{Value, json};

/// What texts are made of: words, emoji of several characters, marks that stack,
/// writing from right to left, scripts without spaces, markup, invisible characters.
const PIECES: [&str; 34] = [
    "nuclear",
    "talks",
    "in",
    "the",
    "Seoul",
    "U.N.",
    "Mr. Bolton",
    "10:30",
    "R&D",
    "50 %",
    "👩‍👩‍👧‍👦",
    "🇰🇷",
    "❤️",
    "👍🏽",
    "e\u{301}\u{302}\u{303}",
    "ก็",
    "שלום",
    "العربية",
    "북한의 핵",
    "核兵器の問題",
    "\u{202e}",
    "\u{200b}",
    "\n",
    "\t",
    "\u{0}",
    "\u{1b}[31m",
    "<b>",
    "&amp;",
    "\"'",
    "\\",
    "**_~`|",
    "[x](http://e.example)",
    "@everyone",
    "<!channel>",
];

/// A stored payload.
pub(super) fn payload(rng: &mut Rng) -> Vec<u8> {
    let kind = ["article.matched", "test", "digest", "operator.notice"];
    let kind = kind[rng.usize(..kind.len())];
    let severity = ["info", "low", "normal", "high", "critical"][rng.usize(..5)];
    let mut data = match kind {
        "digest" => digest(rng),
        "operator.notice" => notice(rng),
        _ => article(rng),
    };
    data["severity"] = json!(severity);
    let payload = json!({"type": kind, "timestamp": "2003-07-23T14:12:09Z", "data": data});
    payload.to_string().into_bytes()
}

/// Mostly short, sometimes empty, seldom very long.
fn text(rng: &mut Rng) -> String {
    let pieces = match rng.u32(..1_000) {
        0..50 => 0,
        50..940 => rng.usize(1..12),
        940..994 => rng.usize(12..150),
        _ => rng.usize(150..1_200),
    };
    let mut text = String::new();
    for _ in 0..pieces {
        text.push_str(PIECES[rng.usize(..PIECES.len())]);
        if rng.u32(..4) > 0 {
            text.push(' ');
        }
    }
    match rng.u32(..1_000) {
        // One character that is longer than any message.
        0 => text.extend(["a", &"\u{301}".repeat(20_000)]),
        // One character over and over, of every width in every unit.
        1..20 => {
            text = ["&", "\\", "字", "👍", "\"", "*"][rng.usize(..6)].repeat(rng.usize(1..5_000));
        }
        _ => {}
    }
    text
}

fn title(rng: &mut Rng) -> String {
    if rng.u32(..2_000) == 0 {
        return "Long title ".repeat(1_000_000 / 11);
    }
    text(rng)
}

fn url(rng: &mut Rng) -> Value {
    let path = match rng.u32(..20) {
        0 => return Value::Null,
        1 => "&a=1".repeat(rng.usize(1..500)),
        2 => "()[]*_~|'".repeat(rng.usize(1..60)),
        3 => "核".repeat(rng.usize(1..220)),
        _ => "/2003/07/23/story".to_owned(),
    };
    json!(format!("https://www.example.org/?{path}"))
}

/// Mostly a few, sometimes more than are shown.
fn texts(rng: &mut Rng) -> Vec<String> {
    let most = if rng.u32(..30) == 0 { 20 } else { 3 };
    (0..rng.usize(..most)).map(|_| text(rng)).collect()
}

fn matches(rng: &mut Rng) -> Vec<Value> {
    let names = texts(rng).into_iter();
    names
        .map(|name| json!({"id": "x", "name": name, "mentions": rng.u64(..5)}))
        .collect()
}

fn passages(rng: &mut Rng) -> Vec<Value> {
    (0..3).map(|_| passage(rng)).collect()
}

fn passage(rng: &mut Rng) -> Value {
    let text = text(rng);
    let mut marks = Vec::new();
    let mut at = 0;
    while at < text.len() && marks.len() < 40 {
        let start = at + rng.usize(..30);
        let end = start + rng.usize(1..20);
        marks.push([start, end]);
        at = end + 1;
    }
    marks.retain(|[start, end]| text.get(*start..*end).is_some());
    json!({"field": "body", "text": text, "marks": marks})
}

fn article(rng: &mut Rng) -> Value {
    let passages = if rng.bool() {
        passages(rng)
    } else {
        Vec::new()
    };
    json!({
        "alert": "2e866355e0c5e478758fe454dd0cd098", "seq": rng.u64(..1_000),
        "article": {
            "url": url(rng), "title": title(rng), "summary": text(rng),
            "published": "2003-07-23T14:05:00Z", "seen": "2003-07-23T14:12:08Z",
            "language": "en", "authors": texts(rng),
            "feed": {"id": "voa", "publisher": text(rng)},
        },
        "topics": matches(rng), "actors": matches(rng), "passages": passages,
        "story": {"state": "first", "articles": rng.u64(..9), "publishers": texts(rng)},
    })
}

fn notice(rng: &mut Rng) -> Value {
    json!({
        "notice": "n", "seq": 1, "kind": "feed-silent",
        "subject": {"kind": "feed", "id": text(rng)}, "title": title(rng), "text": text(rng),
    })
}

fn digest(rng: &mut Rng) -> Value {
    let most = match rng.u32(..1_000) {
        0..3 => 500,
        3..50 => 60,
        _ => 8,
    };
    let articles = rng.usize(..=most);
    let alerts: Vec<Value> = (0..articles)
        .map(|_| {
            json!({
                "alert": "a", "severity": "low",
                "article": {"url": url(rng), "title": title(rng), "seen": "2003-07-23T14:12:08Z",
                    "feed": {"id": "voa", "publisher": text(rng)}},
                "topics": [], "actors": [], "passages": [],
            })
        })
        .collect();
    let notices: Vec<Value> = (0..rng.usize(..3)).map(|_| notice(rng)).collect();
    json!({
        "digest": "d", "seq": 1, "reason": text(rng), "route": text(rng),
        "since": "2003-07-23T14:05:00Z", "until": "2003-07-23T15:05:00Z",
        "alerts": alerts, "notices": notices,
    })
}
