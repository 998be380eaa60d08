//! How much of a feed is left when its document is damaged.
//!
//! Twenty defects that are met in the wild are done to every sample, each alone and
//! in places that a fixed seed chooses. An entry counts as recovered when it has the
//! same identity, page and date as in the sound document, and nearly all of its
//! text. In JSON a defect takes the form that it has there, if it has one.

use super::samples::{ENTRIES, Sample, samples};
use crate::feed::{Entry, Feed, parse};
use std::fmt::Write as _;

/// The least share of entries that must be recovered in the mean of all defects,
/// and of each one.
const MEAN_MIN: f64 = 0.985;
const EACH_MIN: f64 = 0.9;

/// How often a sample is damaged in each way.
const ROUNDS: usize = 3;

/// In how many places a defect is done.
const PLACES: usize = 5;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }

    /// A place inside of a text of the document, where a word begins.
    fn place(&mut self, text: &str, is_json: bool) -> usize {
        const OPEN: [&str; 8] = [
            "<title>",
            "<description>",
            "<summary>",
            "<content:encoded>",
            "<content type=\"html\">",
            "\"title\": \"",
            "\"summary\": \"",
            "\"content_html\": \"",
        ];
        let fields: &[&str] = if is_json { &OPEN[5..] } else { &OPEN[..5] };
        loop {
            let field = fields[self.roll(fields.len())];
            let places: Vec<usize> = text.match_indices(field).map(|(at, _)| at).collect();
            if places.is_empty() {
                continue;
            }
            let start = places[self.roll(places.len())] + field.len();
            let rest = &text[start..];
            let in_section = rest.starts_with("<![CDATA[");
            let start = start + if in_section { 9 } else { 0 };
            let rest = &text[start..];
            let end = rest.find(if is_json { "\"" } else { "<" }).unwrap();
            let spaces: Vec<usize> = rest[..end].match_indices(' ').map(|(at, _)| at).collect();
            if let Some(space) = spaces.get(self.roll(spaces.len())) {
                return start + space;
            }
            if end > 0 {
                return start;
            }
        }
    }

    fn sow(&mut self, sample: &Sample, pieces: &[&str]) -> Vec<u8> {
        let mut text = sample.text.clone();
        for _ in 0..PLACES {
            let at = self.place(&text, sample.is_json);
            text.insert_str(at, pieces[self.roll(pieces.len())]);
        }
        text.into_bytes()
    }
}

/// What is done to a document, and its bytes after that.
type Damage = fn(&Sample, &mut Dice) -> Option<Vec<u8>>;

const DEFECTS: [(&str, Damage); 20] = [
    ("an undeclared entity", |it, dice| {
        Some(dice.sow(
            it,
            if it.is_json {
                &["\\é", "\\'"]
            } else {
                &["&nbsp;", "&eacute;", "&hellip;"]
            },
        ))
    }),
    ("a bare ampersand", |it, dice| {
        if it.is_json {
            return Some(it.text.replace("}\n  ]", "},\n  ]").into_bytes());
        }
        Some(dice.sow(it, &[" & ", "AT&T", "?a=1&b=2", "&"]))
    }),
    ("control characters", |it, dice| {
        Some(dice.sow(it, &["\u{1}", "\u{b}", "\u{1f}", "\u{8}"]))
    }),
    ("a reference to no character", |it, dice| {
        Some(dice.sow(
            it,
            if it.is_json {
                &["\\uD800", "\\u12"]
            } else {
                &["&#0;", "&#x1F;", "&#xFFFF;", "&#99999999;"]
            },
        ))
    }),
    ("a stray end tag", |it, dice| {
        (!it.is_json).then(|| dice.sow(it, &["</b>", "</p>", "</font>", "</div>"]))
    }),
    ("a tag that is not closed", unclosed),
    ("HTML in a title", |it, _| {
        (!it.is_json).then(|| {
            let text = it
                .text
                .replace("<title>", "<title><b>")
                .replace("</title>", "<br></b></title>");
            text.into_bytes()
        })
    }),
    ("a document that breaks off", |it, _| {
        let mut end = it.text.len() * 7 / 10;
        while !it.text.is_char_boundary(end) {
            end -= 1;
        }
        Some(it.text.as_bytes()[..end].to_vec())
    }),
    ("a warning of a program before it", |it, _| {
        let warning = "<br />\n<b>Warning</b>: Cannot modify header information in <b>/var/www/feed.php</b> on line <b>7</b><br />\n";
        let plain = "Warning: Cannot modify header information in /var/www/feed.php on line 7\n";
        Some(format!("{}{}", if it.is_json { plain } else { warning }, it.text).into_bytes())
    }),
    ("Latin-1 in UTF-8", |it, dice| {
        let mut bytes = it.text.clone().into_bytes();
        for _ in 0..PLACES {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if text.len() != bytes.len() {
                break;
            }
            let at = dice.place(&text, it.is_json);
            bytes.insert(at, 0xe9);
        }
        Some(bytes)
    }),
    ("UTF-16 declared, UTF-8 sent", |it, _| {
        declared(it, "utf-16")
    }),
    ("Latin-1 declared, UTF-8 sent", |it, _| {
        declared(it, "iso-8859-1")
    }),
    ("no version", |it, _| {
        let text = if it.is_json {
            it.text.replace(
                "\"version\": \"https://jsonfeed.org/version/1.1\"",
                "\"x\": 1",
            )
        } else {
            it.text
                .replace(" version=\"2.0\"", "")
                .replace(" version=\"0.91\"", "")
        };
        Some(text.into_bytes())
    }),
    ("another version", |it, _| {
        let text = it
            .text
            .replace(" version=\"2.0\"", " version=\"2.0.1\"")
            .replace(" version=\"0.91\"", " version=\"3\"");
        Some(text.replace("version/1.1", "version/2").into_bytes())
    }),
    ("the address of a namespace is misspelt", |it, dice| {
        let wrong = ["xmlns:{}=\"https://", "xmlns:{}=\"http://www."];
        let mut text = it.text.clone();
        for prefix in ["content", "dc", "media"] {
            let new = wrong[dice.roll(2)].replace("{}", prefix);
            text = text.replace(&format!("xmlns:{prefix}=\"http://"), &new);
        }
        let text = text.replace("/content/\"", "/content\"").replace(
            "\"http://www.w3.org/2005/Atom\"",
            "\"https://www.w3.org/2005/Atom/\"",
        );
        Some(text.into_bytes())
    }),
    ("an undeclared prefix", |it, _| {
        let mut text = it.text.clone();
        for prefix in ["content", "dc", "media", "atom", "rdf"] {
            text = text.replace(&format!("xmlns:{prefix}="), &format!("data-{prefix}="));
        }
        Some(text.into_bytes())
    }),
    ("junk before it", |it, _| {
        Some(format!("\n\n \u{feff}ok\n{}", it.text).into_bytes())
    }),
    ("junk after it", |it, _| {
        Some(format!("{}<!-- 0.2 s --><script>x()</script>\n}}", it.text).into_bytes())
    }),
    ("an attribute twice", |it, _| {
        let text = it
            .text
            .replace("<item>", "<item a=\"1\" a=\"2\">")
            .replace("<rss version", "<rss version=\"2.0\" version");
        (!it.is_json).then(|| {
            text.replace("<entry>", "<entry a=\"1\" a=\"1\">")
                .into_bytes()
        })
    }),
    ("a document type", |it, _| {
        let own = "?>\n<!DOCTYPE rss [<!ENTITY nbsp \"&#160;\"> <!ELEMENT item ANY>]>";
        (!it.is_json).then(|| it.text.replacen("?>", own, 1).into_bytes())
    }),
];

fn declared(sample: &Sample, encoding: &str) -> Option<Vec<u8>> {
    let text = sample
        .text
        .replace("encoding=\"UTF-8\"", &format!("encoding=\"{encoding}\""));
    let text = text.replace("encoding=\"utf-8\"", &format!("encoding=\"{encoding}\""));
    (!sample.is_json).then(|| text.into_bytes())
}

/// Takes out end tags, of any element, and closing brackets.
fn unclosed(sample: &Sample, dice: &mut Dice) -> Option<Vec<u8>> {
    let mut text = sample.text.clone();
    for _ in 0..PLACES {
        let close = if sample.is_json { "],\n" } else { "</" };
        let places: Vec<usize> = text.match_indices(close).map(|(at, _)| at).collect();
        let at = places[dice.roll(places.len())];
        let end = if sample.is_json {
            at + 1
        } else {
            at + text[at..].find('>')? + 1
        };
        text.replace_range(at..end, "");
    }
    Some(text.into_bytes())
}

/// The share of entries that a damaged document still gives.
fn recovered(sound: &Feed, damaged: &[u8]) -> f64 {
    let Ok(feed) = parse(damaged, None, None) else {
        return 0.0;
    };
    let is_same = |was: &&Entry| {
        let Some(is) = feed.entries.iter().find(|is| is.key == was.key) else {
            return false;
        };
        let most = |was: &Option<String>, is: &Option<String>| {
            let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
            length(is) * 10 >= length(was) * 9
        };
        is.link == was.link
            && is.published == was.published
            && most(&was.title, &is.title)
            && most(&was.summary, &is.summary)
            && most(&was.content, &is.content)
    };
    sound.entries.iter().filter(is_same).count() as f64
}

/// How many entries end before the document does.
fn whole(damaged: &[u8]) -> usize {
    let text = String::from_utf8_lossy(damaged);
    let ends = ["</item>", "</entry>", "\n    },", "\n    }\n"];
    ends.iter().map(|end| text.matches(end).count()).sum()
}

#[test]
fn damaged_feeds_are_recovered() {
    let samples = samples();
    assert!(samples.len() >= 12);
    let mut report = String::new();
    let mut shares = Vec::new();
    for (defect, damage) in DEFECTS {
        let mut dice = Dice(0x5eed);
        let (mut found, mut expected) = (0.0, 0.0);
        for sample in &samples {
            let sound = parse(sample.text.as_bytes(), None, None).unwrap();
            assert_eq!(sound.entries.len(), ENTRIES, "{}", sample.name);
            for _ in 0..ROUNDS {
                let Some(bytes) = damage(sample, &mut dice) else {
                    continue;
                };
                let is_cut = defect == "a document that breaks off";
                let most = if is_cut { whole(&bytes) } else { ENTRIES } as f64;
                let here = recovered(&sound, &bytes).min(most);
                if here < most {
                    writeln!(report, "  {defect}, {}: {here} of {most}", sample.name).unwrap();
                }
                found += here;
                expected += most;
            }
        }
        let share: f64 = found / expected;
        writeln!(report, "{:5.1} % {defect}", share * 100.0).unwrap();
        shares.push(share);
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!(mean >= MEAN_MIN, "{mean}:\n{report}");
    assert!(shares.iter().all(|share| *share >= EACH_MIN), "{report}");
}
