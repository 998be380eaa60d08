//! What the client promises to publishers and to whoever runs it, against
//! scripted servers on loopback that answer with raw bytes.

mod address;
mod asking;
mod bounds;
mod guard;
mod hints;
mod mask;
mod pages;
mod posting;
mod redirects;
mod server;

use super::{Client, FeedRequest};
use crate::config::Http;
use crate::policy::poll::{Answer, FailureKind, FetchOutcome, Validators};
use jiff::SignedDuration;
use url::Url;

fn client(change: impl FnOnce(&mut Http)) -> Client {
    let mut http = Http {
        timeout: SignedDuration::from_secs(10),
        ..Http::default()
    };
    change(&mut http);
    Client::new(&http).unwrap()
}

fn request(url: &str) -> FeedRequest {
    FeedRequest {
        url: Url::parse(url).unwrap(),
        home: Url::parse(url).unwrap(),
        derived: false,
        validators: Validators::default(),
        login: None,
        headers: Vec::new(),
    }
}

async fn get(url: &str) -> FetchOutcome {
    client(|_| {}).get(&request(url)).await
}

#[track_caller]
fn failed(outcome: &FetchOutcome, kind: FailureKind, words: &str) {
    match &outcome.answer {
        Answer::Failed {
            kind: found,
            detail,
        } => {
            assert!(
                *found == kind && detail.contains(words),
                "{found:?}: {detail}"
            );
            assert!(!detail.contains("secret"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}
