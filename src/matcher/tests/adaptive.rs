//! That what is learned from articles saves work and changes no match.

use super::{article, topic};
use crate::matcher::{Adaptive, Matcher};
use crate::watchlist::Watchlist;
use crate::work::steps;

#[test]
fn what_is_rare_is_looked_for_first() {
    // By its length the first word seems rarer; all articles have it.
    let topics = (0..200).map(|n| topic(&format!("t{n}"), &format!("administration AND zq{n}")));
    let watchlist = Watchlist {
        actors: vec![],
        topics: topics.collect(),
    };
    let matcher = Adaptive::new(Matcher::compile(&watchlist).unwrap());
    let text = |n: usize| article("", "", &format!("The administration speaks of zq{n}."));
    let work = |n: usize| {
        let mut found = Vec::new();
        let steps = steps(|| found = matcher.matches(&text(n)).topics);
        let ids: Vec<String> = found.iter().map(|topic| topic.id.to_string()).collect();
        (ids, steps)
    };
    let (before, slow) = work(7);
    for n in 0..100 {
        matcher.matches(&text(1_000 + n));
    }
    let (after, fast) = work(7);
    assert_eq!(before, ["t7"]);
    assert_eq!(after, before);
    // The last includes what is learned from the article itself, which is little.
    assert!(fast * 4 < slow, "{slow} steps before, {fast} after");
}
