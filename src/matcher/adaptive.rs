//! A matcher that learns which words are common while it matches.
//!
//! What a large watchlist looks for first should be rare in what is read, and
//! that is known only once something was read. The first articles are counted;
//! at a hundred, a thousand and ten thousand of them the anchors are chosen anew,
//! beside the running matcher, and put in its place in one step. What matches is
//! the same before and after.

use super::{Frequencies, Matcher, Matches};
use crate::article::Article;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// After how many articles the anchors are chosen anew. After the last, nothing
/// is counted any more.
const MILESTONES: [u32; 3] = [100, 1_000, 10_000];

/// A matcher that adapts to the articles that it is given.
///
/// ```
/// use wirewatch::article::Input;
/// use wirewatch::matcher::{Adaptive, Matcher};
/// use wirewatch::watchlist::{Topic, TopicId, Watchlist, query};
///
/// let topic = Topic::new(TopicId::new("talks")?, query::parse("nuclear AND talks")?);
/// let watchlist = Watchlist { actors: vec![], topics: vec![topic] };
/// let matcher = Adaptive::new(Matcher::compile(&watchlist)?);
/// let article = Input::from_text("Talks on the nuclear programme go on.").into_article(0);
/// assert_eq!(matcher.matches(&article).topics.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Adaptive {
    current: RwLock<Arc<Matcher>>,
    learned: Mutex<Frequencies>,
}

impl Adaptive {
    /// Takes a compiled watchlist.
    pub fn new(matcher: Matcher) -> Self {
        Self {
            current: RwLock::new(Arc::new(matcher)),
            learned: Mutex::default(),
        }
    }

    /// Finds topics and actors in an article, and learns from it.
    pub fn matches(&self, article: &Article) -> Matches<'static> {
        let matcher = self.current();
        let matches = matcher.matches(article).into_owned();
        if let Some(frequencies) = self.learn(article) {
            let adapted = Arc::new(matcher.adapted_to(&frequencies));
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = adapted;
        }
        matches
    }

    /// Whether an article nearly matches (see [`Matcher::nearly`]).
    pub fn nearly(&self, article: &Article) -> bool {
        self.current().nearly(article)
    }

    fn current(&self) -> Arc<Matcher> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts the words of an article; returns what was learned at a milestone.
    fn learn(&self, article: &Article) -> Option<Frequencies> {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let articles = learned.articles();
        if MILESTONES.last().is_some_and(|last| articles >= *last) {
            return None;
        }
        learned.observe(article);
        MILESTONES
            .contains(&learned.articles())
            .then(|| learned.clone())
    }
}
