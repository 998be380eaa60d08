//! Inflection: the forms of an alias in languages that decline names.
//!
//! "Zelensky" is "Зеленского" in the middle of a Russian sentence. The text is
//! never stemmed: stems run into one another, and a match could not be explained.
//! Instead each alias is put into the forms that its script, its letters and its
//! ending call for, as the Europe Media Monitor does; the list is closed, and the
//! same each time. A name without the letters of such a language
//! may still stand in its text. There only the full name of a person is
//! declined, both words in the same case ("Donaldem Trumpem"): of 5,000 surnames
//! of a census, 80 are another name with an *a* behind them.

use super::endings::{
    BALKAN_ADJECTIVES, CZECH, ESTONIAN, FINNISH, GREEK, LATVIAN, LITHUANIAN, POLISH, Paradigm,
    ROMANIAN, RUSSIAN, RUSSIAN_ADJECTIVES, SERBIAN, SOUTH_SLAVIC, UKRAINIAN, UKRAINIAN_ADJECTIVES,
    WHOLE,
};
use super::forms::Chunk;
use super::names;
use crate::text::{Fingerprint, fold, lowered};
use crate::watchlist::{ActorKind, AliasClass};

/// The most inflected forms of one spelling of an alias. Two words of Cyrillic
/// that may be Russian or Ukrainian have about thirty.
const FORMS_MAX: usize = 64;

/// The fewest letters of a word that takes a prefix while nothing beside it says
/// what it is.
const ALONE_LETTERS_MIN: usize = 3;

/// The same, for the endings of Hungarian and the genitive: "Río" is no "riot".
const ALONE_LATIN_LETTERS_MIN: usize = 4;

/// The most words of a name that is declined; longer ones are sentences.
const WORDS_MAX: usize = 8;

/// How many cases persons have; the further ones of a table are of things.
const PERSON_CASES: usize = 5;

/// The case that a word stands in beside a thing, where it has no further ones.
const CASES: [usize; 7] = [0, 1, 2, 3, 4, 0, 4];

/// How many forms most words have in all tables, and how long an ending may be:
/// what is set aside, so that it need not be moved while it grows.
const USUAL_FORMS: usize = 24;
const ENDING_BYTES: usize = 12;

/// What is known of an alias besides its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) class: AliasClass,
    pub(super) kind: ActorKind,
}

/// Whether aliases of a class are never inflected.
pub(super) fn is_as_written(class: AliasClass) -> bool {
    matches!(class, AliasClass::Acronym | AliasClass::Weak)
}

/// Whether an alias of plain ASCII may have inflected forms; false means that
/// [`inflected`] has none.
pub(super) fn may_inflect(text: &str, usage: Use) -> bool {
    let by_kind = matches!(
        usage.kind,
        ActorKind::Person | ActorKind::Country | ActorKind::Place
    );
    let ends = |word: &str, ending: &str| {
        let from = word.len().checked_sub(ending.len());
        from.and_then(|from| word.get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
    };
    let by_ending = || {
        let mut words = text.split(' ');
        words.any(|word| SLAVIC_ENDINGS.iter().any(|ending| ends(word, ending)))
    };
    !is_as_written(usage.class) && (by_kind || by_ending())
}

/// The endings without marks that make a word one of a Slavic language.
const SLAVIC_ENDINGS: [&str; 4] = ["ski", "cki", "dzki", "wska"];

/// A spelling of an alias with its inflected forms, each once; at most so many, the
/// likely ones first. None where no name is inflected.
pub(super) fn inflected<'w>(words: &'w [Chunk<'_>], usage: Use, most: usize) -> Option<Name<'w>> {
    let script = words.iter().find_map(|word| script_of(&word.written));
    let script = script.filter(|_| words.len() <= WORDS_MAX)?;
    let mut name = Name {
        words: words.iter().map(Word::new).collect(),
        usage,
        rows: Vec::with_capacity(FORMS_MAX + 1),
    };
    name.rows.push(Row::default());
    match script {
        Script::Latin => name.in_latin(),
        Script::Cyrillic => name.in_cyrillic(),
        Script::Greek => name.declined(GREEK),
        Script::Arabic => name.prefixed(ARABIC),
        Script::Hebrew => name.prefixed(HEBREW),
    }
    name.rows.truncate(most + 1);
    // Those that begin alike go into the trie one after the other.
    name.rows.sort_unstable();
    Some(name)
}

/// One spelling of an alias, and the forms of it found so far.
pub(super) struct Name<'w> {
    words: Vec<Word<'w>>,
    usage: Use,
    /// The first is the spelling itself.
    rows: Vec<Row>,
}

/// A word of a name.
struct Word<'w> {
    folded: &'w str,
    /// Its small letters with their marks, which tell the language, where they
    /// are not its folded form: in Latin letters that have some.
    marked: Option<String>,
    /// Whether it may have other forms than its own.
    has_forms: bool,
    /// Its forms; the first is the word itself.
    forms: Vec<Fingerprint>,
}

/// Which form each word has in a form of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Row([u8; WORDS_MAX]);

impl Row {
    fn with(mut self, at: usize, form: u8) -> Self {
        if let Some(number) = self.0.get_mut(at) {
            *number = form;
        }
        self
    }
}

/// The forms of a word in the cases of a table: the number of each form behind
/// that of its case.
type Cases = Vec<(u8, u8)>;

impl<'w> Word<'w> {
    fn new(word: &'w Chunk<'_>) -> Self {
        let mut forms = Vec::with_capacity(USUAL_FORMS);
        forms.push(Fingerprint::of(&word.folded));
        let is_marked = !word.written.is_ascii() && script_of(&word.written) == Some(Script::Latin);
        Self {
            folded: &word.folded,
            marked: is_marked.then(|| lowered(&word.written)),
            has_forms: has_forms(&word.written),
            forms,
        }
    }

    /// What endings are put to; none where it has only one form.
    fn stem(&self) -> Option<&str> {
        let stem = self.marked.as_deref().unwrap_or(self.folded);
        self.has_forms.then_some(stem)
    }

    /// The number of one of its forms, which may be new.
    fn form(&mut self, form: &str) -> u8 {
        let form = Fingerprint::of(form);
        let known = self.forms.iter().position(|known| *known == form);
        let number = known.unwrap_or_else(|| {
            self.forms.push(form);
            self.forms.len() - 1
        });
        u8::try_from(number).unwrap_or_default()
    }

    /// The numbers of its forms in the cases of a table; none if the table does
    /// not decline it.
    fn cases(&mut self, table: &[Paradigm]) -> Option<Cases> {
        let (root, paradigm) = paradigm(self.stem()?, table)?;
        let mut form = String::with_capacity(self.folded.len() + ENDING_BYTES);
        match self.marked {
            Some(_) => form.push_str(&fold(root)),
            None => form.push_str(root),
        }
        let root = form.len();
        let mut numbers = Vec::with_capacity(USUAL_FORMS);
        for (case, endings) in paradigm.cases.iter().enumerate() {
            for ending in endings.split('|') {
                form.truncate(root);
                form.push_str(ending);
                numbers.push((case as u8, self.form(&form)));
            }
        }
        Some(numbers)
    }
}

/// Acronyms and initials have one form.
fn has_forms(word: &str) -> bool {
    word.chars().nth(1).is_some()
        && word.chars().any(|c| c.is_alphabetic() && !c.is_uppercase())
        && word.chars().all(|c| !c.is_numeric() && c != '.')
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
}

fn script_of(word: &str) -> Option<Script> {
    word.chars().find_map(|c| match c {
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => {
            Some(Script::Latin)
        }
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Some(Script::Greek),
        '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
        '\u{5D0}'..='\u{5EA}' => Some(Script::Hebrew),
        '\u{621}'..='\u{6D3}' => Some(Script::Arabic),
        _ => None,
    })
}

/// Which words of a name take the ending of a case.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// "Владимира Путина".
    All,
    /// "министра иностранных дел Лаврова".
    Ends,
    /// "Совета Безопасности", "Ангелы Меркель".
    First,
    /// "Ким Чен Ына".
    Last,
}

impl Part {
    /// A bit for each of so many words that takes the ending.
    fn of(self, count: usize) -> u8 {
        let all = u8::MAX >> WORDS_MAX.saturating_sub(count);
        let last = all & !(all >> 1);
        match self {
            Self::All => all,
            Self::Ends => last | 1,
            Self::First => 1,
            Self::Last => last,
        }
    }
}

impl<'w> Name<'w> {
    fn is_person(&self) -> bool {
        self.usage.kind == ActorKind::Person
    }

    /// The forms, each word by word.
    pub(super) fn forms(
        &self,
    ) -> impl Iterator<Item = impl DoubleEndedIterator<Item = Fingerprint>> {
        self.rows.iter().skip(1).map(|row| {
            let words = self.words.iter().zip(row.0);
            words.filter_map(|(word, form)| word.forms.get(usize::from(form)).copied())
        })
    }

    fn stems(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(Word::stem)
    }

    /// Whether a stem has one of some letters, which are none of ASCII.
    fn has(&self, letters: &str) -> bool {
        let fits = |c: char| !c.is_ascii() && letters.contains(c);
        self.stems().any(|stem| stem.contains(fits))
    }

    fn ends(&self, endings: &[&str]) -> bool {
        self.stems()
            .any(|stem| endings.iter().any(|ending| without(stem, ending).is_some()))
    }

    fn first(&self) -> &'w str {
        self.words.first().map_or("", |word| word.folded)
    }

    fn push(&mut self, row: Row) {
        if self.rows.len() <= FORMS_MAX && !self.rows.contains(&row) {
            self.rows.push(row);
        }
    }

    /// Adds the name with another form of the word at one place.
    fn push_with(&mut self, at: usize, form: &str) {
        if let Some(word) = self.words.get_mut(at) {
            let form = word.form(form);
            self.push(Row::default().with(at, form));
        }
    }

    fn in_cyrillic(&mut self) {
        let demonym = self.usage.class == AliasClass::Demonym;
        let serbian = self.has("ђјљњћџ");
        let russian = self.has("ыэъ");
        let ukrainian = self.has("іїєґ") || self.ends(&["ський", "цький", "зький", "ська", "цька"]);
        let tables = [
            (serbian, SERBIAN),
            (!serbian && !ukrainian, RUSSIAN),
            (demonym && !serbian && !ukrainian, RUSSIAN_ADJECTIVES),
            (!serbian && !russian, UKRAINIAN),
            (demonym && !serbian && !russian, UKRAINIAN_ADJECTIVES),
            (demonym, BALKAN_ADJECTIVES),
        ];
        for (_, table) in tables.into_iter().filter(|(fits, _)| *fits) {
            self.declined(table);
        }
    }

    fn in_latin(&mut self) {
        self.genitive();
        let polish = self.has("ąęłńśźż") || self.ends(&SLAVIC_ENDINGS) || self.ends(&["ów"]);
        let czech = self.has("ěřůťďňľĺŕ") || self.ends(&["ský", "cký", "ová", "ská", "cká", "ný"]);
        let south = self.has("đ") || self.ends(&["ić", "ski"]);
        let czech_or_south = self.has("čšž") && !polish;
        let tables = [
            (polish, POLISH),
            (czech || czech_or_south, CZECH),
            (south || czech_or_south, SOUTH_SLAVIC),
            (!self.is_person() && self.has("ăâîșțşţ"), ROMANIAN),
            (self.has("āēīģķļņ"), LATVIAN),
            (self.is_lithuanian(), LITHUANIAN),
        ];
        let marked = tables.iter().any(|(fits, _)| *fits);
        for (_, table) in tables.into_iter().filter(|(fits, _)| *fits) {
            self.declined(table);
        }
        // A title before the surname is a word of its own language.
        let full_name = self.usage.class == AliasClass::Strong && self.words.len() > 1;
        if self.is_person() && full_name && !marked {
            self.declined_as_a_whole(&[CZECH, SOUTH_SLAVIC, POLISH]);
        }
        let finnish = self.has("äö")
            && !self.has("üßéáõåőű")
            && self.ends(&["a", "e", "i", "o", "u", "y", "ä", "ö"]);
        if finnish || self.ends(&["nen", "suomi", "helsinki"]) {
            self.decline(&[Part::Last], FINNISH);
        }
        if self.has("õ") && !self.has("ãçáéêó") {
            self.decline(&[Part::Last], ESTONIAN);
        }
        if self.has("őű") || (self.has("áéíóöúü") && !self.has("ñçãõêèàßäåøýčšžřě"))
        {
            self.in_hungarian();
        }
    }

    fn is_lithuanian(&self) -> bool {
        let surname = [
            "auskas", "evičius", "avičius", "aitis", "ūnas", "ytė", "aitė", "ienė",
        ];
        self.has("ėįų") || self.ends(&surname) || !self.is_person() && self.ends(&["ilnius"])
    }

    /// The genitive of German and the Nordic languages, and the plural of
    /// English demonyms: an *s* on the last word.
    fn genitive(&mut self) {
        let by_kind = matches!(
            self.usage.kind,
            ActorKind::Person | ActorKind::Country | ActorKind::Place
        );
        let Some(last) = self.words.last().filter(|last| last.has_forms) else {
            return;
        };
        let folded = last.folded;
        let fitting = folded.len() >= ALONE_LATIN_LETTERS_MIN
            && folded.chars().all(|c| c.is_ascii_lowercase())
            && !folded.ends_with(['s', 'x', 'z']);
        let another = self.is_person() && names::is_another_with_s(folded);
        if by_kind && fitting && !another {
            let genitive = format!("{folded}s");
            self.push_with(self.words.len() - 1, &genitive);
        }
    }

    /// Every form in a language that leaves its marks in the name.
    fn declined(&mut self, table: &[Paradigm]) {
        // A man's first name declined alone is a woman's: "Александра Ткач".
        let first_alone = !self.is_person()
            || self.usage.class == AliasClass::Titled
            || self.first().ends_with(['a', 'а', 'я', 'α', 'η']);
        let mut parts = vec![Part::All, Part::Ends];
        if first_alone {
            parts.push(Part::First);
        }
        parts.push(Part::Last);
        self.decline(&parts, table);
    }

    /// The forms that show a person of another language: all words, or the last
    /// where the first has but one form.
    fn declined_as_a_whole(&mut self, tables: &[&[Paradigm]]) {
        let mut parts = vec![Part::All, Part::Ends];
        let last_alone = self.words.len() > 2
            || self.first().ends_with(['e', 'i', 'o', 'u', 'y'])
            || names::is_first_surname(Fingerprint::of(self.first()));
        if last_alone {
            parts.push(Part::Last);
        }
        for table in tables {
            self.decline(&parts, table);
        }
    }

    fn decline(&mut self, parts: &[Part], table: &[Paradigm]) {
        let words = self.words.iter_mut();
        let words: Vec<Option<Cases>> = words.map(|word| word.cases(table)).collect();
        let last_cases = words.iter().flatten().filter_map(|cases| cases.last());
        let most = last_cases.map(|(case, _)| case + 1).max().unwrap_or(0);
        let most = usize::from(most);
        let count = if self.is_person() && self.usage.class != AliasClass::Demonym {
            most.min(PERSON_CASES)
        } else {
            most
        };
        let mut parts: Vec<u8> = parts.iter().map(|part| part.of(words.len())).collect();
        // Of one word or two, several parts are the same.
        parts.dedup();
        let mut combined = Vec::new();
        for part in parts {
            for case in 0..count {
                combine(case, part, &words, &mut combined);
                for row in &combined {
                    self.push(*row);
                }
            }
        }
    }

    /// Hungarian puts its endings to the last word, whatever the name is.
    fn in_hungarian(&mut self) {
        let alone = self.words.len() == 1;
        let Some(last) = self.words.last().and_then(Word::stem) else {
            return;
        };
        let sure = last.contains(['ő', 'ű']) || last.chars().count() > ALONE_LATIN_LETTERS_MIN;
        if alone && !sure {
            return;
        }
        for word in hungarian(last) {
            self.push_with(self.words.len() - 1, &fold(&word));
        }
    }

    /// Arabic and Hebrew write prepositions and the article before the first
    /// word, as one with it.
    fn prefixed(&mut self, prefixes: &Prefixes) {
        let alone = self.words.len() == 1;
        let first = self.first();
        if self.has(prefixes.foreign) || (alone && first.chars().count() < ALONE_LETTERS_MIN) {
            return;
        }
        for prefix in prefixes.plain {
            self.push_with(0, &format!("{prefix}{first}"));
        }
        // Names of persons take no article, nor do compounds at their head.
        let takes_article =
            alone && !matches!(self.usage.class, AliasClass::Surname | AliasClass::Titled);
        if let Some(bare) = first.strip_prefix(prefixes.article) {
            for prefix in prefixes.instead_of_article {
                self.push_with(0, &format!("{prefix}{bare}"));
            }
        } else if takes_article {
            for prefix in prefixes.with_article {
                self.push_with(0, &format!("{prefix}{first}"));
            }
        }
    }
}

/// A name in one case, in every way that the forms of its words may be combined.
fn combine(case: usize, part: u8, words: &[Option<Cases>], rows: &mut Vec<Row>) {
    rows.clear();
    rows.push(Row::default());
    for (at, word) in words.iter().enumerate() {
        let Some(cases) = word.as_ref().filter(|_| part & (1 << at) != 0) else {
            continue;
        };
        let of = |case: usize| {
            cases
                .iter()
                .filter(move |(other, _)| usize::from(*other) == case)
        };
        let has_case = of(case).next().is_some();
        let case = if has_case {
            Some(case)
        } else {
            CASES.get(case).copied()
        };
        let own = case.into_iter().flat_map(of);
        let before = rows.len();
        for (_, form) in own {
            for row in 0..before {
                rows.extend(rows.get(row).map(|row| row.with(at, *form)));
            }
        }
        rows.drain(..before);
        rows.truncate(FORMS_MAX);
    }
}

/// What a language writes before a name, as one word with it.
struct Prefixes {
    /// Letters that only other languages of the script have.
    foreign: &'static str,
    article: &'static str,
    /// Conjunctions and prepositions.
    plain: &'static [&'static str],
    /// Those that swallow or change an article which the name begins with.
    instead_of_article: &'static [&'static str],
    /// Those with the article, for a name that has none of its own.
    with_article: &'static [&'static str],
}

/// Without *s*, which stands before verbs only.
const ARABIC: &Prefixes = &Prefixes {
    foreign: "پچژگٹڈڑںےھ",
    article: "ال",
    plain: &["و", "ف", "ب", "ك", "ل", "وب", "ول", "وك", "فب", "فل"],
    instead_of_article: &["لل", "ولل", "فلل"],
    with_article: &["ال", "وال", "فال", "بال", "كال", "لل", "وبال", "ولل"],
};

const HEBREW: &Prefixes = &Prefixes {
    foreign: "",
    article: "ה",
    plain: &[
        "ו", "ב", "ל", "מ", "ש", "כ", "וב", "ול", "ומ", "וש", "וכ", "שב", "של", "שמ", "כש", "וכש",
    ],
    instead_of_article: &["ב", "ל", "כ", "וב", "ול", "וכ", "שב", "של"],
    with_article: &["ה", "וה", "מה", "שה", "כשה", "ומה", "ושה"],
};

/// The first row of a table that fits a word, with what stays of the word.
fn paradigm<'w, 't>(word: &'w str, table: &'t [Paradigm]) -> Option<(&'w str, &'t Paradigm)> {
    table.iter().find_map(|paradigm| {
        let root = without(word, paradigm.ending)?;
        let fits = match root.chars().next_back() {
            None => paradigm.after == WHOLE,
            Some(before) => paradigm.after.is_empty() || paradigm.after.contains(before),
        };
        fits.then_some((root, paradigm))
    })
}

/// What stays of a word without an ending. Of endings, most differ in the last
/// byte or have no other: to compare them whole takes longer.
fn without<'w>(word: &'w str, ending: &str) -> Option<&'w str> {
    let mut bytes = word.bytes().rev();
    let fits = ending.bytes().rev().all(|byte| bytes.next() == Some(byte));
    fits.then(|| word.get(..word.len() - ending.len()))?
}

/// A word with the endings of Hungarian, by the harmony of its vowels.
fn hungarian(word: &str) -> Vec<String> {
    let vowels = word.chars().rev().filter_map(|c| match c {
        'a' | 'á' | 'o' | 'ó' | 'u' | 'ú' => Some(Some(true)),
        'e' | 'ö' | 'ő' | 'ü' | 'ű' => Some(Some(false)),
        'é' | 'i' | 'í' => Some(None),
        _ => None,
    });
    let back = vowels.flatten().next().unwrap_or(false);
    let endings: &[&str] = if back {
        &[
            "nak", "ban", "ból", "ba", "ra", "ról", "tól", "hoz", "nál", "ért", "ig", "t", "ot",
            "at", "on",
        ]
    } else {
        &[
            "nek", "ben", "ből", "be", "re", "ről", "től", "hez", "höz", "nél", "ért", "ig", "t",
            "et", "öt", "en", "ön",
        ]
    };
    let with = if back { "al" } else { "el" };
    let mut words: Vec<String> = endings.iter().map(|e| format!("{word}{e}")).collect();
    words.push(match hungarian_last_letter(word) {
        Some((root, letter)) => {
            let doubled: String = letter.chars().take(1).chain(letter.chars()).collect();
            format!("{root}{doubled}{with}")
        }
        None => format!("{word}v{with}"),
    });
    words
}

/// The consonant that a Hungarian word ends in, which may be of two letters, and
/// what stands before it; none if it ends in a vowel.
fn hungarian_last_letter(word: &str) -> Option<(&str, &str)> {
    const PAIRS: [&str; 7] = ["cs", "gy", "ly", "ny", "sz", "ty", "zs"];
    let pair = PAIRS
        .iter()
        .find_map(|pair| Some((word.strip_suffix(pair)?, *pair)));
    pair.or_else(|| {
        let (at, last) = word.char_indices().next_back()?;
        let is_consonant = last.is_ascii_alphabetic() && !"aeiou".contains(last);
        is_consonant.then(|| word.split_at_checked(at))?
    })
}
