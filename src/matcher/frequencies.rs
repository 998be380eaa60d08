//! How common words are, as measured on the articles that came.
//!
//! Which part of a query is looked for first depends on what is rare, and that
//! depends on who is read: "nuclear" is common at an agency for atomic energy.

use crate::article::Article;
use crate::text::{Fingerprint, Tokens};

/// How many cells words are counted in. Words that share one seem more common
/// than they are, which costs time and no match.
const CELLS: usize = 1 << 16;

/// The fewest articles that say more than a guess.
const ARTICLES_MIN: u32 = 50;

/// In how many articles words were seen.
///
/// ```
/// use wirewatch::article::Input;
/// use wirewatch::matcher::Frequencies;
///
/// let mut frequencies = Frequencies::default();
/// frequencies.observe(&Input::from_text("Talks on the talks.").into_article(0));
/// assert_eq!(frequencies.articles(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Frequencies {
    articles: u32,
    counts: Vec<u32>,
}

impl Default for Frequencies {
    fn default() -> Self {
        Self {
            articles: 0,
            counts: vec![0; CELLS],
        }
    }
}

impl Frequencies {
    /// How many articles were observed.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// Counts the words of an article, each once.
    pub fn observe(&mut self, article: &Article) {
        let mut tokens = Tokens::default();
        for text in [&article.title, &article.summary, &article.body] {
            tokens.read(text);
        }
        let mut cells: Vec<usize> = tokens.all().iter().map(|token| cell(token.print)).collect();
        cells.sort_unstable();
        cells.dedup();
        for cell in cells {
            if let Some(count) = self.counts.get_mut(cell) {
                *count = count.saturating_add(1);
            }
        }
        self.articles = self.articles.saturating_add(1);
    }

    /// In which share of articles a word stands, above 0 and at most 1; none
    /// while too few were observed.
    pub(super) fn share(&self, word: Fingerprint) -> Option<f64> {
        if self.articles < ARTICLES_MIN {
            return None;
        }
        let count = self.counts.get(cell(word)).copied().unwrap_or(0);
        Some((f64::from(count) + 0.5) / (f64::from(self.articles) + 0.5))
    }
}

fn cell(word: Fingerprint) -> usize {
    (word.0 >> 48) as usize % CELLS
}
