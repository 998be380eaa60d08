//! `[sink.NAME.email]`.

use super::item::{Item, Table};
use super::{EmailConfig, MailTls, Secret, secret};
use lettre::message::Mailbox;
use url::{Host, Url};

/// Where letters are handed in by TLS from the start (RFC 8314, section 7.3).
const PORT_IMPLICIT: u16 = 465;
/// Where they are handed in by those who may (RFC 6409, section 3.1).
const PORT_SUBMISSION: u16 = 587;
/// Where servers hear each other, and a server of this machine hears us.
const PORT_RELAY: u16 = 25;
/// The most addresses that one letter goes to.
const RECIPIENTS_MAX: usize = 50;

const SERVER_HELP: &str =
    "write \"smtps://mail.example.org\" (TLS) or \"smtp://mail.example.org:587\" (STARTTLS)";

pub(super) fn email(table: &Table<'_>) -> Option<EmailConfig> {
    let server = table
        .need("server", "\"smtps://mail.example.org\"")
        .and_then(|item| server(&item));
    let tls = match table.get("tls") {
        Some(item) => item
            .word(&[("starttls", MailTls::StartTls), ("none", MailTls::None)])
            .map(|tls| Some((item, tls))),
        None => Some(None),
    };
    let from = table
        .need("from", "\"wirewatch@example.org\"")
        .and_then(|item| mailbox(&item));
    let to = table
        .need("to", "[\"newsroom@example.org\"]")
        .and_then(|item| recipients(&item));
    let reply_to = match table.get("reply_to") {
        Some(item) => mailbox(&item).map(Some),
        None => Some(None),
    };
    let (user, password) = (table.get("username"), table.get("password"));
    let login = match (&user, &password) {
        (None, None) => Some(None),
        _ => login(user.as_ref(), password.as_ref()).map(Some),
    };
    let (server, tls, login) = (server?, tls?, login?);
    let tls = transport(&server, tls.as_ref())?;
    if let Some(item) = &password
        && tls == MailTls::None
        && !server.local
    {
        return item.fail(
            "the password would cross the network for anybody to read",
            "remove `tls = \"none\"`, or the password",
        );
    }
    let port = server.port.unwrap_or(match tls {
        MailTls::Implicit => PORT_IMPLICIT,
        MailTls::StartTls => PORT_SUBMISSION,
        MailTls::None => PORT_RELAY,
    });
    Some(EmailConfig {
        host: server.host,
        port,
        tls,
        login,
        from: from?,
        to: to?,
        reply_to: reply_to?,
    })
}

struct Server {
    host: String,
    port: Option<u16>,
    implicit: bool,
    /// Whether it is on this machine, so that nobody is on the way to it.
    local: bool,
}

fn server(item: &Item<'_>) -> Option<Server> {
    let text = item.filled()?;
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "smtp" | "smtps"));
    let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
    let (Some(url), Some(host)) = (url, host.filter(|host| !host.is_empty())) else {
        item.reading.hide_value(item.node);
        return item.fail("this is not the address of a mail server", SERVER_HELP);
    };
    if url.password().is_some() || !url.username().is_empty() {
        item.reading.hide_value(item.node);
        return item.fail(
            "a user name or password does not belong into the address",
            "write `username` and `password`, which can stand in a file of its own",
        );
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return item.fail("a mail server has no path", SERVER_HELP);
    }
    // Hosts of schemes that are not the web's are not parsed as addresses.
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let local = match Host::parse(&host) {
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Ok(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Err(_) => return item.fail("the address names no host", SERVER_HELP),
    };
    Some(Server {
        host: literal.to_owned(),
        port: url.port(),
        implicit: url.scheme() == "smtps",
        local,
    })
}

/// How the connection is protected: always, but on the way to this machine.
fn transport(server: &Server, tls: Option<&(Item<'_>, MailTls)>) -> Option<MailTls> {
    match tls {
        Some((item, _)) if server.implicit => item.fail(
            "`smtps:` is TLS from the start",
            "remove `tls`, or write an `smtp:` address",
        ),
        None if server.implicit => Some(MailTls::Implicit),
        Some((_, tls)) => Some(*tls),
        None if server.local => Some(MailTls::None),
        None => Some(MailTls::StartTls),
    }
}

/// User name and password: either both or neither.
fn login(user: Option<&Item<'_>>, password: Option<&Item<'_>>) -> Option<(String, Secret)> {
    let secret = password.map(secret::read);
    match (user, secret) {
        (Some(user), Some(secret)) => Some((user.filled()?.to_owned(), secret?)),
        (Some(user), None) => user.fail("there is no password for it", "add `password`"),
        _ => password?.fail("there is no user name for it", "add `username`"),
    }
}

fn recipients(item: &Item<'_>) -> Option<Vec<Mailbox>> {
    let items = item.list()?;
    if items.is_empty() || items.len() > RECIPIENTS_MAX {
        return item.fail(
            format!("there are {} addresses", items.len()),
            &format!("write 1 to {RECIPIENTS_MAX}; a list server knows more"),
        );
    }
    let boxes: Vec<Mailbox> = items.iter().filter_map(mailbox).collect();
    (boxes.len() == items.len()).then_some(boxes)
}

fn mailbox(item: &Item<'_>) -> Option<Mailbox> {
    const HELP: &str = "write one such as \"newsroom@example.org\" or \"News <news@example.org>\"";
    let text = item.filled()?;
    let active = text.chars().any(char::is_control);
    match text.parse::<Mailbox>() {
        Ok(mailbox) if !active && mailbox.email.to_string().is_ascii() => Some(mailbox),
        Ok(_) if !active => item.fail("only addresses in ASCII reach every server", HELP),
        _ => item.fail("this is not a mail address", HELP),
    }
}
