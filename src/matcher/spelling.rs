//! Spellings: other ways to write the same alias that folding does not make one.
//!
//! The text is folded alike in all languages; that "Mueller" is "Müller" or
//! "हिंदी" is "हिन्दी" is known here, once, when the alias is compiled.

use crate::text::{is_apostrophe, tokenise};

/// The ways to write an alias, itself first, each once.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    if !text.contains(|c: char| !c.is_ascii() || matches!(c, '.' | '\'')) {
        return all;
    }
    let others = [
        digraphs(text),
        initials_apart(text),
        initials_together(text),
        without_possessive(text),
        apart_at_joiners(text),
        without_dots_below(text),
        nasals_as_sign(text),
        nasals_as_letters(text),
    ];
    for other in others.into_iter().flatten() {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

/// "Mueller" for "Müller", "Djokovic" for "Đoković": what typewriters and
/// passports write where the letter is missing.
fn digraphs(text: &str) -> Option<String> {
    replaced(text, |c| match c {
        'ä' => Some("ae"),
        'ö' | 'ø' => Some("oe"),
        'ü' => Some("ue"),
        'å' => Some("aa"),
        'đ' => Some("dj"),
        'Ä' => Some("Ae"),
        'Ö' | 'Ø' => Some("Oe"),
        'Ü' => Some("Ue"),
        'Å' => Some("Aa"),
        'Đ' => Some("Dj"),
        _ => None,
    })
}

/// "J. K. Rowling" for "J.K. Rowling".
fn initials_apart(text: &str) -> Option<String> {
    if !text.contains('.') {
        return None;
    }
    let tokens = tokenise(text);
    let sources = tokens.all().iter().map(|token| token.source(text));
    let dotted: Vec<&str> = sources
        .filter(|source| source.trim_end_matches('.').contains('.'))
        .collect();
    // Alone, letters are too little: "U. S." is said by "us" in many texts.
    if dotted.is_empty() || tokens.all().len() == 1 {
        return None;
    }
    Some(dotted.into_iter().fold(text.to_owned(), |text, dotted| {
        text.replace(dotted, &dotted.replace('.', ". "))
    }))
}

/// "J.K. Rowling" for "J. K. Rowling".
fn initials_together(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let mut together = String::with_capacity(text.len());
    let mut before: Option<&str> = None;
    for word in words {
        match before {
            Some(last) if is_initial(last) && is_initial(word) => {}
            Some(_) => together.push(' '),
            None => {}
        }
        together.push_str(word);
        before = Some(word);
    }
    (together != text && together.contains(' ')).then_some(together)
}

fn is_initial(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.eq(['.'])
}

/// "Macys" for "Macy's", whose *s* is of the name.
fn without_possessive(text: &str) -> Option<String> {
    let (name, s) = text.char_indices().rev().nth(1).and_then(|(at, c)| {
        let s = text.get(at + c.len_utf8()..)?;
        is_apostrophe(c).then(|| (text.get(..at).unwrap_or_default(), s))
    })?;
    (s == "s").then(|| format!("{name}{s}"))
}

/// "خامنه ای" for a Persian "خامنه‌ای" with a zero-width non-joiner.
fn apart_at_joiners(text: &str) -> Option<String> {
    replaced(text, |c| (c == '\u{200C}').then_some(" "))
}

/// Hindi without the dots below that make foreign sounds, as many papers print it.
fn without_dots_below(text: &str) -> Option<String> {
    replaced(text, |c| match c {
        '\u{093C}' => Some(""),
        '\u{0958}' => Some("क"),
        '\u{0959}' => Some("ख"),
        '\u{095A}' => Some("ग"),
        '\u{095B}' => Some("ज"),
        '\u{095E}' => Some("फ"),
        _ => None,
    })
}

/// "हिंदी" for "हिन्दी": a nasal before a consonant of its own row of the
/// alphabet may be a dot above.
fn nasals_as_sign(text: &str) -> Option<String> {
    if !text.contains(VIRAMA) {
        return None;
    }
    let written = ROWS.iter().fold(text.to_owned(), |text, (nasal, row)| {
        row.chars().fold(text, |text, consonant| {
            text.replace(
                &format!("{nasal}{VIRAMA}{consonant}"),
                &format!("{ANUSVARA}{consonant}"),
            )
        })
    });
    (written != text).then_some(written)
}

/// "हिन्दी" for "हिंदी".
fn nasals_as_letters(text: &str) -> Option<String> {
    if !text.contains(ANUSVARA) {
        return None;
    }
    let written = ROWS.iter().fold(text.to_owned(), |text, (nasal, row)| {
        row.chars().fold(text, |text, consonant| {
            text.replace(
                &format!("{ANUSVARA}{consonant}"),
                &format!("{nasal}{VIRAMA}{consonant}"),
            )
        })
    });
    (written != text).then_some(written)
}

const VIRAMA: char = '\u{094D}';
const ANUSVARA: char = '\u{0902}';

/// The nasals of Devanagari, each with the consonants of its row.
const ROWS: [(char, &str); 5] = [
    ('ङ', "कखगघ"),
    ('ञ', "चछजझ"),
    ('ण', "टठडढ"),
    ('न', "तथदध"),
    ('म', "पफबभ"),
];

fn replaced(text: &str, with: fn(char) -> Option<&'static str>) -> Option<String> {
    if !text.chars().any(|c| with(c).is_some()) {
        return None;
    }
    let mut written = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        match with(c) {
            Some(letters) => written.push_str(letters),
            None => written.push(c),
        }
    }
    Some(written)
}
