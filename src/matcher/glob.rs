//! Wildcards within one word: `*` for any letters, `?` for one.

/// A word with wildcards, ready to be compared with folded words.
#[derive(Debug)]
pub(super) struct Glob(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Letter(char),
    One,
    Any,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let mut parts: Vec<Part> = pattern
            .chars()
            .map(|c| match c {
                '*' => Part::Any,
                '?' => Part::One,
                letter => Part::Letter(letter),
            })
            .collect();
        parts.dedup_by(|a, b| *a == Part::Any && *b == Part::Any);
        Self(parts)
    }

    /// Whether a word fits. Goes back to the last `*` only, so the time is at
    /// most the product of both lengths, whatever the pattern.
    pub(super) fn fits(&self, word: &str) -> bool {
        let (mut at, mut rest) = (0, word.chars());
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.0.get(at), rest.next()) {
                (Some(Part::Any), _) => {
                    retry = Some((at, before.clone()));
                    rest = before;
                    at += 1;
                }
                (Some(Part::One), Some(_)) => at += 1,
                (Some(Part::Letter(letter)), Some(c)) if *letter == c => at += 1,
                (None, None) => return true,
                _ => {
                    let Some((star, mut from)) = retry.take() else {
                        return false;
                    };
                    if from.next().is_none() {
                        return false;
                    }
                    rest = from.clone();
                    retry = Some((star, from));
                    at = star + 1;
                }
            }
        }
    }
}
