//! What is generally known of names of persons: which part is the surname, and
//! what stands before and after one.

use crate::text::{fold, tokenise};

/// Words that stand before a surname without being part of another name.
const HONORIFICS: &[&str] = &[
    "admiral",
    "adviser",
    "advisor",
    "ambassador",
    "amid",
    "archbishop",
    "ayatollah",
    "baroness",
    "bishop",
    "captain",
    "chairman",
    "chairwoman",
    "chancellor",
    "chief",
    "colonel",
    "commander",
    "commissioner",
    "congressman",
    "congresswoman",
    "coordinator",
    "council",
    "councillor",
    "dame",
    "deputy",
    "diplomat",
    "director",
    "doctor",
    "dr",
    "emir",
    "envoy",
    "foreign",
    "frau",
    "gen",
    "general",
    "governor",
    "herr",
    "imam",
    "judge",
    "justice",
    "king",
    "lady",
    "leader",
    "lord",
    "lt",
    "madame",
    "maj",
    "major",
    "marshal",
    "mayor",
    "mevrouw",
    "miss",
    "minister",
    "mister",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "negotiator",
    "official",
    "pope",
    "premier",
    "president",
    "prime",
    "prince",
    "princess",
    "prof",
    "professor",
    "queen",
    "rep",
    "representative",
    "rev",
    "reverend",
    "secretary",
    "sen",
    "senator",
    "sergeant",
    "sheikh",
    "sir",
    "speaker",
    "spokesman",
    "spokeswoman",
    "state",
    "sultan",
    "treasurer",
    "undersecretary",
    "veteran",
    "vice",
];

/// Words that begin a sentence and are no given name.
const SENTENCE_OPENERS: &[&str] = &[
    "a",
    "after",
    "although",
    "an",
    "and",
    "as",
    "asked",
    "at",
    "because",
    "before",
    "both",
    "but",
    "by",
    "did",
    "does",
    "during",
    "earlier",
    "even",
    "for",
    "former",
    "from",
    "had",
    "has",
    "he",
    "her",
    "his",
    "how",
    "however",
    "if",
    "in",
    "instead",
    "is",
    "it",
    "its",
    "last",
    "later",
    "like",
    "meanwhile",
    "now",
    "of",
    "on",
    "once",
    "only",
    "or",
    "our",
    "perhaps",
    "she",
    "since",
    "so",
    "still",
    "that",
    "the",
    "then",
    "these",
    "they",
    "this",
    "those",
    "though",
    "to",
    "today",
    "under",
    "unlike",
    "until",
    "was",
    "we",
    "what",
    "when",
    "where",
    "whether",
    "while",
    "who",
    "why",
    "will",
    "with",
    "without",
    "yesterday",
    "yet",
];

/// Words that make a firm or a place of the surname before them.
const FOLLOWERS: &[&str] = &[
    "ag",
    "airport",
    "avenue",
    "bank",
    "brothers",
    "center",
    "centre",
    "co",
    "college",
    "corporation",
    "corp",
    "county",
    "gmbh",
    "group",
    "holdings",
    "hospital",
    "inc",
    "industries",
    "institute",
    "international",
    "island",
    "islands",
    "lake",
    "limited",
    "llc",
    "ltd",
    "plc",
    "river",
    "road",
    "sa",
    "square",
    "stadium",
    "street",
    "university",
    "wanderers",
];

/// Surnames that are words of their own: a headline alone is no sign of them.
const ORDINARY_WORDS: &[&str] = &[
    "baker", "ban", "banks", "bell", "best", "black", "brown", "bush", "butler", "case", "cash",
    "church", "coal", "cook", "cross", "day", "field", "fields", "fish", "fisher", "ford", "fox",
    "french", "frost", "german", "gold", "grant", "gray", "green", "hill", "house", "hunt", "king",
    "law", "long", "march", "marsh", "may", "mills", "moon", "noble", "park", "parks", "pope",
    "power", "powers", "price", "rice", "rose", "sharp", "short", "song", "stone", "strong",
    "summers", "sun", "war", "waters", "weeks", "west", "white", "will", "winter", "wood", "woods",
    "young",
];

/// Family names of East Asia that come first and are rarely given names elsewhere.
const FIRST_SURNAMES: &[&str] = &[
    "ahn", "ban", "cai", "cao", "chen", "cheng", "choi", "cho", "chung", "deng", "feng", "gao",
    "guo", "han", "he", "hong", "hu", "huang", "hwang", "jang", "jeong", "jiang", "jo", "jung",
    "kang", "kim", "kwon", "lee", "li", "liang", "lim", "lin", "liu", "luo", "ma", "moon", "nam",
    "ngo", "nguyen", "noh", "pak", "park", "pham", "ri", "roh", "seo", "shin", "song", "sun",
    "tang", "tran", "wang", "wen", "wu", "xi", "xie", "xu", "yang", "yi", "yoo", "yoon", "yu",
    "yun", "zeng", "zhang", "zhao", "zheng", "zhou", "zhu",
];

/// Particles that belong to the surname after them.
const PARTICLES: &[&str] = &[
    "al", "ben", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la",
    "le", "ten", "ter", "van", "von", "zu",
];

/// What follows a surname without being one.
const SUFFIXES: &[&str] = &["ii", "iii", "iv", "jr", "junior", "sr", "senior"];

/// The surnames by which a person is called, from the full name.
///
/// The last word, and the last word with the particles before it; the first
/// word where the name is written in the East Asian order: a given name such as
/// "Young-kwan" tells, or a well-known family name of that region. "Xi Jinping"
/// and "Kim Clijsters" look alike, so there either word may be it.
pub(super) fn surnames(name: &str) -> Vec<String> {
    let words: Vec<&str> = name
        .split_whitespace()
        .filter(|word| !SUFFIXES.contains(&folded(word).as_str()))
        .collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return Vec::new();
    };
    let known_first = FIRST_SURNAMES.contains(&folded(first).as_str());
    match words.len() {
        1 => Vec::new(),
        2 if is_hyphenated_given_name(last) => vec![(*first).to_owned()],
        3 if known_first => vec![(*first).to_owned()],
        2 if known_first => vec![(*first).to_owned(), (*last).to_owned()],
        _ => western_surnames(&words),
    }
}

fn western_surnames(words: &[&str]) -> Vec<String> {
    let particles = words
        .iter()
        .rev()
        .skip(1)
        .take_while(|word| PARTICLES.contains(&folded(word).as_str()))
        .count();
    let mut surnames: Vec<String> = words
        .last()
        .map(|last| (*last).to_owned())
        .into_iter()
        .collect();
    if particles > 0 && particles + 1 < words.len() {
        let from = words.len() - particles - 1;
        surnames.push(
            words
                .iter()
                .skip(from)
                .copied()
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    surnames
}

/// Korean given names are written with a small letter after the hyphen; double
/// surnames ("Meyer-Landrut") are not.
fn is_hyphenated_given_name(word: &str) -> bool {
    word.split_once(crate::text::is_hyphen)
        .is_some_and(|(_, second)| second.starts_with(char::is_lowercase))
}

fn folded(word: &str) -> String {
    let tokens = tokenise(word);
    tokens
        .all()
        .iter()
        .map(|token| tokens.folded(token))
        .collect()
}

pub(super) fn is_honorific(folded: &str) -> bool {
    HONORIFICS.contains(&folded)
}

pub(super) fn opens_sentence(folded: &str) -> bool {
    SENTENCE_OPENERS.contains(&folded)
}

pub(super) fn follows_a_firm(folded: &str) -> bool {
    FOLLOWERS.contains(&folded)
}

pub(super) fn is_ordinary_word(surname: &str) -> bool {
    ORDINARY_WORDS.contains(&fold(surname).as_str())
}
