//! The tables that are there once: `[daemon]`, `[store]` and `[http]`.

use super::item::{Item, Table};
use super::later;
use super::{Daemon, Http, LogFormat, StoreConfig};
use ipnet::IpNet;
use jiff::SignedDuration;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use url::Url;

const LOG_FORMATS: [(&str, LogFormat); 3] = [
    ("auto", LogFormat::Auto),
    ("text", LogFormat::Text),
    ("json", LogFormat::Json),
];

/// A shorter timeout fails on every slow link of the world.
const TIMEOUT_MIN: SignedDuration = SignedDuration::from_secs(1);
/// The largest `body_max`: a body is held in memory.
const BODY_BYTES_MAX: u64 = 1 << 30;

pub(super) fn daemon(table: &Table<'_>) -> Option<Daemon> {
    let state_dir = table.get("state_dir").and_then(|item| state_dir(&item));
    let log_format = table
        .get("log_format")
        .and_then(|item| item.word(&LOG_FORMATS));
    // An empty text is how listening is turned off in an environment.
    let listen = table.get("listen");
    let listen = listen.filter(|item| item.text().is_none_or(|text| !text.is_empty()));
    let listen = listen.map(|item| self::listen(&item));
    later::refuse_keys(table, "daemon");
    table.finish();
    Some(Daemon {
        state_dir: state_dir?,
        log_format: log_format?,
        listen: listen.map_or(Some(None), |listen| listen.map(Some))?,
    })
}

/// An address to listen at.
pub(super) fn listen(item: &Item<'_>) -> Option<SocketAddr> {
    let text = item.filled()?;
    let address = text.trim().parse().ok();
    if address.is_none() {
        return item.fail(
            "this is not an address to listen at",
            "write an address of this machine and a port, such as \"127.0.0.1:8631\" or \"[::1]:8631\"",
        );
    }
    address
}

fn state_dir(item: &Item<'_>) -> Option<PathBuf> {
    if !item.text()?.is_empty() {
        return item.file_path();
    }
    let folder = item.reading.environment.state_dir();
    if folder.is_none() {
        return item.fail(
            "there is no folder for state: neither $STATE_DIRECTORY nor a home directory is known",
            "set daemon.state_dir",
        );
    }
    folder
}

pub(super) fn store(table: &Table<'_>) -> Option<StoreConfig> {
    if let Some(item) = table.get("url") {
        store_url(&item);
    }
    let retain = table.get("retain").and_then(|item| positive(&item));
    table.finish();
    Some(StoreConfig { retain: retain? })
}

fn store_url(item: &Item<'_>) {
    let Some(text) = item.text() else {
        return;
    };
    if text == "sqlite" {
        return;
    }
    // Whatever follows may hold a password.
    item.reading.hide_value(item.node);
    let message = if text.starts_with("postgres") {
        "this version cannot use PostgreSQL yet"
    } else {
        "there is no such store"
    };
    item.fail::<()>(message, "write url = \"sqlite\", or remove the key");
}

pub(super) fn http(table: &Table<'_>) -> Option<Http> {
    let contact = table.get("contact").and_then(|item| contact(&item));
    let timeout = table.get("timeout").and_then(|item| timeout(&item));
    let body_bytes_max = table.get("body_max").and_then(|item| body_max(&item));
    let allow = table.get("allow").map(|item| networks(&item));
    let proxy = table.get("proxy").and_then(|item| proxy(&item));
    table.finish();
    Some(Http {
        contact: contact?,
        timeout: timeout?,
        body_bytes_max: body_bytes_max?,
        allow: allow.unwrap_or_default(),
        proxy,
    })
}

fn contact(item: &Item<'_>) -> Option<String> {
    let text = item.text()?.trim();
    if !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return item.fail(
            "this cannot stand in a header of a request",
            "write an address of a page or a mailbox in ASCII",
        );
    }
    Some(text.to_owned())
}

fn timeout(item: &Item<'_>) -> Option<SignedDuration> {
    let timeout = item.duration()?;
    if timeout < TIMEOUT_MIN {
        return item.fail("the timeout is too short", "write \"1s\" or more");
    }
    Some(timeout)
}

fn body_max(item: &Item<'_>) -> Option<u64> {
    let bytes = item.size()?;
    if bytes == 0 || bytes > BODY_BYTES_MAX {
        return item.fail(
            "no body can have this size",
            "write a size between 1 and \"1GiB\"",
        );
    }
    Some(bytes)
}

fn networks(item: &Item<'_>) -> Vec<IpNet> {
    let network = |(item, text): (Item<'_>, &str)| {
        let network = text
            .parse::<IpNet>()
            .ok()
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        if network.is_none() {
            let message = format!("`{text}` is not a network");
            return item.fail(
                message,
                "write a network such as \"10.0.0.0/8\", or an address",
            );
        }
        network.map(|network| network.trunc())
    };
    item.texts().into_iter().filter_map(network).collect()
}

fn proxy(item: &Item<'_>) -> Option<Url> {
    let text = item.text()?;
    if text.is_empty() {
        return None;
    }
    if text.contains('@') {
        item.reading.hide_value(item.node);
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
        _ => item.fail(
            "this is not the address of a proxy",
            "write one such as \"http://proxy.example.org:3128\"",
        ),
    }
}

/// A duration that is more than none.
pub(super) fn positive(item: &Item<'_>) -> Option<SignedDuration> {
    let duration = item.duration()?;
    if duration.is_zero() {
        return item.fail(
            "this must be more than nothing",
            super::amounts::DURATION_HELP,
        );
    }
    Some(duration)
}
