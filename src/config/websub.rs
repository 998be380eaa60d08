//! `[websub]`: where hubs reach us.

use super::feeds::web_address;
use super::item::Item;
use super::{WebSub, settings};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use url::Url;

/// Where the callback is served without a word of the operator's.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8631);

/// What the table says.
pub(super) fn websub(item: &Item<'_>) -> Option<WebSub> {
    let table = item.table()?;
    let callback = table.need("callback", "\"https://monitor.example.org/websub\"");
    let callback = callback.and_then(|item| callback_of(&item));
    let listen = table.get("listen").map(|item| settings::listen(&item));
    table.finish();
    Some(WebSub {
        callback: callback?,
        listen: listen.unwrap_or(Some(LISTEN))?,
    })
}

fn callback_of(item: &Item<'_>) -> Option<Url> {
    let text = item.filled()?;
    if text.contains('@') {
        item.reading.hide_value(item.node);
    }
    let url = web_address(item, text)?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !plain {
        return item.fail(
            "only a host and a path can stand here",
            "each subscription adds an end of its own: write one such as \"https://monitor.example.org/websub\"",
        );
    }
    Some(url)
}
