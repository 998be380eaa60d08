//! What stands around a mention: whether its words are of one name, and what the
//! words beside it make of it.
//!
//! "Elton John, Bolton fan" is not John Bolton, "Michael Bolton" is another,
//! "Bolton Wanderers" is a club and "George Washington" no government. All of it
//! is read off the neighbouring words, their case and what parts them.

use super::given_names;
use super::names;
use super::reading::{Reading, Span};
use super::words::{self, Words};
use crate::text::{Fingerprint, is_apostrophe, is_hyphen};
use std::sync::LazyLock;

/// The most words between a given name and its surname: "Ursula Gertrud Albrecht".
const MIDDLE_NAMES_MAX: usize = 2;

/// The most particles between a given name and its surname: "van der".
const PARTICLES_MAX: usize = 3;

/// The most initials before a surname: "J. R. R. Tolkien".
const INITIALS_MAX: usize = 4;

/// The most tokens of a dateline, from its place to its dash: "BEIRUT, Lebanon,
/// March 3 (AP) -".
const DATELINE_TOKENS_MAX: u32 = 9;

/// How deep in a paragraph a place of its dateline may stand: "NEW YORK and BONN".
const DATELINE_START_MAX: u32 = 6;

/// What may end a sentence.
const SENTENCE_ENDS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];

/// How many words on either side tell whether a text is all of capitals.
const SHOUT_TOKENS: u32 = 5;

/// What stands before a surname.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Before {
    /// Nothing that says who it is.
    Nobody,
    /// A title: "Mr. Bolton".
    Title,
    /// A given name of the actor: "John R. Bolton".
    Own,
    /// A name of somebody else: "Michael Bolton".
    Other,
}

/// Whether nothing parts the words of a span that the alias does not have
/// itself: neither the end of a sentence nor of a clause, no bracket, no quotation
/// mark, no possessive. Between a name and what is put behind it a comma is free.
pub(super) fn is_one_name(reading: &Reading<'_>, span: Span, alias: &str) -> bool {
    (span.first..span.last).all(|at| {
        let Some(gap) = reading.between(at, at + 1) else {
            return false;
        };
        if gap.is_empty() || gap == " " || alias.contains(gap) {
            return true;
        }
        let free = |mark: &str| alias.contains(mark);
        // Without a space they join: in Hebrew acronyms, in foreign names in Han.
        let spaced = gap.contains(char::is_whitespace);
        let joins = |c: char| !spaced && matches!(c, '"' | '”' | '•');
        let parted = gap.chars().find(|c| parts_clauses(*c) && !joins(*c));
        let clause = parted.is_none_or(|mark| {
            free(mark.encode_utf8(&mut [0; 4]))
                || mark == ',' && names::follows_a_comma(print(reading, at + 1))
        });
        let possessive = !is_possessive(gap) || free("'s") || free("’s");
        let sentence = same_sentence(reading, at, at + 1) || alias.contains(SENTENCE_ENDS);
        clause && possessive && sentence && !is_spaced_dash(gap)
    })
}

/// Whether a phrase of a query runs on: it may have commas, but ends with its
/// sentence.
pub(super) fn is_one_sentence(reading: &Reading<'_>, span: Span) -> bool {
    same_sentence(reading, span.first, span.last)
}

fn same_sentence(reading: &Reading<'_>, left: u32, right: u32) -> bool {
    match (reading.token(left), reading.token(right)) {
        (Some(left), Some(right)) => left.sentence == right.sentence,
        _ => false,
    }
}

fn parts_clauses(c: char) -> bool {
    const MARKS: &str = ",;:()[]{}<>\"/|!?…—―•“”„‟«»‹›、，；：（）「」『』【】《》〈〉。！？،؛؟";
    MARKS.contains(c)
}

/// A hyphen with space on both sides is a dash, and so are two.
fn is_spaced_dash(gap: &str) -> bool {
    let dashes = gap.trim();
    dashes.len() < gap.len()
        && gap.starts_with(char::is_whitespace)
        && gap.ends_with(char::is_whitespace)
        && dashes.contains(is_hyphen)
        || dashes.contains("--")
}

/// Whether a gap begins with the *s* of a genitive, which the tokens leave out.
fn is_possessive(gap: &str) -> bool {
    let mut letters = gap.chars();
    letters.next().is_some_and(is_apostrophe) && matches!(letters.next(), Some('s' | 'S'))
}

/// Whether two neighbouring tokens belong together: nothing but space stands
/// between them, or the full stop of an abbreviation.
fn touch(reading: &Reading<'_>, left: u32, right: u32) -> bool {
    let gap = reading.between(left, right).unwrap_or_default();
    let space = gap.strip_prefix('.').unwrap_or(gap);
    let is_space = !space.is_empty() && space.chars().all(char::is_whitespace);
    is_space && same_sentence(reading, left, right)
}

fn folded(reading: &Reading<'_>, at: u32) -> String {
    reading.folded(at as usize)
}

/// What a word is known by; that of no letters beyond the last.
fn print(reading: &Reading<'_>, at: u32) -> Fingerprint {
    let token = reading.token(at);
    token.map_or_else(|| Fingerprint::of(""), |token| token.print)
}

fn source<'a>(reading: &Reading<'a>, at: u32) -> &'a str {
    reading.source(Span::one(at))
}

fn has_capital(reading: &Reading<'_>, at: u32) -> bool {
    source(reading, at).starts_with(char::is_uppercase)
}

/// The token before one, if they touch.
fn previous(reading: &Reading<'_>, at: u32) -> Option<u32> {
    let before = at.checked_sub(1)?;
    touch(reading, before, at).then_some(before)
}

/// The token after one, if they touch.
fn next(reading: &Reading<'_>, at: u32) -> Option<u32> {
    touch(reading, at, at + 1).then_some(at + 1)
}

/// Whether a capital tells a name from another word: neither in a headline whose
/// words all have one, nor in languages whose nouns do.
fn capitals_tell(reading: &Reading<'_>, at: u32) -> bool {
    !reading.in_title_case(Span::one(at)) && !matches!(reading.language(), Some("de" | "lb"))
}

fn opens_sentence(reading: &Reading<'_>, at: u32) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| !same_sentence(reading, before, at))
}

/// What stands before a surname, whose actor has these given names, folded.
pub(super) fn before_surname(reading: &Reading<'_>, span: Span, given: &[String]) -> Before {
    let mut at = span.first;
    let mut initials: Option<char> = None;
    for _ in 0..INITIALS_MAX {
        let Some(before) = previous(reading, at).filter(|before| is_initial(reading, *before))
        else {
            break;
        };
        initials = folded(reading, before).chars().next();
        at = before;
    }
    for _ in 0..PARTICLES_MAX {
        let before = previous(reading, at).filter(|before| !has_capital(reading, *before));
        match before.filter(|before| names::is_particle(print(reading, *before))) {
            Some(particle) => at = particle,
            None => break,
        }
    }
    let word = previous(reading, at);
    let Some(word) = word.filter(|word| has_capital(reading, *word)) else {
        let titled = word.is_some_and(|word| names::is_title(print(reading, word)));
        return match initials {
            Some(letter) if !given.iter().any(|name| name.starts_with(letter)) => Before::Other,
            _ if titled => Before::Title,
            _ => Before::Nobody,
        };
    };
    before_word(reading, word, initials.is_some(), given)
}

/// What a capitalised word before a surname says of it.
fn before_word(reading: &Reading<'_>, word: u32, initials: bool, given: &[String]) -> Before {
    let is_own = |at: u32| {
        let written = folded(reading, at);
        given
            .iter()
            .any(|name| given_names::are_one(name, &written))
    };
    let print = print(reading, word);
    if is_own(word) {
        return Before::Own;
    }
    if names::is_title(print) {
        return Before::Title;
    }
    let mut earlier = word;
    for _ in 0..MIDDLE_NAMES_MAX {
        match previous(reading, earlier) {
            Some(before) if has_capital(reading, before) => earlier = before,
            _ => break,
        }
        if is_own(earlier) {
            return Before::Own;
        }
    }
    let no_name = names::is_byword(print)
        || names::opens_sentence(print, opens_sentence(reading, word))
        || source(reading, word).chars().nth(1).is_none()
        || is_abbreviation(reading, word);
    let capital_for_all = !capitals_tell(reading, word);
    if !initials && (no_name || capital_for_all && !given_names::is_common(print)) {
        return Before::Nobody;
    }
    Before::Other
}

/// A capital with a full stop, or capitals with full stops between.
fn is_initial(reading: &Reading<'_>, at: u32) -> bool {
    let written = source(reading, at);
    if is_country_code(&folded(reading, at)) {
        return false;
    }
    let dotted = written.contains('.') && written.chars().all(|c| c == '.' || c.is_uppercase());
    let single = written.chars().nth(1).is_none() && has_capital(reading, at);
    let stop = reading
        .between(at, at + 1)
        .is_some_and(|gap| gap.starts_with('.'));
    dotted || single && stop
}

fn is_country_code(folded: &str) -> bool {
    matches!(folded, "us" | "uk" | "un" | "eu" | "dc")
}

/// Capitals that are no name: "GOP", "CEO", "UN"; two that are not known may be
/// those of a name, as in "JD Vance".
fn is_abbreviation(reading: &Reading<'_>, at: u32) -> bool {
    let written = source(reading, at);
    let letters = written.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = letters > 1 && !written.contains(char::is_lowercase);
    let known = letters > 2 || is_country_code(&folded(reading, at));
    capitals && known && capitals_tell(reading, at)
}

/// Whether what follows makes a firm or a place of a name: "Baker Inc".
pub(super) fn names_a_firm(reading: &Reading<'_>, span: Span) -> bool {
    next(reading, span.last).is_some_and(|after| {
        has_capital(reading, after) && names::follows_a_firm(print(reading, after))
    })
}

/// Whether a name of East Asia begins with this surname, and goes on as none of
/// the actor's does: "Kim Yo-jong".
pub(super) fn begins_other_name(reading: &Reading<'_>, span: Span) -> bool {
    let Some(after) = next(reading, span.last).filter(|after| has_capital(reading, *after)) else {
        return false;
    };
    let joined = reading
        .between(after, after + 1)
        .is_some_and(|gap| gap.chars().all(is_hyphen) && !gap.is_empty())
        && !has_capital(reading, after + 1);
    joined || is_compound(reading, span)
}

/// Whether a name goes on with another word that has a capital, where not all
/// words have: "Bolton Wanderers", "London Stock Exchange".
pub(super) fn is_compound(reading: &Reading<'_>, span: Span) -> bool {
    next(reading, span.last).is_some_and(|after| {
        let print = print(reading, after);
        has_capital(reading, after)
            && capitals_tell(reading, span.first)
            && !names::is_byword(print)
            && !names::is_title(print)
            && !names::opens_sentence(print, false)
            && !is_abbreviation(reading, after)
    })
}

/// Whether a preposition of place stands before a name that is no possessor:
/// "in Bolton", but not "in Bolton's view".
pub(super) fn is_where(reading: &Reading<'_>, span: Span) -> bool {
    let place = previous(reading, span.first).is_some_and(|before| {
        matches!(
            folded(reading, before).as_str(),
            "in" | "at" | "near" | "outside" | "around" | "from" | "to" | "into" | "across"
        )
    });
    let possessor = reading
        .between(span.last, span.last + 1)
        .is_some_and(|gap| gap.starts_with(is_apostrophe));
    place && !possessor
}

/// Whether a place is part of the name of something else: a person or a mountain
/// ("George Washington", "Mount Washington"), an institution ("University of
/// Washington"), a street, another place ("Washington state").
pub(super) fn is_of_another_thing(reading: &Reading<'_>, span: Span) -> bool {
    let before = previous(reading, span.first);
    let is_name = |before: u32| {
        !opens_sentence(reading, before) || given_names::is_common(print(reading, before))
    };
    let named = before.is_some_and(is_name) && before_surname(reading, span, &[]) == Before::Other;
    let of = before.filter(|before| &folded(reading, *before) == "of");
    let seat = of
        .and_then(|of| previous(reading, of))
        .is_some_and(|head| names::has_its_place(print(reading, head)));
    let feature = before.is_some_and(|before| {
        has_capital(reading, before) && names::is_feature(print(reading, before))
    });
    let state = next(reading, span.last)
        .is_some_and(|after| matches!(folded(reading, after).as_str(), "state" | "states"));
    named || seat || feature || state || names_a_firm(reading, span)
}

/// Whether a word before a name of one word makes another of it: "North
/// America", "New Mexico", "Northern Ireland", "Michael Jordan".
pub(super) fn is_of_another_place(reading: &Reading<'_>, span: Span) -> bool {
    static ALWAYS_OTHER: LazyLock<Words> = LazyLock::new(|| {
        Words::of(&["north south east west latin central equatorial native african"])
    });
    static SOMETIMES_OTHER: LazyLock<Words> = LazyLock::new(|| Words::of(&["new northern little"]));
    if span.first != span.last {
        return false;
    }
    let Some(before) = previous(reading, span.first).filter(|at| has_capital(reading, *at)) else {
        return false;
    };
    let inside = !opens_sentence(reading, before) && capitals_tell(reading, span.first);
    let print = print(reading, before);
    ALWAYS_OTHER.has(print) || SOMETIMES_OTHER.has(print) && inside || given_names::is_common(print)
}

/// Whether capitals are the code of a currency or a share: `US$`, `<UK>`.
pub(super) fn is_code(reading: &Reading<'_>, span: Span) -> bool {
    let after = reading.after(span);
    let share = || {
        let before = reading.before(span);
        before.ends_with('<') && after.starts_with('>')
    };
    after.starts_with('$') || share()
}

/// Whether an acronym is a word of English in a text all of capitals: "WHO SAYS",
/// "GIVE US TIME". Full stops make it an acronym again.
pub(super) fn is_shouted_word(reading: &Reading<'_>, span: Span) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&[words::ENGLISH_WORDS]));
    let around = span.first.saturating_sub(SHOUT_TOKENS)..=span.last + SHOUT_TOKENS;
    let others = around.filter(|at| *at != span.first && same_sentence(reading, *at, span.first));
    let mut words = others.map(|at| source(reading, at)).peekable();
    !reading.source(span).contains('.')
        && WORDS.has(print(reading, span.first))
        && words.peek().is_some()
        && !words.any(|word| word.contains(char::is_lowercase))
}

/// Whether a place stands in the dateline of its text: "LONDON, March 3 -".
pub(super) fn is_in_dateline(reading: &Reading<'_>, span: Span) -> bool {
    let depth = (1..=DATELINE_START_MAX + 1)
        .find(|back| {
            let before = span.first.checked_sub(*back);
            !before.is_some_and(|before| same_sentence(reading, before, span.first))
        })
        .unwrap_or(u32::MAX);
    if depth > DATELINE_START_MAX + 1 || reading.in_title_case(span) {
        return false;
    }
    let capitals = !reading.source(span).contains(char::is_lowercase);
    let mut sign = capitals;
    for at in span.last..span.last + DATELINE_TOKENS_MAX {
        let Some(gap) = reading.between(at, at + 1) else {
            return false;
        };
        sign |= gap.contains('(');
        if is_spaced_dash(gap) || gap.contains(['—', '–']) || gap.trim_end().ends_with('-') {
            return sign;
        }
        let word = source(reading, at + 1);
        sign |= word.starts_with(|c: char| c.is_ascii_digit());
        if word.starts_with(char::is_lowercase) {
            return false;
        }
    }
    false
}
