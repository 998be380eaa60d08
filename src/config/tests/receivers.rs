//! What each kind of receiver needs, and what is said when it is missing.

use super::mistakes::{Row, check};
use super::{Folder, load_text};
use crate::config::{Format, MailTls, SinkKind};

/// A part of every secret in these tests.
const MARK: &str = "hunter2";

/// The sink of a configuration with only that one.
fn sink(text: &str) -> SinkKind {
    let loaded = load_text(text);
    let (config, _) = loaded.unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    let shown = format!("{config:?}");
    assert!(!shown.contains(MARK), "{shown}");
    config.sinks.into_iter().next().unwrap().kind
}

fn format(keys: &str) -> Format {
    let text = format!("[sink.a.webhook]\nurl = \"https://example.org/x\"\n{keys}\n");
    let SinkKind::Webhook(webhook) = sink(&text) else {
        panic!("{text}");
    };
    webhook.format
}

#[test]
fn every_receiver_is_understood() {
    let secret = format!("\"{MARK}\"");
    for (keys, expected) in [
        (
            "format = \"cloudevents\"\nsource = \"https://example.org/news desk\"",
            false,
        ),
        (
            "format = \"cloudevents\"\nsource = \"urn:example:desk\"",
            true,
        ),
        ("format = \"cloudevents\"", true),
        ("format = \"ntfy\"", true),
        (&format!("format = \"ntfy\"\ntoken = {secret}"), true),
        (&format!("format = \"gotify\"\ntoken = {secret}"), true),
        ("format = \"gotify\"", false),
        (&format!("format = \"gotify\"\ntoken = \"{MARK} \""), false),
        (
            &format!("format = \"pushover\"\ntoken = {secret}\nuser = {secret}"),
            true,
        ),
        (&format!("format = \"pushover\"\ntoken = {secret}"), false),
        (
            &format!("format = \"pagerduty\"\nrouting_key = {secret}"),
            true,
        ),
        ("format = \"pagerduty\"", false),
        ("format = \"alertmanager\"", true),
        ("format = \"alertmanager\"\nresolve_after = \"10m\"", true),
        ("format = \"alertmanager\"\nresolve_after = \"0s\"", false),
        ("format = \"apprise\"", true),
        (
            &format!("format = \"apprise\"\nurls = [{secret}]\ntags = [\"desk\"]"),
            true,
        ),
        (
            "format = \"template\"\ntemplate = \"{{ title | json }}\"",
            true,
        ),
        (
            "format = \"template\"\ntemplate = \"{{ title }}\"\ncontent_type = \"text/plain\"\nmethod = \"PUT\"",
            true,
        ),
        ("format = \"template\"", false),
        (
            "format = \"template\"\ntemplate = \"{{ title }}\"\ncontent_type = \"text\\n/plain\"",
            false,
        ),
        (
            "format = \"template\"\ntemplate = \"{{ title }}\"\nmethod = \"GET\"",
            false,
        ),
        (&format!("format = \"standard\"\ntoken = {secret}"), false),
    ] {
        let text = format!("[sink.a.webhook]\nurl = \"https://example.org/x\"\n{keys}\n");
        match load_text(&text) {
            Ok((config, _)) => assert!(expected && !format!("{config:?}").contains(MARK), "{keys}"),
            Err(problems) => {
                assert!(!expected, "{keys}: {problems}");
                assert!(!problems.to_string().contains(MARK), "{problems}");
            }
        }
    }
}

#[test]
fn what_is_not_said_has_a_value() {
    assert!(matches!(
        format("format = \"cloudevents\""),
        Format::CloudEvents { source } if source == "/wirewatch"
    ));
    assert!(matches!(
        format("format = \"alertmanager\""),
        Format::Alertmanager { resolve_after } if resolve_after.as_mins() == 60
    ));
    let Format::Template(template) = format("format = \"template\"\ntemplate = \"[{{ title }}]\"")
    else {
        panic!("no template");
    };
    assert_eq!(
        (template.content_type.as_str(), template.put),
        ("application/json", false)
    );
}

#[test]
fn a_mail_server_is_reached_by_tls_unless_it_is_here() {
    for (keys, expected) in [
        (
            "server = \"smtps://mail.example.org\"",
            ("mail.example.org", 465, MailTls::Implicit),
        ),
        (
            "server = \"smtps://mail.example.org:4465\"",
            ("mail.example.org", 4465, MailTls::Implicit),
        ),
        (
            "server = \"smtp://mail.example.org\"",
            ("mail.example.org", 587, MailTls::StartTls),
        ),
        (
            "server = \"smtp://192.0.2.1:25\"",
            ("192.0.2.1", 25, MailTls::StartTls),
        ),
        (
            "server = \"smtp://[2001:db8::1]\"",
            ("2001:db8::1", 587, MailTls::StartTls),
        ),
        (
            "server = \"smtp://localhost\"",
            ("localhost", 25, MailTls::None),
        ),
        (
            "server = \"smtp://127.0.0.1:1025/\"",
            ("127.0.0.1", 1025, MailTls::None),
        ),
        ("server = \"smtp://[::1]\"", ("::1", 25, MailTls::None)),
        (
            "server = \"smtp://localhost\"\ntls = \"starttls\"",
            ("localhost", 587, MailTls::StartTls),
        ),
        (
            "server = \"smtp://relay.example.org\"\ntls = \"none\"",
            ("relay.example.org", 25, MailTls::None),
        ),
    ] {
        let SinkKind::Email(email) = sink(&format!(
            "[sink.a.email]\n{keys}\nfrom = \"a@example.org\"\nto = [\"B <b@example.org>\"]\n"
        )) else {
            panic!("{keys}");
        };
        assert_eq!(
            (email.host.as_str(), email.port, email.tls),
            expected,
            "{keys}"
        );
        assert_eq!(email.to[0].name.as_deref(), Some("B"));
        assert!(email.login.is_none());
    }
    let SinkKind::Email(email) = sink(&format!(
        "[sink.a.email]\nserver = \"smtps://mail.example.org\"\nusername = \"u\"\npassword = \"{MARK}\"\n\
         from = \"a@example.org\"\nto = [\"b@example.org\"]\nreply_to = \"c@example.org\"\n"
    )) else {
        panic!("no e-mail");
    };
    let (user, password) = email.login.unwrap();
    assert_eq!((user.as_str(), password.expose().as_str()), ("u", MARK));
    assert_eq!(email.reply_to.unwrap().to_string(), "c@example.org");
}

#[test]
fn a_misspelt_or_broken_key_shows_no_secret() {
    for line in [
        "routing_kye = \"hunter2\"",
        "routing_key = \"hunter2",
        "usr = \"hunter2\"",
        "user = hunter2",
        "tokn = \"hunter2\"",
        "urls = [\"tgram://hunter2\"",
        "url5 = [\"tgram://hunter2\"]",
        "routing_key = [\"hunter2\"]",
        "user = 7\nurls = \"hunter2\"",
    ] {
        for format in ["pagerduty", "pushover", "apprise", "gotify"] {
            let text = format!(
                "[sink.a.webhook]\nurl = \"https://example.org\"\nformat = \"{format}\"\n{line}\n"
            );
            let problems = load_text(&text).expect_err(line).to_string();
            assert!(!problems.contains(MARK), "{problems}");
        }
    }
}

#[test]
fn every_mistake_about_a_receiver_has_its_place_and_help() {
    for row in ROWS {
        let folder = Folder::new(&[("wirewatch.toml", row.text)]);
        check(row, "wirewatch.toml", &folder);
    }
}

#[test]
fn a_mistake_in_a_template_is_shown_at_its_line_of_its_file() {
    for (template, place, message) in [
        (
            "{\n  \"t\": {{ tilte }}\n}",
            "alert.jinja:2:11",
            "the template fails for a test: undefined value",
        ),
        (
            "{% for x in y",
            "alert.jinja:1:",
            "the template cannot be read: syntax error",
        ),
        (
            "{\"t\": {{ data.article.title }}}",
            "alert.jinja:1:",
            "the template fails for a digest",
        ),
        (
            "\"{{ title }}\"",
            "alert.jinja:1:1",
            "the template fails for a test: the template's output is not JSON",
        ),
    ] {
        let folder = Folder::new(&[
            (
                "wirewatch.toml",
                "[sink.a.webhook]\nurl = \"https://example.org\"\nformat = \"template\"\n\
                 template = { file = \"alert.jinja\" }\n",
            ),
            ("alert.jinja", template),
        ]);
        let problems = folder.load(&[]).expect_err(template);
        let [problem] = problems.0.as_slice() else {
            panic!("{problems}");
        };
        assert!(
            folder.inside(&problem.place).starts_with(place),
            "{problem}"
        );
        assert!(problem.message.starts_with(message), "{problem}");
        assert_eq!(problem.key.as_deref(), Some("sink.a.webhook.template.file"));
    }
}

const TEMPLATE_HELP: &str = "every message has `type`, `title`, `text`, `url`, `severity` and \
     `delivery`; ask for the rest: {% if type == \"article.matched\" %}";
const MAILBOX_HELP: &str =
    r#"write one such as "newsroom@example.org" or "News <news@example.org>""#;
const SERVER_HELP: &str =
    r#"write "smtps://mail.example.org" (TLS) or "smtp://mail.example.org:587" (STARTTLS)"#;

const ROWS: &[Row] = &[
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "cloudevents"
secret = "whsec_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="
source = "news desk"
"#,
        at: "5:10",
        message: "this is no URI reference, as CloudEvents wants for a source",
        key: "sink.a.webhook.source",
        help: r#"write an address or a path of your own: "https://example.org/wirewatch" or "/newsroom""#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "gotify"
token = "two words"
"#,
        at: "4:9",
        message: "the token has characters that no token has",
        key: "sink.a.webhook.token",
        help: "copy it again, without spaces or line ends around it",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "pagerduty"
"#,
        at: "1:1",
        message: "`routing_key` is missing",
        key: "sink.a.webhook.routing_key",
        help: r#"add a line such as: routing_key = { file = "pagerduty.key" }"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "template"
template = """
{
  "title": {{ title | shout }}
}
"""
"#,
        at: "6:23",
        message: "the template fails for a test: unknown filter: filter shout is unknown",
        key: "sink.a.webhook.template",
        help: TEMPLATE_HELP,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "template"
template = { file = "nowhere.jinja" }
"#,
        at: "4:21",
        message: "cannot read nowhere.jinja: No such file or directory (os error 2)",
        key: "sink.a.webhook.template.file",
        help: "the file holds the template and nothing else",
    },
    Row {
        text: r#"[sink.a.email]
server = "mail.example.org"
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "2:10",
        message: "this is not the address of a mail server",
        key: "sink.a.email.server",
        help: SERVER_HELP,
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://user:hunter2@mail.example.org"
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "2:10",
        message: "a user name or password does not belong into the address",
        key: "sink.a.email.server",
        help: "write `username` and `password`, which can stand in a file of its own",
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://mail.example.org"
tls = "none"
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "3:7",
        message: "`smtps:` is TLS from the start",
        key: "sink.a.email.tls",
        help: "remove `tls`, or write an `smtp:` address",
    },
    Row {
        text: r#"[sink.a.email]
server = "smtp://mail.example.org"
tls = "none"
username = "u"
password = { env = "HOME_OF_NOBODY" }
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "5:20",
        message: "the variable HOME_OF_NOBODY is not set",
        key: "sink.a.email.password.env",
        help: "set it for the process that runs wirewatch",
    },
    Row {
        text: r#"[sink.a.email]
server = "smtp://mail.example.org"
tls = "none"
username = "u"
password = "hunter2"
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "5:12",
        message: "the password would cross the network for anybody to read",
        key: "sink.a.email.password",
        help: "remove `tls = \"none\"`, or the password",
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://mail.example.org"
username = "u"
from = "a@example.org"
to = ["b@example.org"]
"#,
        at: "3:12",
        message: "there is no password for it",
        key: "sink.a.email.username",
        help: "add `password`",
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://mail.example.org"
from = "a@example.org\r\nBcc: c@example.org"
to = ["b@example.org"]
"#,
        at: "3:8",
        message: "this is not a mail address",
        key: "sink.a.email.from",
        help: MAILBOX_HELP,
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://mail.example.org"
from = "a@example.org"
to = ["b@example.org", "nobody"]
"#,
        at: "4:24",
        message: "this is not a mail address",
        key: "sink.a.email.to[1]",
        help: MAILBOX_HELP,
    },
    Row {
        text: r#"[sink.a.email]
server = "smtps://mail.example.org"
from = "a@example.org"
to = []
"#,
        at: "4:6",
        message: "there are 0 addresses",
        key: "sink.a.email.to",
        help: "write 1 to 50; a list server knows more",
    },
];
