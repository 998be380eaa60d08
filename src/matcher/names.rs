//! What is generally known of names of persons: which part is the surname, and
//! what stands before and after one.

use super::words::{self, Words};
use crate::text::{Fingerprint, lowered, tokenise};
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Titles of persons: who has one before the surname is a person.
const TITLES: &str = "\
    admiral amb ambassador archbishop ayatollah baroness bishop capt captain chancellor \
    colonel commissioner comrade congressman congresswoman councillor councilman \
    councilwoman count countess dame detective doctor dr emir father frau gen general gov \
    governor herr hon imam inspector judge justice king lady lieutenant lord lt madame maj \
    major marshal mayor mevrouw miss minister mister monsieur mr mrs ms mullah pastor pope \
    premier pres president prince princess prof professor queen rabbi rep representative \
    rev reverend sec secretary sen senator senor senora sergeant sgt shah sheikh sir sister \
    speaker sultan treasurer undersecretary";

/// Other words with a capital that stand before a surname without being part of
/// another name.
const BYWORDS: &str = "\
    acting actor actress adviser advisor amid analyst assistant attorney author billionaire \
    boss candidate ceo chair chairman chairperson chairwoman challenger champion chief coach \
    commander comedian conservative coordinator counsel council crown democrat \
    democratic deputy designate dictator diplomat director economist editor elect envoy ex \
    executive feds former foreign goalkeeper gop head heir incumbent interim investigator \
    labor labour late lawmaker lawyer leader left-winger liberal manager marines midfielder \
    millionaire mogul narrator negotiator nominee novelist officer official opposition \
    outgoing owner partner pilot pitcher poet police prime producer prosecutor quarterback \
    rapper rebel rebels republican reporter researcher rival rookie ruler scientist \
    singer socialist spokesman spokesperson spokeswoman star state strategist striker \
    superintendent suspect team then trooper tycoon vet veteran vice versus vs warlord whip \
    witness writer \
    monday tuesday wednesday thursday friday saturday sunday january february march april \
    may june july august september october november december mon tue tues wed thu thur thurs \
    fri sat sun jan feb mar apr jun jul aug sept oct nov dec today yesterday tomorrow \
    tonight";

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

/// Words that stand behind a name after a comma.
const AFTER_COMMAS: &str = "ag co corp dc gmbh inc llc llp ltd nv plc sa spa";

/// The surnames that most people have: in the United States, by the census of 1990,
/// and in the countries where a few serve for many.
const COMMON_SURNAMES: &str = "\
    adams ahmed alexander ali allen anderson andrews armstrong arnold bailey barnes \
    bell bennett berry black boyd bradley brooks brown bryant burns butler campbell \
    carroll carter chen clark clarke cole coleman collins cook cooper cox crawford \
    cunningham davies davis diaz dixon duncan dunn edwards elliott ellis evans ferguson \
    fernandes fernandez fischer fisher flores ford foster fox freeman garcia gardner \
    gibson gomez gonzales gonzalez gordon graham grant gray green greene griffin gupta \
    hall hamilton harper harris harrison hart hawkins hayes henderson henry hernandez \
    hicks hill holmes howard hughes hunt hunter hussain ivanov jackson james jenkins \
    jensen johansson johnson jones jordan kelly khan kim king knight kumar lawrence lee \
    lewis li liu long lopez marshall martin martinez mason mcdonald meyer miller mills \
    mitchell mohamed mohammed moore morales morgan morris muller murphy murray myers \
    nelson nguyen nichols nielsen olson ortiz owens palmer park parker patel patterson \
    payne perez perkins perry peters peterson phillips pierce porter price ramirez \
    ramos ray reed reyes reynolds richards richardson rivera roberts robertson robinson \
    rodriguez rogers rose russell ryan sanchez sanders santos schmidt schneider schulz \
    scott shah sharma shaw silva simmons simpson singh smith snyder spencer stephens \
    stevens stewart stone sullivan taylor thomas thompson torres tucker turner wagner \
    walker wallace wang ward warren watkins watson weaver webb weber wells west wheeler \
    white williams williamson willis wilson wood woods wright wu yang young zhang";

/// Words that have the place behind "of" in their own name.
const SEATS: &str = "\
    archbishop archdiocese bank battle bishop bishopric city college corporation county \
    diocese district duke earl institute mayor museum port protocol siege stadium state \
    street streets suburb suburbs summit tower treaty university";

/// Words that make a thing of nature or a place of the name behind them.
const FEATURES: &str = "\
    camp cape fort greater isle lake little mount mt new old point port river saint san \
    santa st";

/// Words that make a firm or a place of the name before them.
const FOLLOWERS: &str = "\
    academy ag airport arena avenue bank beach blvd boulevard bridge broadcasting \
    brothers building cathedral center centre church city co college company corp \
    corporation county drive foundation gazette gmbh group hall heights herald holdings \
    hospital hotel inc industries institute international island islands journal lake \
    limited llc llp ltd marathon memorial mines monument motor motors mountain museum \
    nv oil park partners petroleum plc post press properties river road sa school \
    square stadium stores street systems technologies theatre times tower towers \
    township tribune trust united university utd valley village wanderers";

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

/// The article of Arabic, as it sounds before each letter.
const ARABIC_ARTICLES: &[&str] = &[
    "ad", "al", "an", "ar", "as", "ash", "at", "az", "el", "es", "ul", "аль", "ас", "эль",
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
    let known_first = is_first_surname(Fingerprint::of(&folded(first)));
    if last.chars().all(is_han) && last.chars().count() < HAN_SURNAME_CHARACTERS_MIN {
        return Vec::new();
    }
    match words.len() {
        1 => Vec::new(),
        2 if is_hungarian_given_name(last) => vec![(*first).to_owned()],
        // "Raymond Chan Chi-chuen" has a name for each language.
        3 if is_hyphenated_given_name(last) && !known_first => words
            .get(1)
            .map(|word| (*word).to_owned())
            .into_iter()
            .collect(),
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
    // "Bashar al-Assad" is called Assad too.
    let bare = words
        .last()
        .and_then(|last| last.split_once(crate::text::is_hyphen));
    if let Some((article, name)) = bare
        && ARABIC_ARTICLES.contains(&folded(article).as_str())
        && words.len() > 1
    {
        surnames.push(name.to_owned());
    }
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

/// The folded given names of a person, from the full name: the words that are no
/// surname.
pub(super) fn given_names(name: &str) -> Vec<String> {
    let surnames: Vec<String> = surnames(name).iter().map(|name| folded(name)).collect();
    let words = name.split_whitespace().map(folded);
    words
        .filter(|word| word.chars().nth(1).is_some())
        .filter(|word| !surnames.contains(word) && !SUFFIXES.contains(&word.as_str()))
        .collect()
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
    static SET: LazyLock<Set> = LazyLock::new(|| set(&[HUNGARIAN_GIVEN_NAMES]));
    SET.contains(lowered(word).as_str())
}

/// Whether a word is a family name of East Asia that stands first.
pub(super) fn is_first_surname(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| Words::of(&[FIRST_SURNAMES, FIRST_SURNAMES_CYRILLIC].concat()));
    WORDS.has(word)
}

/// Whether a folded surname with an *s* is another surname or another word.
pub(super) fn is_another_with_s(folded: &str) -> bool {
    static SET: LazyLock<Set> = LazyLock::new(|| set(&[ANOTHER_WITH_S, ORDINARY_WORDS]));
    SET.contains(folded)
}

/// Lists that are asked about every person of a large watchlist.
type Set = FxHashSet<&'static str>;

fn set(lists: &[&[&'static str]]) -> Set {
    lists.iter().copied().flatten().copied().collect()
}

fn folded(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    let tokens = tokenise(word);
    tokens
        .all()
        .iter()
        .map(|token| token.folded(word))
        .collect()
}

/// Whether a word is a title of persons.
pub(super) fn is_title(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[TITLES, words::HONORIFICS]));
    WORDS.has(word)
}

/// Whether a word may stand before a surname, with a capital and without being a
/// title or a name.
pub(super) fn is_byword(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[BYWORDS]));
    WORDS.has(word)
}

/// Whether a word with a capital tells only that a sentence begins. The words of
/// English may do so in the middle too, after a quotation mark; but for "Will",
/// which is a name.
pub(super) fn opens_sentence(word: Fingerprint, at_start: bool) -> bool {
    static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::of(SENTENCE_OPENERS));
    static OTHERS: LazyLock<Words> = LazyLock::new(|| Words::of(&[words::SENTENCE_OPENERS]));
    let english = ENGLISH.has(word) && (at_start || word != Fingerprint::of("will"));
    english || at_start && OTHERS.has(word)
}

/// Whether a word makes a firm or a place of the name before it.
pub(super) fn follows_a_firm(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[FOLLOWERS]));
    WORDS.has(word)
}

/// Whether a word stands behind a name after a comma: "Moderna, Inc.",
/// "John Smith, Jr.", "Washington, D.C."
pub(super) fn follows_a_comma(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| Words::of(&[SUFFIXES, &[AFTER_COMMAS]].concat()));
    WORDS.has(word)
}

/// Whether a word before "of" makes the place behind it a part of its own name:
/// "University of Washington".
pub(super) fn has_its_place(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[SEATS]));
    WORDS.has(word)
}

/// Whether a word before a name makes a thing of nature or a place of it: "Mount
/// Washington".
pub(super) fn is_feature(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[FEATURES]));
    WORDS.has(word)
}

/// Whether a word is a particle that belongs to the surname after it.
pub(super) fn is_particle(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(PARTICLES));
    WORDS.has(word)
}

/// Whether a surname is a word of its own.
pub(super) fn is_ordinary_word(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(ORDINARY_WORDS));
    WORDS.has(word)
}

/// Whether so many people have a surname that it tells little of one.
pub(super) fn is_common_surname(word: Fingerprint) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[COMMON_SURNAMES]));
    WORDS.has(word)
}
