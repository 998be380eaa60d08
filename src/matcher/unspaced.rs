//! Words of Korean, Chinese and Japanese, which are written without a space, or
//! with others than those of the alias.
//!
//! An alias of one or two characters is also the end of one word and the
//! beginning of the next: 京都 is in 東京都, 이란 begins 이란성. Whether it is a word
//! there is told by what touches it; where it is not, the article must name the
//! actor elsewhere.

use super::reading::{Reading, Span};
use super::words;
use crate::text::is_hangul;

/// An alias of more characters than this is a word wherever it stands.
const SHORT_CHARACTERS_MAX: usize = 2;

/// The longest that is put to a Korean noun, in syllables.
const KOREAN_ENDING_MAX: usize = 5;

/// What Korean puts to a noun for its case, folded as it is written.
const KOREAN_PARTICLES: &str = "\
    은 는 이 가 을 를 의 에 에서 에게 와 과 도 로 으로 만 까지 부터 라 이라 라고 이라고 라는 이라는 나 이나 \
    란 이란 께 께서 한테 보다 처럼 이며 며 이고 고 인 이다 이었다 였다 에는 에도 에만 에서는 에서도 와의 과의 \
    와는 과는 로의 으로의 로부터 으로부터 까지의 조차 마저 밖에 엔 들 들이 들은 들의 들을 씨 씨는 씨가";

/// What Korean puts to the name of a country or a body to make another noun.
const KOREAN_SUFFIXES: &str = "\
    측 군 인 산 발 행 계 내 제 형 팀 식 령 전 어 판 정부 대사 대사관 대통령 총리 외무부 국방부 국민 국회 의회 \
    당국 언론 기업 경제 선수 대표팀";

/// Whether an alias is a word where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fit {
    /// It is one, or its script writes spaces.
    Word,
    /// It may be part of another word.
    Doubtful,
    /// It is not.
    Apart,
}

/// How an alias fits into the text around a span that spells it.
pub(super) fn fit(reading: &Reading<'_>, span: Span, alias: &str) -> Fit {
    let source = reading.source(span);
    match source.chars().next() {
        Some(first) if is_hangul(first) => korean(reading, span, alias),
        Some(first) if is_han(first) => han(reading, span, source),
        _ => Fit::Word,
    }
}

fn korean(reading: &Reading<'_>, span: Span, alias: &str) -> Fit {
    let spaced = reading.source(span).contains(char::is_whitespace);
    let short = alias.chars().count() <= SHORT_CHARACTERS_MAX;
    if spaced && short {
        return Fit::Apart;
    }
    if !short {
        return Fit::Word;
    }
    let mut rest = String::new();
    for at in (span.last..).take(KOREAN_ENDING_MAX) {
        if reading.between(at, at + 1) != Some("") {
            break;
        }
        rest.push_str(&reading.folded(at as usize + 1));
    }
    if rest.is_empty() || is_ending(&rest) {
        Fit::Word
    } else {
        Fit::Doubtful
    }
}

fn is_ending(rest: &str) -> bool {
    let is_particle = |rest: &str| rest.is_empty() || words::contains(KOREAN_PARTICLES, rest);
    let mut suffixes = KOREAN_SUFFIXES.split(' ');
    is_particle(rest) || suffixes.any(|suffix| rest.strip_prefix(suffix).is_some_and(is_particle))
}

/// Japanese parts its words with Kana; in Chinese nothing does.
fn han(reading: &Reading<'_>, span: Span, source: &str) -> Fit {
    let characters = source.chars().count();
    let before = span.first.checked_sub(1);
    let joined = before.is_some_and(|before| {
        let one = Span::one(before);
        reading.between(before, span.first) == Some("") && reading.source(one).ends_with(is_han)
    });
    let japanese = reading.language() == Some("ja");
    let doubtful = characters == 1 || characters <= SHORT_CHARACTERS_MAX && japanese && joined;
    if doubtful { Fit::Doubtful } else { Fit::Word }
}

/// Whether a text is of a script that writes no spaces, so that one word may
/// begin inside another.
pub(super) fn is_unspaced(text: &str) -> bool {
    text.starts_with(is_han)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}
