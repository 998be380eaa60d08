//! `[host."NAME"]`: what the operator says of a host.

use super::item::Table;
use super::settings;
use crate::policy::host::{Host, HostOverride, HostRules};
use url::Url;

/// What is known of hosts: the built-in rules with what the tables say.
pub(super) fn hosts(table: &Table<'_>) -> HostRules {
    let mut overrides = Vec::new();
    for (name, place, item) in table.named() {
        let host = host(name);
        if host.is_none() {
            let message = format!("`{name}` is not the name of a host");
            let draft = super::reading::Draft::error(place, &item.path, message);
            item.reading
                .note(draft.help("write a name between quotes, such as [host.\"example.org\"]"));
        }
        let Some(table) = item.table() else {
            continue;
        };
        // No wait at all is for hosts of one's own.
        let spacing = table.get("spacing").and_then(|item| item.duration());
        let floor = table
            .get("floor")
            .and_then(|item| settings::positive(&item));
        table.finish();
        if let Some(host) = host {
            overrides.push((host, HostOverride { spacing, floor }));
        }
    }
    HostRules::new(overrides)
}

fn host(name: &str) -> Option<Host> {
    let url = Url::parse(&format!("http://{name}/")).ok()?;
    let plain = url.port().is_none() && url.path() == "/" && url.username().is_empty();
    plain.then(|| Host::of(&url)).filter(|_| !name.is_empty())
}
