//! What `parse` and `match` read: a file, an address, or standard input.

use super::Global;
use super::exit::{self, Failure};
use crate::config::{self, Http};
use crate::fetch::{Client, FeedRequest};
use crate::policy::poll::{Answer, Validators};
use std::io::Read;
use url::Url;

/// The largest input, in bytes.
const INPUT_BYTES_MAX: u64 = 256 << 20;

/// An input with what is known of it.
#[derive(Debug)]
pub(super) struct Input {
    /// What the user called it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) content_type: Option<String>,
    /// The address that it came from.
    pub(super) url: Option<Url>,
}

/// Reads an input: `-` is standard input, `http://` and `https://` are fetched.
pub(super) async fn read(name: &str, http: &Http) -> Result<Input, Failure> {
    if name.starts_with("http://") || name.starts_with("https://") {
        return fetch(name, http).await;
    }
    let cannot = |error: std::io::Error| Failure::new(exit::DATA, format!("{name}: {error}"));
    let mut bytes = Vec::new();
    let limit = INPUT_BYTES_MAX + 1;
    if name == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(cannot)?;
    } else {
        let file = std::fs::File::open(name).map_err(cannot)?;
        file.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    }
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(Failure::new(
            exit::DATA,
            format!("{name}: larger than 256 MiB"),
        ));
    }
    Ok(Input {
        name: name.to_owned(),
        bytes,
        content_type: None,
        url: None,
    })
}

async fn fetch(name: &str, http: &Http) -> Result<Input, Failure> {
    let url =
        Url::parse(name).map_err(|error| Failure::new(exit::USAGE, format!("{name}: {error}")))?;
    let client = Client::new(http).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let request = FeedRequest {
        url,
        validators: Validators::default(),
        login: None,
        headers: Vec::new(),
    };
    match client.get(&request).await.answer {
        Answer::Body {
            bytes,
            content_type,
            url,
            ..
        } => Ok(Input {
            name: name.to_owned(),
            bytes,
            content_type,
            url: Url::parse(&url).ok(),
        }),
        Answer::Failed { detail, .. } => {
            Err(Failure::new(exit::UNAVAILABLE, format!("{name}: {detail}")))
        }
        Answer::Gone => Err(Failure::new(
            exit::UNAVAILABLE,
            format!("{name}: gone (410)"),
        )),
        Answer::NotModified(_) => Err(Failure::new(
            exit::UNAVAILABLE,
            format!("{name}: answered 304 to a request without validators"),
        )),
    }
}

/// How requests are made: as configured, or by default where there is no
/// configuration, since `parse` needs none.
pub(super) fn http(global: &Global) -> Result<Http, Failure> {
    match global.find() {
        Ok((path, environment)) => config::load(&path, &environment)
            .map(|(config, _)| config.http)
            .map_err(|problems| Failure::new(exit::CONFIG, problems)),
        Err(_) if global.config.is_none() => Ok(Http::default()),
        Err(failure) => Err(failure),
    }
}
