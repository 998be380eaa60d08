//! That what is bounded is bounded, and goes on to match.

use super::{article, run, topic};
use crate::matcher::EVIDENCE_MAX;
use crate::text::{TOKENS_MAX, tokenise};

#[test]
fn a_text_is_read_to_its_last_token_that_counts() {
    let text = "a ".repeat(TOKENS_MAX + 10);
    assert_eq!(tokenise(&text).all().len(), TOKENS_MAX);
    let long = article("", "", &(text + " nuclear"));
    assert_eq!(run(vec![topic("t", "nuclear")], &long).topics, []);
}

#[test]
fn evidence_ends_while_counts_go_on() {
    let text = article("", "", &"John Bolton spoke. ".repeat(EVIDENCE_MAX * 3));
    let topics = vec![
        topic("word", "spoke"),
        topic("enough", &format!("ATLEAST/{} spoke", EVIDENCE_MAX * 3)),
        topic("more", &format!("ATLEAST/{} spoke", EVIDENCE_MAX * 3 + 1)),
    ];
    let matches = run(topics, &text);
    let found: Vec<(&str, usize)> = matches
        .topics
        .iter()
        .map(|topic| (&*topic.id, topic.evidence.len()))
        .collect();
    assert_eq!(found, [("word", EVIDENCE_MAX), ("enough", EVIDENCE_MAX)]);
    let bolton = matches.actors.first().unwrap();
    assert_eq!(bolton.mentions, EVIDENCE_MAX * 3);
    assert_eq!(bolton.evidence.len(), EVIDENCE_MAX);
}

#[test]
fn a_word_may_stand_so_often_that_its_last_places_are_left_out() {
    let text = article("", "", &("aa ".repeat(12_000) + "bb"));
    let matches = run(
        vec![topic("near", "aa NEAR/3 bb"), topic("both", "aa AND bb")],
        &text,
    );
    let found: Vec<&str> = matches.topics.iter().map(|topic| &*topic.id).collect();
    assert_eq!(found, ["both"]);
}

#[test]
fn a_run_of_letters_is_no_word_for_a_wildcard() {
    for (letters, expected) in [(200, 1), (300, 0)] {
        let text = article("", "", &format!("nuc{}", "x".repeat(letters)));
        assert_eq!(
            run(vec![topic("t", "nuc*")], &text).topics.len(),
            expected,
            "{letters}"
        );
    }
}

#[test]
fn joints_are_tried_between_a_few_words_only() {
    for (text, expected) in [
        ("aa-bb-cc-dd", "aabbccdd"),
        ("aa-bb-cc-dd-ee", "aabbccddee"),
    ] {
        let matches = run(vec![topic("t", expected)], &article("", "", text));
        assert_eq!(matches.topics.len(), usize::from(text.len() < 12), "{text}");
    }
}
