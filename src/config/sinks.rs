//! `[sink.NAME.KIND]`.

use super::item::{Item, Table};
use super::reading::Draft;
use super::tree::Value;
use super::{
    Format, SigningKey, SigningKeyError, SinkConfig, SinkKind, WebhookConfig, email, feeds,
    file_sink, format, lint, secret, settings,
};
use crate::policy::SinkName;
use jiff::SignedDuration;

/// How long a delivery is tried, unless the sink says otherwise.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(72);

/// The most keys of one webhook: the current one and some that are going.
const KEYS_MAX: usize = 8;

/// Every sink that is sound, in the order of the file.
pub(super) fn sinks(table: &Table<'_>) -> Vec<SinkConfig> {
    let mut sinks = Vec::new();
    let mut claims = file_sink::Claims::new();
    for (name, place, item) in table.named() {
        let name = item.name(name, place, SinkName::new);
        if let Some(table) = item.table() {
            sinks.extend(sink(name, &table, &mut claims));
        }
    }
    sinks
}

fn sink(
    name: Option<SinkName>,
    table: &Table<'_>,
    claims: &mut file_sink::Claims,
) -> Option<SinkConfig> {
    let log = table.get("log");
    let file = table.get("file");
    let webhook = table.get("webhook");
    let email = table.get("email");
    table.finish();
    let kinds = [&log, &file, &webhook, &email];
    let kinds: Vec<&Item<'_>> = kinds.into_iter().flatten().collect();
    // A kind that is misspelt has been noted as a key.
    if kinds.is_empty() && table.named().is_empty() {
        let draft = Draft::error(table.place, &table.path, "this sink is of no kind")
            .help(format!(
                "write [{path}.log], [{path}.file], [{path}.webhook] or [{path}.email]",
                path = table.path
            ))
            .doubtful();
        table.reading.note(draft);
    }
    if let Some(second) = kinds.get(1) {
        second.fail::<()>(
            "this sink is of more than one kind",
            "give each its own name: [sink.ONE.file], [sink.OTHER.webhook]",
        );
    }
    let log = log.and_then(|item| item.table()).and_then(|table| {
        let max_age = max_age(&table);
        table.finish();
        Some((SinkKind::Log, max_age?))
    });
    let file = file
        .and_then(|item| item.table())
        .and_then(|table| file_sink::read(&table, claims));
    let webhook = webhook
        .and_then(|item| item.table())
        .and_then(|table| webhook_sink(&table));
    let email = email
        .and_then(|item| item.table())
        .and_then(|table| email_sink(&table));
    let (kind, max_age) = log.or(file).or(webhook).or(email)?;
    Some(SinkConfig {
        name: name?,
        kind,
        max_age,
    })
}

pub(super) fn max_age(table: &Table<'_>) -> Option<SignedDuration> {
    match table.get("max_age") {
        Some(item) => settings::positive(&item),
        None => Some(MAX_AGE),
    }
}

fn email_sink(table: &Table<'_>) -> Option<(SinkKind, SignedDuration)> {
    let email = email::email(table);
    let max_age = max_age(table);
    table.finish();
    Some((SinkKind::Email(Box::new(email?)), max_age?))
}

fn webhook_sink(table: &Table<'_>) -> Option<(SinkKind, SignedDuration)> {
    let url = table
        .need("url", "\"https://hooks.example.org/wire\"")
        .and_then(|item| {
            let url = secret::read_address(&item)?;
            feeds::web_address(&item, url.expose())?;
            Some(url)
        });
    let secret = table.get("secret");
    if let Some(item) = &secret {
        item.reading.hide_value(item.node);
    }
    let format = format::format(table);
    let headers = table.get("headers").map(|item| feeds::headers(&item));
    let rate = table.get("rate").map(|item| item.rate());
    let max_age = max_age(table);
    table.finish();
    let (format_word, format) = format?;
    let keys = if let Some(item) = &secret {
        keys(item)?
    } else {
        // Receivers of other formats have nothing to verify a signature with.
        if matches!(format, Format::Standard | Format::CloudEvents { .. }) {
            lint::unsigned(table);
        }
        Vec::new()
    };
    let webhook = WebhookConfig {
        url: url?,
        keys,
        format,
        format_word,
        headers: headers.unwrap_or_default(),
        rate: rate.map_or(Some(None), |rate| rate.map(Some))?,
    };
    Some((SinkKind::Webhook(Box::new(webhook)), max_age?))
}

/// One secret, or a list of them: the first signs for the receivers that have
/// it already, the others for those that do not.
fn keys(item: &Item<'_>) -> Option<Vec<SigningKey>> {
    let Value::List(_) = &item.node.value else {
        return Some(vec![key(item)?]);
    };
    let items = item.list()?;
    if items.is_empty() || items.len() > KEYS_MAX {
        return item.fail(
            format!("there are {} secrets", items.len()),
            &format!("give 1 to {KEYS_MAX}, or remove the key"),
        );
    }
    let keys: Vec<_> = items.iter().filter_map(key).collect();
    (keys.len() == items.len()).then_some(keys)
}

fn key(item: &Item<'_>) -> Option<SigningKey> {
    const SHARED: &str = "make one: echo \"whsec_$(head -c 32 /dev/urandom | base64)\"; the receiver needs it as well";
    const PRIVATE: &str = "make one: echo \"whsk_$(head -c 32 /dev/urandom | base64)\"; `wirewatch sinks` prints its public key for the receiver";
    let secret = secret::read(item)?;
    SigningKey::parse(secret.expose())
        .map_err(|error| {
            let of_pair = matches!(
                error,
                SigningKeyError::Public
                    | SigningKeyError::Base64("whsk_")
                    | SigningKeyError::PrivateLength(_)
                    | SigningKeyError::Halves
            );
            let help = if of_pair { PRIVATE } else { SHARED };
            item.fail::<()>(error.to_string(), help)
        })
        .ok()
}
