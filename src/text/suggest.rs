//! "Did you mean": the nearest of the words that would have been right.

/// The candidate that `word` was most probably meant to be, if one is near.
///
/// Distance counts insertions, deletions, substitutions and swaps of
/// neighbours; a third of the word may be wrong, never more than three letters
/// and never all of it. Of two equally near, the earlier one.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let word = plain(word);
    let letters = word.chars().count();
    let allowed = (letters / 3).clamp(1, 3).min(letters.saturating_sub(1));
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word, &plain(candidate));
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
