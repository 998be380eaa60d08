//! The language of a text: the publisher's word first, a guess second.
//!
//! A wrong language is worse than none, because it would hide an article from
//! a query that names one; so a guess is given only when it is reliable.

use whatlang::Lang;

/// Fewer letters than this are not enough to guess from.
const LETTERS_MIN: usize = 20;

/// More characters than this make a guess hardly better, only slower: a hundred
/// of the Universal Declaration of Human Rights told 18 languages apart without
/// a mistake.
const CHARS_MAX: usize = 400;

/// The language of a text as a two-letter code (ISO 639-1), if it is certain enough.
///
/// ```
/// use wirewatch::text::detect;
///
/// assert_eq!(detect("Der Außenminister reist am Mittwoch nach Seoul."), Some("de"));
/// assert_eq!(detect("Seoul"), None);
/// ```
pub fn detect(text: &str) -> Option<&'static str> {
    let start: String = text.chars().take(CHARS_MAX).collect();
    if start.chars().filter(|c| c.is_alphabetic()).count() < LETTERS_MIN {
        return None;
    }
    whatlang::detect(&start)
        .filter(whatlang::Info::is_reliable)
        .and_then(|info| two_letters(info.lang()))
}

/// The primary subtag of a language tag (RFC 5646), lower case: `en-GB` gives `en`.
///
/// The three-letter codes of common languages become the two-letter ones, which
/// the RFC prefers. What is no tag, or says that the language is unknown or
/// mixed, gives nothing.
pub fn primary_subtag(tag: &str) -> Option<String> {
    let subtag = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let is_code = (2..=3).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_lowercase());
    if !is_code || matches!(subtag.as_str(), "und" | "mul" | "zxx" | "mis") {
        return None;
    }
    let shortest = Lang::from_code(&subtag).and_then(two_letters);
    Some(shortest.map_or(subtag, str::to_owned))
}

fn two_letters(lang: Lang) -> Option<&'static str> {
    let (_, code) = CODES.iter().find(|(known, _)| *known == lang)?;
    Some(code)
}

/// From the languages that the detector knows to ISO 639-1.
const CODES: [(Lang, &str); 70] = [
    (Lang::Afr, "af"),
    (Lang::Aka, "ak"),
    (Lang::Amh, "am"),
    (Lang::Ara, "ar"),
    (Lang::Aze, "az"),
    (Lang::Bel, "be"),
    (Lang::Ben, "bn"),
    (Lang::Bul, "bg"),
    (Lang::Cat, "ca"),
    (Lang::Ces, "cs"),
    (Lang::Cmn, "zh"),
    (Lang::Cym, "cy"),
    (Lang::Dan, "da"),
    (Lang::Deu, "de"),
    (Lang::Ell, "el"),
    (Lang::Eng, "en"),
    (Lang::Epo, "eo"),
    (Lang::Est, "et"),
    (Lang::Fin, "fi"),
    (Lang::Fra, "fr"),
    (Lang::Guj, "gu"),
    (Lang::Heb, "he"),
    (Lang::Hin, "hi"),
    (Lang::Hrv, "hr"),
    (Lang::Hun, "hu"),
    (Lang::Hye, "hy"),
    (Lang::Ind, "id"),
    (Lang::Ita, "it"),
    (Lang::Jav, "jv"),
    (Lang::Jpn, "ja"),
    (Lang::Kan, "kn"),
    (Lang::Kat, "ka"),
    (Lang::Khm, "km"),
    (Lang::Kor, "ko"),
    (Lang::Lat, "la"),
    (Lang::Lav, "lv"),
    (Lang::Lit, "lt"),
    (Lang::Mal, "ml"),
    (Lang::Mar, "mr"),
    (Lang::Mkd, "mk"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Nld, "nl"),
    (Lang::Nob, "nb"),
    (Lang::Ori, "or"),
    (Lang::Pan, "pa"),
    (Lang::Pes, "fa"),
    (Lang::Pol, "pl"),
    (Lang::Por, "pt"),
    (Lang::Ron, "ro"),
    (Lang::Rus, "ru"),
    (Lang::Sin, "si"),
    (Lang::Slk, "sk"),
    (Lang::Slv, "sl"),
    (Lang::Sna, "sn"),
    (Lang::Spa, "es"),
    (Lang::Srp, "sr"),
    (Lang::Swe, "sv"),
    (Lang::Tam, "ta"),
    (Lang::Tel, "te"),
    (Lang::Tgl, "tl"),
    (Lang::Tha, "th"),
    (Lang::Tuk, "tk"),
    (Lang::Tur, "tr"),
    (Lang::Ukr, "uk"),
    (Lang::Urd, "ur"),
    (Lang::Uzb, "uz"),
    (Lang::Vie, "vi"),
    (Lang::Yid, "yi"),
    (Lang::Zul, "zu"),
];

#[cfg(test)]
mod tests;
