//! What is generally known of names of persons: which part is the surname, and
//! what stands before and after one.

use super::words;
use crate::text::{fold, lowered, tokenise};

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

/// The same in Cyrillic, where a given name of two syllables is two words or one.
const FIRST_SURNAMES_CYRILLIC: &[&str] = &[
    "ан", "бан", "ван", "вэнь", "го", "дэн", "ким", "ли", "линь", "лю", "мун", "но", "пак", "пэн",
    "ро", "си", "син", "сон", "сунь", "у", "хан", "ху", "хуан", "цзян", "чан", "чжан", "чжао",
    "чжоу", "чжу", "чэнь", "чо", "чон", "чхве", "юн", "ян",
];

/// Given names of Hungary, where they stand last.
const HUNGARIAN_GIVEN_NAMES: &[&str] = &[
    "ágnes",
    "andrás",
    "attila",
    "balázs",
    "béla",
    "dávid",
    "dezső",
    "dóra",
    "éva",
    "ferenc",
    "gábor",
    "gergely",
    "géza",
    "gyula",
    "györgy",
    "ildikó",
    "imre",
    "istván",
    "jános",
    "jenő",
    "józsef",
    "judit",
    "kálmán",
    "károly",
    "katalin",
    "klára",
    "krisztina",
    "lajos",
    "lászló",
    "lőrinc",
    "márton",
    "máté",
    "mihály",
    "miklós",
    "nándor",
    "norbert",
    "pál",
    "péter",
    "sándor",
    "tamás",
    "tibor",
    "viktor",
    "vilmos",
    "zoltán",
    "zsolt",
    "zsuzsanna",
];

/// Surnames that with an *s* behind them are those of many other people: those
/// of the census of the United States of 1990 of which both are common.
const ANOTHER_WITH_S: &[&str] = &[
    "aaron",
    "abraham",
    "adam",
    "albert",
    "andrew",
    "arthur",
    "bain",
    "ball",
    "barrow",
    "battle",
    "blake",
    "bond",
    "bone",
    "bowen",
    "bower",
    "boyle",
    "burk",
    "burke",
    "burt",
    "byrne",
    "clement",
    "cole",
    "connor",
    "cook",
    "coon",
    "costa",
    "craft",
    "crook",
    "daniel",
    "david",
    "dean",
    "dick",
    "dodd",
    "drake",
    "drew",
    "duke",
    "earl",
    "elder",
    "engel",
    "field",
    "fink",
    "fleming",
    "frank",
    "frederick",
    "george",
    "gill",
    "gray",
    "gregg",
    "griffith",
    "grove",
    "hale",
    "hall",
    "hammond",
    "hawk",
    "helm",
    "hill",
    "hodge",
    "hogan",
    "holt",
    "hook",
    "howe",
    "howell",
    "humphrey",
    "isaac",
    "jack",
    "jacob",
    "john",
    "joseph",
    "kern",
    "knight",
    "knott",
    "lake",
    "larkin",
    "little",
    "lott",
    "luke",
    "lyle",
    "lyon",
    "mann",
    "manning",
    "mark",
    "martin",
    "mayer",
    "mcdaniel",
    "mead",
    "meek",
    "meyer",
    "michael",
    "moore",
    "moyer",
    "noble",
    "owen",
    "park",
    "parson",
    "paul",
    "pepper",
    "person",
    "pitt",
    "power",
    "randle",
    "richard",
    "riddle",
    "robert",
    "roman",
    "root",
    "rosa",
    "rowland",
    "ryan",
    "salmon",
    "sample",
    "samuel",
    "sander",
    "sawyer",
    "seal",
    "shaver",
    "short",
    "silver",
    "simon",
    "small",
    "spear",
    "stark",
    "stern",
    "street",
    "temple",
    "vaughn",
    "vega",
    "wall",
    "walter",
    "water",
    "watt",
    "well",
    "westbrook",
    "william",
    "winter",
    "wood",
    "young",
];

/// What parts the words of a foreign name in Chinese and Japanese.
const NAME_DOTS: [char; 6] = ['·', '‧', '•', '・', '･', '＝'];

/// The fewest characters of a surname in Chinese: two that are one are also the
/// end of one word and the beginning of the next in many a sentence.
const HAN_SURNAME_CHARACTERS_MIN: usize = 3;

/// Particles that belong to the surname after them.
const PARTICLES: &[&str] = &[
    "al", "ben", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la",
    "le", "ten", "ter", "van", "von", "zu", "аль", "бен", "бин", "ван", "дер", "фон", "эль", "آل",
    "بن", "בן",
];

/// What follows a surname without being one.
const SUFFIXES: &[&str] = &["ii", "iii", "iv", "jr", "junior", "sr", "senior"];

/// The surnames by which a person is called, from the full name.
///
/// The last word, and the last word with the particles before it; the first
/// word where the name is written in the East Asian order, as a given name such
/// as "Young-kwan" or a well-known family name of that region tells, and before a
/// given name of Hungary. "Xi Jinping" and "Kim Clijsters" look alike, so there
/// either word may be it.
pub(super) fn surnames(name: &str) -> Vec<String> {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || NAME_DOTS.contains(&c))
        .filter(|word| !word.is_empty())
        .filter(|word| !SUFFIXES.contains(&folded(word).as_str()))
        .collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return Vec::new();
    };
    let known_first = is_first_surname(&folded(first));
    if last.chars().all(is_han) && last.chars().count() < HAN_SURNAME_CHARACTERS_MIN {
        return Vec::new();
    }
    match words.len() {
        1 => Vec::new(),
        2 if is_hungarian_given_name(last) => vec![(*first).to_owned()],
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

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

fn is_hungarian_given_name(word: &str) -> bool {
    HUNGARIAN_GIVEN_NAMES.contains(&lowered(word).as_str())
}

/// Whether a folded word is a family name of East Asia that stands first.
pub(super) fn is_first_surname(folded: &str) -> bool {
    FIRST_SURNAMES.contains(&folded) || FIRST_SURNAMES_CYRILLIC.contains(&folded)
}

/// Whether a folded surname with an *s* is another surname or another word.
pub(super) fn is_another_with_s(folded: &str) -> bool {
    ANOTHER_WITH_S.contains(&folded) || ORDINARY_WORDS.contains(&folded)
}

fn folded(word: &str) -> String {
    let tokens = tokenise(word);
    tokens
        .all()
        .iter()
        .map(|token| token.folded(word))
        .collect()
}

pub(super) fn is_honorific(folded: &str) -> bool {
    HONORIFICS.contains(&folded) || words::contains(words::HONORIFICS, folded)
}

pub(super) fn opens_sentence(folded: &str) -> bool {
    SENTENCE_OPENERS.contains(&folded) || words::contains(words::SENTENCE_OPENERS, folded)
}

pub(super) fn follows_a_firm(folded: &str) -> bool {
    FOLLOWERS.contains(&folded)
}

pub(super) fn is_ordinary_word(surname: &str) -> bool {
    ORDINARY_WORDS.contains(&fold(surname).as_str())
}
