//! Folding: what makes two spellings the same word.
//!
//! Compatibility forms (NFKC, Unicode Annex 15) and case go for every script.
//! Marks go for Latin and Greek only, where readers leave them out; in Cyrillic
//! they make letters (й is not и), so they stay, but for the dots of ё, which
//! Russian newspapers do not print. Arabic and Hebrew lose their vowel points for
//! the same reason, and letters of Arabic that differ by keyboard are one.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfd();
const COMBINING: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMapBorrowed::new();

/// Folds a word, so that two spellings of one word become equal.
///
/// ```
/// use wirewatch::text::fold;
/// assert_eq!(fold("São"), "sao");
/// assert_eq!(fold("STRASSE"), fold("Straße"));
/// assert_eq!(fold("Зеленський"), "зеленський");
/// ```
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

/// Folds a word onto the end of `folded`.
pub(super) fn fold_into(word: &str, folded: &mut String) {
    if word.is_ascii() {
        let start = folded.len();
        folded.push_str(word);
        if let Some(added) = folded.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        return;
    }
    for c in NFKC.normalize(word).chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else if !is_ignorable(c) {
            for lower in c.to_lowercase() {
                strip_marks(lower, folded);
            }
        }
    }
}

/// A word in small letters with its marks, in one form of Unicode.
pub(crate) fn lowered(word: &str) -> String {
    let composed = NFKC.normalize(word);
    let letters = composed.chars().filter(|&c| !is_ignorable(c));
    letters.flat_map(char::to_lowercase).collect()
}

/// Takes the marks off a letter of Latin or Greek; others keep theirs.
fn strip_marks(c: char, folded: &mut String) {
    if is_latin_or_greek(c) {
        let mut buffer = [0; 4];
        let letters = NFD.normalize(c.encode_utf8(&mut buffer));
        for letter in letters.chars().filter(|&letter| !is_mark(letter)) {
            fold_letter(letter, folded);
        }
    } else {
        fold_letter(c, folded);
    }
}

fn fold_letter(c: char, folded: &mut String) {
    match c {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ø' => folded.push('o'),
        'đ' | 'ð' => folded.push('d'),
        'ł' => folded.push('l'),
        'ı' => folded.push('i'),
        'ħ' => folded.push('h'),
        'ŋ' => folded.push('n'),
        'ς' => folded.push('σ'),
        'ё' => folded.push('е'),
        'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
        'ى' | 'ی' => folded.push('ي'),
        'ة' | 'ۀ' | 'ہ' | 'ۂ' => folded.push('ه'),
        'ک' => folded.push('ك'),
        '٠'..='٩' => folded.extend(digit(c, '٠')),
        '۰'..='۹' => folded.extend(digit(c, '۰')),
        _ if is_free_mark(c) => {}
        _ => folded.push(c),
    }
}

/// A digit of Arabic or Persian as one of ASCII.
fn digit(c: char, zero: char) -> Option<char> {
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

/// Whether a character combines with the one before it.
pub(super) fn is_mark(c: char) -> bool {
    !c.is_ascii() && COMBINING.get_u8(c) != 0
}

/// Marks that are dropped where they stand alone: those of Latin and Greek that
/// compose with nothing, and the vowel points of Arabic and Hebrew.
fn is_free_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' | '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}')
}

fn is_latin_or_greek(c: char) -> bool {
    matches!(c,
        '\u{00C0}'..='\u{024F}' | '\u{0370}'..='\u{03FF}' | '\u{1E00}'..='\u{1FFF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A720}'..='\u{A7FF}')
}

/// Characters that show nothing and part nothing: soft hyphens, zero-width
/// spaces and joiners, and the marks of writing direction.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}
