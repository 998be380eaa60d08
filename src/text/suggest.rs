//! "Did you mean": the nearest of the words that would have been right.

/// The candidate that `word` was most probably meant to be, if one is near.
///
/// Distance counts insertions, deletions, substitutions and swaps of
/// neighbours; a third of the word may be wrong, never more than three letters
/// and never all of it. Of two equally near, the earlier one. Where none is
/// near, the only one that it is a part or the beginning of, or the other way
/// round: `bolton` for `john-bolton`, `language` for `lang`.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = plain(word);
    let letters = word.chars().count();
    let allowed = (letters / 3).clamp(1, 3).min(letters.saturating_sub(1));
    let candidates: Vec<(&str, String)> = candidates
        .into_iter()
        .map(|candidate| (candidate, plain(candidate)))
        .collect();
    let near = candidates
        .iter()
        .map(|(candidate, plain)| (strsim::damerau_levenshtein(&word, plain), *candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, candidate)) = near {
        return Some(candidate);
    }
    let mut related = candidates
        .iter()
        .filter(|(_, plain)| is_related(&word, plain));
    match (related.next(), related.next()) {
        (Some((only, _)), None) => Some(only),
        _ => None,
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('_', "-")
}

fn is_related(word: &str, candidate: &str) -> bool {
    /// Shorter beginnings are shared by chance.
    const BEGINNING_MIN: usize = 4;
    let begins = |short: &str, long: &str| short.len() >= BEGINNING_MIN && long.starts_with(short);
    begins(word, candidate)
        || begins(candidate, word)
        || (word.len() >= BEGINNING_MIN && candidate.split('-').any(|part| part == word))
}

/// Help for a word that is none of `candidates`: the nearest, else all of them.
pub(crate) fn help<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    /// More than this many words are no help.
    const SHOWN_MAX: usize = 20;
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all = candidates
        .iter()
        .take(SHOWN_MAX)
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let more = if candidates.len() > SHOWN_MAX {
        ", …"
    } else {
        ""
    };
    (!candidates.is_empty()).then(|| format!("known here: {all}{more}"))
}
