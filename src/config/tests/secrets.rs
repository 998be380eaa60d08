//! Secrets are read from where they are kept and never shown.

use super::Folder;
use crate::config::{Level, Lint, SigningKey, SinkKind};

/// A part of every secret in these tests.
const MARK: &str = "c2VjcmV0";

fn whsec() -> String {
    format!("whsec_{}", MARK.repeat(4))
}

fn whsk() -> String {
    format!("whsk_{}{MARK}c2U=", MARK.repeat(4))
}

fn folder(secret: &str) -> Folder {
    Folder::new(&[
        (
            "wirewatch.toml",
            &format!(
                "[sink.a.webhook]\nurl = \"https://u:{MARK}@example.org/{MARK}\"\nsecret = {secret}\n"
            ),
        ),
        ("keys/hook", &format!("{}\n", whsec())),
    ])
}

#[test]
fn a_secret_is_found_wherever_it_is_kept() {
    let both = format!("[{{ file = \"keys/hook\" }}, \"{}\"]", whsec());
    let mixed = format!("[\"{}\", \"{}\"]", whsec(), whsk());
    let rows = [
        (format!("\"{}\"", whsec()), 1),
        ("{ file = \"keys/hook\" }".to_owned(), 1),
        ("{ env = \"HOOK\" }".to_owned(), 1),
        ("{ credential = \"hook\" }".to_owned(), 1),
        (both, 2),
        (mixed, 2),
    ];
    for (secret, count) in rows {
        let folder = folder(&secret);
        let credentials = folder.path("keys");
        let variables = [
            ("HOOK", whsec()),
            ("CREDENTIALS_DIRECTORY", credentials.display().to_string()),
        ];
        let variables = variables.each_ref().map(|(a, b)| (*a, b.as_str()));
        let (config, warnings) = folder
            .load(&variables)
            .unwrap_or_else(|problems| panic!("{secret}: {problems}"));
        let SinkKind::Webhook(webhook) = &config.sinks[0].kind else {
            panic!("{:?}", config.sinks);
        };
        let keys = &webhook.keys;
        assert_eq!(keys.len(), count, "{secret}");
        let SigningKey::Shared(key) = &keys[0] else {
            panic!("{keys:?}");
        };
        assert_eq!(key.expose(), &b"secret".repeat(4));
        let shown = format!("{config:?} {warnings:?}");
        assert!(!shown.contains(MARK), "{shown}");
    }
}

#[test]
fn a_literal_secret_in_a_file_that_all_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&format!("\"{}\"", whsec()));
    for (mode, expected) in [(0o644, true), (0o640, false)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path("wirewatch.toml"), permissions).unwrap();
        let (_, warnings) = folder.load(&[]).unwrap();
        let warned = warnings
            .iter()
            .any(|warning| warning.level == Level::Warning(Lint::ReadableSecret));
        assert_eq!(warned, expected, "{mode:o}");
    }
}

#[test]
fn no_mistake_shows_a_secret() {
    let rows = [
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"MARK\"\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"whsec_MARK\"\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"whsk_MARK\"\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"whpk_MARK\"\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecrt = \"whsk_MARK\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = [\"whsec_MARK\", \"MARK\"]\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecrt = \"MARK\"\n",
        "[sink.a.webhook]\nurl = \"MARK\"\n",
        "[sink.a.webhook]\nurl = \"MARK:MARK\"\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = { value = \"MARK\" }\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"MARK\n",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"\"\"x\nMARK",
        "[sink.a.webhook]\nurl = \"https://example.org\"\nsecret = \"a\"\nsecret = \"MARK\"\n",
        "[sink.a]\nwebhook = { url = \"https://example.org\", secret = \"MARK\", x = 1 }\n",
        "[sinks]\na = { webhook = { secret = \"MARK\" } }\n",
        "[feed.a]\nurl = \"https://u:MARK@\"\n",
        "[feed.a]\nurl = \"https://u:MARK@example.org\"\nusername = \"x\"\n",
        "[feed.a]\nurl = \"https://example.org\"\npassword = \"MARK\"\n",
        "[feed.a]\nurl = \"https://example.org\"\npasswrd = \"MARK\"\n",
        "[feed.a]\nurl = \"https://example.org\"\nheaders = \"X: MARK\"\n",
        "[feed.a]\nurl = \"https://example.org\"\nheaders = { \"a b\" = \"MARK\", c = \"MARK\u{7}\" }\n",
        "[http]\nproxy = \"socks5://u:MARK@example.org\"\n",
        "[store]\nurl = \"postgres://u:MARK@example.org\"\n",
    ];
    for row in rows {
        let text = row.replace("MARK", MARK);
        let problems = super::load_text(&text).unwrap_err();
        let shown = format!("{problems} {problems:?}");
        assert!(!shown.contains(MARK), "{row}\n{shown}");
    }
}
