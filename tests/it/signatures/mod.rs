//! Receivers that verify with the libraries of Standard Webhooks take what the
//! real binary sends for good, at every attempt and with every key, and nothing
//! that was changed on the way.
//!
//! The library for Rust is always there. Those for Python and JavaScript are looked
//! for in the folders `python` and `javascript` of the folder that
//! `STANDARD_WEBHOOKS_LIBRARIES` names; `.ci/run` puts them there.

use crate::support::{Page, Receiver, Site, Webhook, Wirewatch, entry, rss};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Keys that are good for tests only: two secrets, and two pairs.
const SHARED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SHARED_NEXT: &str = "whsec_YSBzZWNyZXQgZm9yIHRlc3RzIHRoYXQgaXMgdG8gdGFrZSBvdmVyLCA2NCBieXRlcyBsb25nIGF0IG1vc3QuLg==";
const SEED: &str = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
/// A seed with its public key (RFC 8032, section 7.1, test 1).
const PAIR: &str =
    "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";

/// The sinks, with the keys of each.
const SINKS: [(&str, &[&str]); 4] = [
    ("shared", &[SHARED]),
    ("private", &[SEED]),
    ("rotating", &[SHARED_NEXT, SHARED]),
    ("mixed", &[SHARED_NEXT, PAIR, SHARED, SEED]),
];

/// How many alerts each sink gets.
const ALERTS: usize = 2;

/// A receiver's part of a delivery: the keys that it verifies with.
struct Received {
    webhook: Webhook,
    keys: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn official_libraries_verify_every_attempt() {
    let received = deliver().await;
    let signatures: usize = received.iter().map(|it| it.keys.len()).sum();
    for received in &received {
        verify(received);
    }
    let mut with = vec!["Rust"];
    let lines: String = received.iter().map(|it| line(it) + "\n").collect();
    for (language, command) in [("Python", python()), ("JavaScript", javascript())] {
        if let Some(command) = command {
            let expected = json!([signatures, 4 * signatures]);
            assert_eq!(run(command, &lines), expected, "{language}");
            with.push(language);
        }
    }
    // Straight to standard error, since a test that passes shows nothing else.
    let told = writeln!(
        std::io::stderr(),
        "verified {signatures} signatures of {} attempts with the official libraries for {}{}",
        received.len(),
        with.join(", "),
        if with.len() < 3 {
            "; the others are not in $STANDARD_WEBHOOKS_LIBRARIES"
        } else {
            ""
        }
    );
    told.expect("standard error");
}

/// Has two alerts delivered to each sink, each at the second attempt; gives all
/// attempts.
async fn deliver() -> Vec<Received> {
    let (site, mut receivers) = (Site::open().await, Vec::new());
    let title = "Pyongyang “non-aggression pact” – 핵 문제, Kim Jong-ŭn & 10 €";
    let items = [
        entry(
            "one",
            "Pyongyang wants a non-aggression pact",
            "Talks go on.",
        ),
        entry("two", &title.replace('&', "&amp;"), "Ñandú. Σ."),
    ];
    site.set("/rss", Page::Document(rss(&items)));
    let feed = site.url(1, "/rss");
    let mut config = format!("[feed.wire]\nurl = \"{feed}\"\nfirst_run = \"all\"\n");
    for (name, keys) in SINKS {
        let receiver = Receiver::open().await;
        receiver.answer(|attempt| Some(if attempt <= ALERTS { 503 } else { 204 }));
        config += &receiver.sink_signing(name, &json!(keys).to_string());
        receivers.push(receiver);
    }
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    let mut all = Vec::new();
    for ((name, keys), receiver) in SINKS.iter().zip(&receivers) {
        receiver.wait_for(ALERTS).await;
        let tried = receiver.tried();
        check_attempts(&tried);
        let keys = verifying(&wirewatch, name, keys);
        all.extend(tried.into_iter().map(|webhook| Received {
            webhook,
            keys: keys.clone(),
        }));
    }
    all
}

/// Every attempt at a delivery has its id and its bytes, and a time and a signature
/// of its own.
fn check_attempts(tried: &[Webhook]) {
    let mut retried = 0;
    for (index, first) in tried.iter().enumerate() {
        for second in tried.iter().skip(index + 1).filter(|it| it.id == first.id) {
            retried += 1;
            assert_eq!(first.bytes(), second.bytes());
            for header in ["webhook-timestamp", "webhook-signature"] {
                assert_ne!(first.header(header), second.header(header), "{header}");
            }
        }
    }
    assert!(retried >= ALERTS, "{retried}");
}

/// What a receiver verifies with: the secrets, and the public keys that
/// `wirewatch sinks` prints in the place of the private ones.
fn verifying(wirewatch: &Wirewatch, name: &str, keys: &[&str]) -> Vec<String> {
    let listed = wirewatch.command(&["sinks", "--json"]);
    let sink = listed
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|sink| sink["name"] == name)
        .expect("the sink is listed");
    let public = sink["public_keys"].as_array().expect("a list");
    let public = public.iter().map(|key| key.as_str().expect("a key"));
    let secrets = keys.iter().copied().filter(|key| key.starts_with("whsec_"));
    let verifying: Vec<String> = secrets.chain(public).map(str::to_owned).collect();
    assert_eq!(verifying.len(), keys.len());
    verifying
}

/// Verifies in Rust, and that nothing else verifies.
fn verify(received: &Received) {
    let Received { webhook, keys } = received;
    let mut changed = webhook.bytes().to_vec();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let public = |key: &str, body: &[u8]| {
        let key = STANDARD.decode(key).expect("base64");
        let verifier = UnparsedPublicKey::new(&ED25519, key);
        let (id, at) = (
            webhook.header("webhook-id"),
            webhook.header("webhook-timestamp"),
        );
        let content = [format!("{id}.{at}.").as_bytes(), body].concat();
        webhook
            .header("webhook-signature")
            .split(' ')
            .any(|signature| {
                let signature = signature.strip_prefix("v1a,").unwrap_or_default();
                let signature = STANDARD.decode(signature).expect("base64");
                verifier.verify(&content, &signature).is_ok()
            })
    };
    for key in keys {
        let verifies = |body: &[u8]| match key.strip_prefix("whpk_") {
            Some(key) => public(key, body),
            None => webhook.is_signed_with(key, body),
        };
        assert!(verifies(webhook.bytes()), "{key}");
        assert!(!verifies(&changed), "{key}");
    }
    assert!(!webhook.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", webhook.bytes()));
    let signatures = webhook.header("webhook-signature").split(' ').count();
    assert_eq!(signatures, keys.len());
}

/// A delivery as the scripts beside this file read it.
fn line(received: &Received) -> String {
    let webhook = &received.webhook;
    json!({
        "id": webhook.header("webhook-id"),
        "timestamp": webhook.header("webhook-timestamp"),
        "signature": webhook.header("webhook-signature"),
        "body": std::str::from_utf8(webhook.bytes()).expect("UTF-8"),
        "keys": received.keys,
    })
    .to_string()
}

fn python() -> Option<Command> {
    let library = library("python")?;
    Some(script("python3", "verify.py", "PYTHONPATH", &library))
}

fn javascript() -> Option<Command> {
    let library = library("javascript/node_modules")?;
    Some(script("node", "verify.cjs", "NODE_PATH", &library))
}

/// A script beside this file, with the folder where its language finds libraries.
fn script(interpreter: &str, name: &str, variable: &str, library: &Path) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/signatures");
    let mut command = Command::new(interpreter);
    command.arg(folder.join(name)).env(variable, library);
    command
}

/// The folder of a language, if it has the library.
fn library(folder: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("STANDARD_WEBHOOKS_LIBRARIES")?).join(folder);
    folder.join("standardwebhooks").is_dir().then_some(folder)
}

/// Runs a script on these lines; gives what it printed.
fn run(mut command: Command, lines: &str) -> Value {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = lines.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writing.join().expect("it writes").expect("it reads");
    assert!(output.status.success(), "{}", output.status);
    serde_json::from_slice(&output.stdout).expect("two counts")
}
