//! Romanisation: the ways to write a foreign name in Latin letters.
//!
//! Newspapers transcribe alike only within one language, if at all: "Zelensky",
//! "Zelenskyy" and "Selenskyj" are one man, "Qaddafi" and "Gadhafi" another. The
//! rows are closed and for names of persons alone. Given names vary only beside
//! their surname: "Ahmed" and "Ahmad" alone may well be two people.

use super::forms::Chunk;
use crate::text::Fingerprint;
use crate::watchlist::AliasClass;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// The most other spellings of one name.
const ROMANISED_MAX: usize = 40;

/// The fewest letters before an ending, so that it is one.
const STEM_LETTERS_MIN: usize = 3;

/// Given names, each row of one.
const GIVEN: &[&str] = &[
    "abdallah abdulla abdullah",
    "abdel abdoul abdul",
    "ahmad ahmed",
    "aleksander aleksandr alexander alexandr alyaksandr",
    "aleksei aleksey alexei alexey",
    "anatoli anatoliy anatoly",
    "andrei andrey andriy andrii",
    "dimitri dmitri dmitrii dmitriy dmitry",
    "ebrahim ibrahim",
    "ekaterina yekaterina",
    "elena yelena",
    "esmail ismail",
    "evgeni evgenii evgeny jewgeni yevgeni yevgeny",
    "fedor fyodor",
    "gennadi gennadiy gennady",
    "grigori grigory",
    "hasan hassan",
    "hossein husain husayn hussain hussein",
    "iulia julia yulia yuliia yuliya",
    "iouri juri yuri yuriy yury",
    "khaled khalid",
    "kseniia ksenia kseniya",
    "mahmood mahmoud mahmud",
    "maksim maksym maxim",
    "mohamad mohamed mohammad mohammed muhammad muhammed",
    "moammar muammar muammer",
    "mostafa moustafa mustafa",
    "nataliia natalia nataliya natalya",
    "nikolai nikolay",
    "osama usama",
    "petr pyotr",
    "qasem qasim qassem kassem",
    "sergei sergej sergey serguei",
    "soleiman sulaiman suleiman",
    "valeri valeriy valery",
    "vasili vasiliy vasily vassily",
    "viktor victor wiktor",
    "vitali vitalii vitaliy vitaly",
    "vladimir wladimir",
    "volodymyr wolodymyr",
    "yasir yasser yassir",
    "yousef youssef yousuf yusuf",
];

/// Surnames whose spellings no rule gives, each row of one.
const SURNAMES: &[&str] = &[
    "eltsin jelzin yeltsin",
    "gaddafi gadhafi kadafi kaddafi khadafy qaddafi qadhafi",
    "gorbachev gorbachov gorbatschow gorbatchev",
    "haniya haniyah haniyeh",
    "hossein husain husayn hussain hussein",
    "khamenei khameneï khamenai chamenei",
    "khrushchev chruschtschow khrouchtchev",
    "laden ladin",
    "lukashenka lukashenko",
    "mubarak moubarak",
    "poutine putin",
    "rohani rouhani ruhani",
    "soleimani soleymani suleimani sulaimani",
    "timoshenko tymoshenko",
    "zawahiri zawahri",
];

/// The endings of Slavic surnames. Each row is one; what a name may end in comes
/// first, up to the bar. *ski* is Polish, and has no other spelling.
const ENDINGS: &[(&str, &str)] = &[
    ("sky skyy skiy skyi skii skij skyj", "ski"),
    ("vich vych", "vitch"),
    ("ov", "off"),
    ("lny lnyy lnyi", "lniy"),
    ("zhny zhnyy zhnyi", "zhniy"),
];

/// What tells a Slavic surname, which German writes by its own sounds.
const SLAVIC: &[&str] = &[
    "ov", "ev", "ova", "eva", "sky", "skyy", "skiy", "enko", "chuk", "vych", "zhin", "tsin", "lny",
    "zhny",
];

/// The sounds of German for the letters of English, longer ones first.
const GERMAN: &[(&str, &str)] = &[
    ("shch", "schtsch"),
    ("skyy", "skyj"),
    ("skiy", "skij"),
    ("zh", "sch"),
    ("kh", "ch"),
    ("ch", "tsch"),
    ("sh", "sch"),
    ("ts", "z"),
    ("ya", "ja"),
    ("ye", "je"),
    ("yu", "ju"),
    ("v", "w"),
    ("z", "s"),
];

/// The other spellings of a person's name, as rows of words; none if the name has
/// but one. At most a fixed number.
pub(super) fn romanised(words: &[Chunk<'_>], class: AliasClass) -> Vec<Vec<Fingerprint>> {
    let last = words.len().saturating_sub(1);
    let whole = class == AliasClass::Strong && words.len() > 1;
    let mut forms: Vec<Vec<Fingerprint>> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let word = word.folded.as_str();
        let mut own = vec![Fingerprint::of(word)];
        if at == last {
            own.extend(surname_forms(word).iter().map(|form| Fingerprint::of(form)));
        }
        if whole {
            own.extend(others(&GIVEN_ROWS, word).map(Fingerprint::of));
        }
        forms.push(own);
    }
    let mut inner = words.iter().take(last).skip(1);
    let has_article = whole && inner.any(is_article);
    if !has_article && forms.iter().all(|own| own.len() == 1) {
        return Vec::new();
    }
    let mut rows: Vec<Vec<Fingerprint>> = vec![Vec::new()];
    for own in &forms {
        let with = |row: &Vec<Fingerprint>, form: &Fingerprint| [row.as_slice(), &[*form]].concat();
        let longer = own
            .iter()
            .flat_map(|form| rows.iter().map(move |row| with(row, form)));
        rows = longer.take(ROMANISED_MAX).collect();
    }
    if has_article {
        let bare = |row: &Vec<Fingerprint>| {
            let of_words = row.iter().zip(words).filter(|(_, word)| !is_article(word));
            of_words.map(|(form, _)| *form).collect()
        };
        let without: Vec<Vec<Fingerprint>> = rows.iter().map(bare).collect();
        rows.extend(without);
    }
    rows.truncate(ROMANISED_MAX);
    // The first is the name itself.
    rows.remove(0);
    rows
}

/// Whether two folded given names are spellings of one.
pub(super) fn are_one(left: &str, right: &str) -> bool {
    row_of(&GIVEN_ROWS, left).any(|other| other == right)
}

/// The rows of a table by each of their words.
type Rows = FxHashMap<&'static str, &'static str>;

static GIVEN_ROWS: LazyLock<Rows> = LazyLock::new(|| rows(GIVEN));
static SURNAME_ROWS: LazyLock<Rows> = LazyLock::new(|| rows(SURNAMES));

fn rows(table: &[&'static str]) -> Rows {
    let words = table
        .iter()
        .flat_map(|row| row.split(' ').map(move |word| (word, *row)));
    words.collect()
}

/// All spellings of a word, itself among them; none if it has no other.
fn row_of(rows: &Rows, word: &str) -> impl Iterator<Item = &'static str> {
    rows.get(word).into_iter().flat_map(|row| row.split(' '))
}

fn others(rows: &Rows, word: &str) -> impl Iterator<Item = &'static str> {
    row_of(rows, word).filter(move |other| *other != word)
}

/// The article of Arabic, which many papers leave out: "Bashar Assad".
fn is_article(word: &Chunk<'_>) -> bool {
    matches!(word.folded.as_str(), "al" | "el")
}

fn surname_forms(word: &str) -> Vec<String> {
    let mut forms: Vec<String> = others(&SURNAME_ROWS, word).map(str::to_owned).collect();
    for (endings, further) in ENDINGS {
        let stem = endings
            .split(' ')
            .find_map(|ending| word.strip_suffix(ending));
        let Some(stem) = stem.filter(|stem| stem.len() >= STEM_LETTERS_MIN) else {
            continue;
        };
        let all = endings.split(' ').chain(std::iter::once(*further));
        forms.extend(all.map(|ending| format!("{stem}{ending}")));
    }
    let slavic = SLAVIC.iter().any(|ending| {
        word.strip_suffix(ending)
            .is_some_and(|stem| stem.len() >= STEM_LETTERS_MIN)
    });
    if slavic {
        let german = in_german(word);
        if let Some(stem) = german.strip_suffix("sky") {
            forms.extend(["skyj", "ski", "skij"].map(|ending| format!("{stem}{ending}")));
        }
        forms.push(german);
    }
    forms.sort_unstable();
    forms.dedup();
    forms.retain(|form| form != word);
    forms
}

fn in_german(word: &str) -> String {
    let mut written = String::with_capacity(word.len() + 4);
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let sound = GERMAN
            .iter()
            .find_map(|(from, to)| Some((rest.strip_prefix(from)?, *to)));
        if let Some((after, to)) = sound {
            written.push_str(to);
            rest = after;
        } else {
            written.push(letter);
            rest = rest.strip_prefix(letter).unwrap_or_default();
        }
    }
    written
}
