use super::in_words;
use crate::policy::poll::PollReason;

#[test]
fn what_is_promised_is_when_it_happens() {
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let later = "2026-11-24T12:05:00Z".parse().unwrap();
    for (at, reason, words) in [
        (now, PollReason::Asked, "polled now"),
        (now, PollReason::New, "polled now"),
        (
            later,
            PollReason::Asked,
            "polled at 2026-11-24T12:05:00Z, as was asked before",
        ),
        (
            later,
            PollReason::Interval,
            "polled at 2026-11-24T12:05:00Z, not before: poll.min lies between two polls",
        ),
    ] {
        assert_eq!(in_words(at, reason, now), words);
    }
}
