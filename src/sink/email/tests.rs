//! What a mail server is told, what its answers mean, and how letters read.

use super::Email;
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::alert::payload::{alert_json, notice_json};
use crate::alert::{Alert, AlertId, sample};
use crate::config::{EmailConfig, Http, MailTls, Secret};
use crate::fetch::Client;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId, DeliveryOutcome};
use crate::sink::format::letter;
use jiff::Timestamp;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use mail_parser::{Header, Message, MessageParser};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

fn delivery(payload: Vec<u8>) -> Delivery {
    Delivery {
        id: DeliveryId("msg_5eed_desk".to_owned()),
        alert: AlertId("5eed".to_owned()),
        sink: SinkName::new("desk").unwrap(),
        seq: 1,
        payload,
        created_at: Timestamp::UNIX_EPOCH,
        attempts: 0,
        plain: false,
    }
}

fn alert() -> Alert {
    sample(Timestamp::from_second(1_069_664_400).unwrap()).unwrap()
}

fn config(port: u16, tls: MailTls) -> EmailConfig {
    EmailConfig {
        host: "127.0.0.1".to_owned(),
        port,
        tls,
        login: None,
        from: "wirewatch <watch@example.org>".parse().unwrap(),
        to: vec![
            "desk@example.org".parse().unwrap(),
            "\"Müller, Anna\" <anna@example.org>".parse().unwrap(),
        ],
        reply_to: Some("editor@example.org".parse().unwrap()),
    }
}

fn sink(config: &EmailConfig) -> Email {
    let client = Client::new(&Http::default()).unwrap();
    let name = SinkName::new("desk").unwrap();
    Email::open(&name, config, client).unwrap()
}

/// A mail server for one connection: what it answers to some commands, and all
/// that it was told.
struct Server {
    port: u16,
    heard: JoinSet<Vec<String>>,
}

impl Server {
    async fn heard(mut self) -> Vec<String> {
        self.heard.join_next().await.unwrap().unwrap()
    }
}

/// What a server answers instead of what it usually does, by the beginning of what
/// it is told; `hello` is what it says first, `.` what it says to a letter.
type Answers = &'static [(&'static str, &'static str)];

async fn serve(answers: Answers, tls: Option<TlsAcceptor>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut heard = JoinSet::new();
    heard.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        let plain = talk(stream, answers, tls.is_some(), true, &mut heard).await;
        if let (Some(stream), Some(tls)) = (plain, tls)
            && let Ok(stream) = tls.accept(stream).await
        {
            heard.push("(TLS)".to_owned());
            talk(stream, answers, false, false, &mut heard).await;
        }
        heard
    });
    Server { port, heard }
}

/// Gives the stream back when TLS is to be spoken on it.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    answers: Answers,
    starttls: bool,
    greet: bool,
    heard: &mut Vec<String>,
) -> Option<S> {
    let answer = |told: &str, usual: &str| {
        let other = answers.iter().find(|(start, _)| told.starts_with(start));
        format!("{}\r\n", other.map_or(usual, |(_, answer)| answer))
    };
    let mut stream = BufReader::new(stream);
    if greet {
        let hello = answer("hello", "220 mail.example.org");
        stream.write_all(hello.as_bytes()).await.ok()?;
    }
    let mut letter = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        let line = line.trim_end_matches("\r\n").to_owned();
        if let Some(lines) = letter.take() {
            if line == "." {
                heard.push(lines);
                let taken = answer(".", "250 taken");
                stream.write_all(taken.as_bytes()).await.ok()?;
            } else {
                letter = Some(format!("{lines}{line}\r\n"));
            }
            continue;
        }
        let usual = match line.get(..4) {
            Some("EHLO") if starttls => "250-mail.example.org\r\n250 STARTTLS",
            Some("EHLO") => "250-mail.example.org\r\n250 AUTH PLAIN LOGIN",
            Some("AUTH") => "235 welcome",
            Some("DATA") => "354 go on",
            Some("STAR") => "220 go on",
            Some("QUIT") => "221 bye",
            _ => "250 fine",
        };
        let said = answer(&line, usual);
        stream.write_all(said.as_bytes()).await.ok()?;
        heard.push(line.clone());
        if line == "DATA" && said.starts_with("354") {
            letter = Some(String::new());
        }
        if line == "STARTTLS" && said.starts_with("220") {
            return Some(stream.into_inner());
        }
    }
}

#[tokio::test]
async fn a_letter_is_handed_over_to_everybody() {
    let server = serve(&[], None).await;
    let email = sink(&config(server.port, MailTls::None));
    let verdict = email.deliver(&delivery(alert_json(&alert(), 1))).await;
    assert_eq!(verdict.outcome, DeliveryOutcome::Delivered);
    drop(email);
    let heard = server.heard().await;
    assert!(heard[0].starts_with("EHLO "), "{heard:?}");
    assert_eq!(
        heard[1..5],
        [
            "MAIL FROM:<watch@example.org>",
            "RCPT TO:<desk@example.org>",
            "RCPT TO:<anna@example.org>",
            "DATA",
        ]
    );
    let letter = MessageParser::default().parse(&heard[5]).unwrap();
    assert_eq!(letter.message_id(), Some("msg_5eed_desk@example.org"));
    assert_eq!(heard[6], "QUIT");
}

type Judge = fn(&DeliveryOutcome) -> bool;

#[tokio::test]
async fn an_answer_means_what_it_is_about() {
    fn misconfigured(outcome: &DeliveryOutcome) -> bool {
        matches!(outcome, DeliveryOutcome::Misconfigured { .. })
    }
    fn refused(outcome: &DeliveryOutcome) -> bool {
        matches!(outcome, DeliveryOutcome::Refused { .. })
    }
    fn unavailable(outcome: &DeliveryOutcome) -> bool {
        matches!(outcome, DeliveryOutcome::Unavailable { .. })
    }
    fn delivered(outcome: &DeliveryOutcome) -> bool {
        *outcome == DeliveryOutcome::Delivered
    }
    let rows: [(Answers, Judge); 14] = [
        (&[("hello", "421 busy")], unavailable),
        (&[("hello", "554 no mail here")], misconfigured),
        (&[("hello", "what?")], unavailable),
        (&[("AUTH", "535 wrong password")], misconfigured),
        (&[("AUTH", "454 try later")], unavailable),
        (&[("EHLO", "250 mail.example.org")], misconfigured),
        (&[("MAIL", "550 not you")], misconfigured),
        (&[("RCPT", "550 nobody of that name")], misconfigured),
        (&[("RCPT TO:<anna", "452 full")], unavailable),
        (&[("DATA", "451 later")], unavailable),
        (&[(".", "552 too large")], refused),
        (&[(".", "554 this is spam")], refused),
        (&[(".", "451 grey list")], unavailable),
        (&[("QUIT", "500 what?")], delivered),
    ];
    for (answers, expected) in rows {
        let server = serve(answers, None).await;
        let mut config = config(server.port, MailTls::None);
        config.login = Some(("watch".to_owned(), Secret::new("hunter2".to_owned())));
        let verdict = sink(&config)
            .deliver(&delivery(alert_json(&alert(), 1)))
            .await;
        assert!(expected(&verdict.outcome), "{answers:?}: {verdict:?}");
        assert!(!format!("{verdict:?}").contains("hunter2"));
        server.heard().await;
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let email = sink(&config(port, MailTls::None));
    let verdict = email.deliver(&delivery(alert_json(&alert(), 1))).await;
    assert!(unavailable(&verdict.outcome), "{verdict:?}");
}

/// A certificate for the loopback address, and a server that has it.
fn certificate() -> (Certificate, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let certificate = Certificate::from_der(made.cert.der().to_vec()).unwrap();
    (certificate, TlsAcceptor::from(Arc::new(server)))
}

#[tokio::test]
async fn nothing_is_said_before_tls() {
    let login = Some(("watch".to_owned(), Secret::new("hunter2".to_owned())));
    let (trusted, acceptor) = certificate();
    let (_, stranger) = certificate();
    for (tls, good) in [
        (Some(acceptor), true),
        (Some(stranger), false),
        (None, false),
    ] {
        let offered = tls.is_some();
        let server = serve(&[], tls).await;
        let mut config = config(server.port, MailTls::StartTls);
        config.login.clone_from(&login);
        let mut email = sink(&config);
        let parameters = TlsParameters::builder("127.0.0.1".to_owned());
        let parameters = parameters.add_root_certificate(trusted.clone()).build();
        email.tls = Some(parameters.unwrap());
        let verdict = email.deliver(&delivery(alert_json(&alert(), 1))).await;
        let heard = server.heard().await;
        if good {
            assert_eq!(verdict.outcome, DeliveryOutcome::Delivered);
            let told: Vec<&str> = heard.iter().filter_map(|line| line.get(..5)).collect();
            assert_eq!(
                told[..6],
                ["EHLO ", "START", "(TLS)", "EHLO ", "AUTH ", "MAIL "],
                "{heard:?}"
            );
        } else {
            let misconfigured = matches!(verdict.outcome, DeliveryOutcome::Misconfigured { .. });
            assert_eq!(misconfigured, !offered, "{verdict:?}");
            let told = heard.iter().filter(|line| !line.starts_with("EHLO"));
            assert!(
                told.eq(["STARTTLS"].iter().take(usize::from(offered))),
                "{heard:?}"
            );
        }
    }
}

/// A letter as a reader has it.
fn read(payload: Vec<u8>, check: impl Fn(&str, &Message<'_>)) {
    let name = SinkName::new("desk").unwrap();
    let letter = letter::write(&config(25, MailTls::None), &name, &delivery(payload)).unwrap();
    let bytes = letter.formatted();
    let text = std::str::from_utf8(&bytes).expect("letters are ASCII");
    assert!(text.is_ascii(), "{text}");
    let long = text.split("\r\n").find(|line| line.len() > 998);
    assert_eq!(long, None);
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text}");
    check(text, &MessageParser::default().parse(&bytes).unwrap());
}

#[test]
fn a_letter_says_what_happened_and_what_it_is() {
    read(alert_json(&alert(), 1), |text, letter| {
        assert_eq!(letter.subject(), Some("[info] This is a test of wirewatch"));
        assert_eq!(letter.date().unwrap().to_timestamp(), 1_069_664_400);
        let from = letter.from().unwrap().first().unwrap();
        assert_eq!(from.address(), Some("watch@example.org"));
        let to: Vec<_> = letter
            .to()
            .unwrap()
            .iter()
            .map(|to| (to.name(), to.address()))
            .collect();
        assert_eq!(
            to,
            [
                (None, Some("desk@example.org")),
                (Some("Müller, Anna"), Some("anna@example.org"))
            ]
        );
        let reply_to = letter.reply_to().unwrap().first().unwrap();
        assert_eq!(reply_to.address(), Some("editor@example.org"));
        assert!(
            text.contains("\r\nList-Id: <desk.wirewatch.example.org>\r\n"),
            "{text}"
        );
        assert!(
            text.contains("\r\nAuto-Submitted: auto-generated\r\n"),
            "{text}"
        );
        let plain = letter.body_text(0).unwrap();
        let url = "https://example.org/wirewatch-test";
        for words in ["wirewatch", url, "*words marked*", "A test", "Somebody"] {
            assert!(plain.contains(words), "{words} in {plain}");
        }
        let html = letter.body_html(0).unwrap();
        assert!(html.contains("<mark>words marked</mark>"), "{html}");
        assert!(html.contains(&format!("<a href=\"{url}\">")), "{html}");
    });
    let notice = Notice {
        kind: NoticeKind::FeedGone,
        subject: Subject::Feed("wire".to_owned()),
        at: Timestamp::UNIX_EPOCH,
        text: "It answered 410.".to_owned(),
    };
    read(notice_json(&notice, 1), |_, letter| {
        assert_eq!(letter.subject(), Some("[normal] feed wire is gone"));
        assert!(letter.body_text(0).unwrap().contains("It answered 410."));
    });
}

#[test]
fn a_title_is_no_encoding_of_another() {
    let mut alert = alert();
    alert.article.title = "=?utf-8?q?=E2=80=AE=0D=0ABcc:_all?=".to_owned();
    read(alert_json(&alert, 1), |_, letter| {
        let subject = letter.subject().unwrap().replace('\u{200b}', "");
        assert_eq!(subject, "[info] =?utf-8?q?=E2=80=AE=0D=0ABcc:_all?=");
    });
}

#[test]
fn no_text_of_a_feed_is_more_than_text() {
    for hostile in [
        "A\r\nBcc: all@example.org",
        "A\nSubject: other\n\n<b>body</b>",
        "\r\n.\r\nMAIL FROM:<x@example.org>",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "</mark></a><a href=\"https://evil.example\">here</a>",
        "\n--=_wirewatch--\n",
        "=?utf-8?q?=0D=0ABcc:_all@example.org?=",
        "A\u{0}\u{1b}[31m\u{202e}B",
        &"long ".repeat(50_000),
        &"ü".repeat(100_000),
        &"x".repeat(100_000),
    ] {
        let mut alert = alert();
        alert.article.title = hostile.to_owned();
        alert.article.summary = hostile.to_owned();
        alert.feed.publisher = hostile.to_owned();
        alert.matches.topics.clear();
        read(alert_json(&alert, 1), |text, letter| {
            let headers: Vec<&str> = letter.headers().iter().map(Header::name).collect();
            let expected = [
                "From",
                "Date",
                "Message-ID",
                "Subject",
                "List-ID",
                "Auto-Submitted",
                "To",
                "Reply-To",
                "MIME-Version",
                "Content-Type",
            ];
            assert_eq!(headers, expected, "{hostile:.40}");
            assert_eq!(letter.parts.len(), 3, "{hostile:.40}");
            let html = letter.body_html(0).unwrap();
            for active in [
                "<script",
                "<img",
                "evil.example\">",
                "\u{1b}",
                "\u{202e}",
                "\u{0}",
            ] {
                assert!(!html.contains(active), "{active} in {html}");
                assert!(!letter.body_text(0).unwrap().contains('\u{1b}'));
            }
            assert!(text.len() < 400_000, "{} bytes", text.len());
        });
    }
}
