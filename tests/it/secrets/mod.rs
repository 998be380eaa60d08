//! Planted secrets: whatever goes wrong, none of them is told to anybody.
//!
//! Receivers, publishers and hubs of this test repeat everything that they are
//! sent, and fail in every way. Then everything that any command says, every line
//! of the log at its most talkative, and every file that is kept is searched.

mod echo;
mod mistakes;
mod plants;

use crate::support::{Finished, Page, Site, Wirewatch, alerting_entry, rss_with};
use echo::Echo;
use plants::Garden;
use serde_json::Value;
use std::fmt::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A text that is no secret and that everybody says: what is searched is found.
const PUBLIC: &str = "public-wire";

/// Where nobody listens.
const CLOSED: &str = "127.0.0.9:1";

/// What is given to the process from outside of its configuration.
struct Given {
    config: String,
    variables: Vec<(String, String)>,
}

/// Sinks whose addresses and keys are secret, and whose receivers fail.
fn sinks(garden: &mut Garden, echo: &Echo, wirewatch: &Wirewatch, given: &mut Given) {
    let address = echo.at(0);
    let credentials = wirewatch.path("credentials");
    std::fs::create_dir(&credentials).expect("a folder");
    let keep = |place: &str, secret: &str| {
        std::fs::write(wirewatch.path(place), secret).expect("a file");
    };
    for status in [200, 301, 307, 400, 401, 404, 410, 429, 500, 503] {
        let path = garden.plant(&format!("path of a webhook that answers {status}"));
        let query = garden.plant(&format!("query of a webhook that answers {status}"));
        let key = garden.plant_key(&format!("key of a webhook that answers {status}"));
        write!(
            given.config,
            "[sink.w{status}.webhook]\nurl = \"http://{address}/{status}/{path}?token={query}\"\n\
             secret = \"{key}\"\n"
        )
        .expect("a text");
    }
    let password = garden.plant_password("login of a webhook", "me");
    let key = garden.plant_key("second key of a webhook");
    let first = garden.plant_key("key from a variable");
    given.variables.push(("HOOK_KEY".to_owned(), first));
    let third = garden.plant_key("key from a credential");
    keep("credentials/hook", &third);
    let fourth = garden.plant_key("key from a file");
    keep("hook.key", &fourth);
    write!(
        given.config,
        "[sink.login.webhook]\nurl = \"http://me:{password}@{address}/500/x\"\n\
         secret = [{{ env = \"HOOK_KEY\" }}, \"{key}\", {{ credential = \"hook\" }}, {{ file = \"hook.key\" }}]\n"
    )
    .expect("a text");
    let path = garden.plant("address of a webhook from a file");
    keep("hook.url", &format!("http://{address}/500/{path}\n"));
    given.config += "[sink.kept.webhook]\nurl = { file = \"hook.url\" }\n";
    let path = garden.plant("address of a webhook from a variable");
    let url = format!("http://{address}/404/{path}");
    given.variables.push(("HOOK_URL".to_owned(), url));
    given.config += "[sink.varied.webhook]\nurl = { env = \"HOOK_URL\" }\n";
    for (name, start) in [
        ("closed", format!("http://{CLOSED}")),
        ("tls", format!("https://{}", echo.at(3))),
        ("nameless", "http://hooks.invalid".to_owned()),
        ("loud", format!("http://{address}/999")),
    ] {
        let path = garden.plant(&format!("path of a webhook that is {name}"));
        let url = format!("{start}/{path}?key={path}#{path}");
        write!(given.config, "[sink.{name}.webhook]\nurl = \"{url}\"\n").expect("a text");
    }
    let folder = credentials.display().to_string();
    given
        .variables
        .push(("CREDENTIALS_DIRECTORY".to_owned(), folder));
}

/// Feeds with logins and headers, and publishers that fail.
fn feeds(garden: &mut Garden, echo: &Echo, wirewatch: &Wirewatch, given: &mut Given) {
    for (status, kind) in [
        (200, "literal"),
        (301, "env"),
        (401, "file"),
        (403, "credential"),
        (404, "literal"),
        (429, "env"),
        (500, "file"),
    ] {
        // Who is asked too much is spared, and all of the host with it.
        let address = echo.at(if status == 429 { 2 } else { 0 });
        let password = garden.plant_password(&format!("password of a feed, {status}"), "me");
        let header = garden.plant(&format!("header of a feed, {status}"));
        let file = format!("credentials/p{status}");
        std::fs::write(wirewatch.path(&file), &password).expect("a file");
        let name = format!("PASSWORD_{status}");
        let password_at = match kind {
            "literal" => format!("\"{password}\""),
            "env" => format!("{{ env = \"{name}\" }}"),
            "file" => format!("{{ file = \"{file}\" }}"),
            _ => format!("{{ credential = \"p{status}\" }}"),
        };
        given.variables.push((name, password));
        write!(
            given.config,
            "[feed.f{status}]\nurl = \"http://{address}/{status}/{PUBLIC}\"\nusername = \"me\"\n\
             password = {password_at}\nheaders = {{ X-Api-Key = \"{header}\", Cookie = \"a={header}\" }}\n"
        )
        .expect("a text");
    }
    for (name, start) in [
        ("closed", format!("@{CLOSED}")),
        ("tls", format!("@{}", echo.at(3))),
        ("nameless", "@feeds.invalid".to_owned()),
    ] {
        let password = garden.plant_password(&format!("login of a feed that is {name}"), "me");
        let scheme = if name == "tls" { "https" } else { "http" };
        write!(
            given.config,
            "[feed.{name}]\nurl = \"{scheme}://me:{password}{start}/{PUBLIC}\"\n"
        )
        .expect("a text");
    }
    let password = garden.plant_password("login of a feed of a list", "me");
    let address = echo.at(0);
    let list = format!(
        "<opml version=\"2.0\"><body><outline type=\"rss\" text=\"a\" \
         xmlUrl=\"http://me:{password}@{address}/500/{PUBLIC}/listed\"/></body></opml>"
    );
    std::fs::write(wirewatch.path("list.opml"), list).expect("a file");
}

fn given(garden: &mut Garden, echo: &Echo, site: &Site, wirewatch: &Wirewatch) -> Given {
    let mut given = Given {
        config: "watchlists = [\"watchlist.toml\"]\nopml = [\"list.opml\"]\n\
                 [daemon]\nstate_dir = \"state\"\nlog_format = \"json\"\nlisten = \"127.0.0.1:0\"\n\
                 [poll]\nevery = \"1d\"\nmin = \"1ms\"\nmax = \"10d\"\nhost_spacing = \"0s\"\n\
                 first_run = \"all\"\n[http]\ntimeout = \"5s\"\nallow = [\"127.0.0.0/8\"]\n\
                 [websub]\ncallback = \"http://monitor.test/websub\"\nlisten = \"127.0.0.1:0\"\n\
                 [sink.journal.log]\n[sink.archive.file]\npath = \"alerts.jsonl\"\n"
            .to_owned(),
        variables: Vec::new(),
    };
    sinks(garden, echo, wirewatch, &mut given);
    feeds(garden, echo, wirewatch, &mut given);
    let hub = format!(
        "<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"hub\" href=\"http://{}/500/hub\"/>",
        echo.at(1)
    );
    site.set("/rss", Page::Document(rss_with(&hub, &[alerting_entry(1)])));
    let url = site.url(2, "/rss");
    write!(given.config, "[feed.{PUBLIC}]\nurl = \"{url}\"\n").expect("a text");
    given
}

/// Every command that tells something, as it stands without a daemon.
const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "--deny-warnings"],
    &["--log", "trace", "run", "--once"],
    &["--log", "trace", "run", "--once", "--dry-run"],
    &["feeds"],
    &["feeds", "--json"],
    &["feeds", "export"],
    &["feeds", "poll", "f500"],
    &["host", "127.0.0.1"],
    &["host", "127.0.0.1", "--json", "--limit", "99"],
    &["why", "https://news.example/entry-1"],
    &["why", "https://news.example/entry-1", "--json"],
    &["alerts"],
    &["alerts", "--json"],
    &["deliveries"],
    &["deliveries", "--json"],
];

/// A folder with everything in it, and what was heard of it so far.
struct Trial {
    echo: Echo,
    site: Site,
    garden: Garden,
    wirewatch: Wirewatch,
    given: Given,
}

impl Trial {
    async fn open() -> Self {
        let (echo, site) = (Echo::open().await, Site::open().await);
        let (mut garden, wirewatch) = (Garden::default(), Wirewatch::with(""));
        let given = given(&mut garden, &echo, &site, &wirewatch);
        let trial = Self {
            echo,
            site,
            garden,
            wirewatch,
            given,
        };
        trial.configure(&trial.given.config);
        trial
    }

    fn configure(&self, config: &str) {
        std::fs::write(self.wirewatch.path("wirewatch.toml"), config).expect("a file");
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        let variables = self.given.variables.iter();
        variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The daemon, until a hub was asked and the deliveries have failed.
    async fn run(&mut self) {
        let variables = self.given.variables.clone();
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.wirewatch.start_told("trace", &variables);
        self.wirewatch
            .wait_for_log("cannot be asked to announce")
            .await;
        let told = self.wirewatch.wait_for_log("status is told at ").await;
        let address = told
            .split("http://")
            .nth(1)
            .and_then(|it| it.split('/').next());
        for path in ["/metrics", "/healthz", "/readyz"] {
            let answer = ask(address.expect("an address"), path).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
            self.garden.heard(path, answer);
        }
        let (_, log) = self.wirewatch.stop();
        self.garden.heard("the log of the daemon", log.join("\n"));
        let said = self.echo.said();
        let of_hub = |name: &str| {
            let after = said.split(name).nth(1).expect("the hub was asked");
            let end = after.find(['&', '\n']).unwrap_or(after.len());
            after[..end].to_owned()
        };
        let (secret, callback) = (of_hub("hub.secret="), of_hub("monitor.test%2Fwebsub%2F"));
        self.garden.add_made("secret of a hub", &secret);
        self.garden.add_made("callback of a hub", &callback);
    }

    fn tell(&mut self, arguments: &[&str]) -> Finished {
        let told = self.wirewatch.command_in(&self.variables(), arguments);
        let by = format!("{arguments:?}");
        self.garden.heard(format!("{by}, out"), told.out.clone());
        self.garden.heard(format!("{by}, err"), told.err.clone());
        told
    }

    /// Every command, and each delivery looked at and tried again.
    fn tell_all(&mut self) {
        for command in COMMANDS {
            self.tell(command);
        }
        let listed = self.tell(&["deliveries", "--json"]).out;
        for line in listed.lines() {
            let delivery: Value = serde_json::from_str(line).expect("JSON");
            let id = delivery["id"].as_str().expect("an id");
            self.tell(&["deliveries", "show", id]);
            self.tell(&["deliveries", "show", id, "--json"]);
            self.tell(&["deliveries", "retry", id]);
        }
        self.tell(&["--log", "trace", "run", "--once"]);
    }

    /// Logins that somebody types.
    fn tell_typed(&mut self) {
        let address = self.echo.at(0).to_string();
        for command in [
            &["discover"][..],
            &["discover", "--json"],
            &["parse"],
            &["parse", "--json"],
            &["match"],
            &["why"],
            &["feeds", "add"],
            &["feeds", "add", "--json"],
            &["feeds", "add", "--discover"],
        ] {
            for (status, at) in [
                (200, address.as_str()),
                (301, &address),
                (500, &address),
                (0, CLOSED),
                (0, "feeds.invalid"),
                (0, "127.0.0.1:port"),
            ] {
                let what = format!("login typed for {command:?}");
                let password = self.garden.plant_password(&what, "me");
                let url = format!("http://me:{password}@{at}/{status}/typed");
                let arguments = [command, &["--log", "trace", &url]].concat();
                let told = self.wirewatch.command_in(&self.variables(), &arguments);
                self.garden
                    .heard(format!("{command:?} {status} {at}"), told.out + &told.err);
            }
        }
    }

    /// Everything once more through a proxy that repeats what it is told as well.
    fn tell_through_a_proxy(&mut self) {
        let password = self.garden.plant_password("login of the proxy", "me");
        let proxy = format!(
            "[http]\nproxy = \"http://me:{password}@{}\"\n",
            self.echo.at(1)
        );
        self.configure(&self.given.config.replacen("[http]\n", &proxy, 1));
        self.tell(&["feeds", "poll", PUBLIC]);
        self.tell_all();
        let url = self.site.url(2, "/rss");
        self.tell(&["--log", "trace", "discover", &url]);
        assert!(self.echo.said().contains("POST http://"));
        assert!(self.echo.said().contains("proxy-authorization: "));
    }
}

/// What the daemon answers to who asks how it is.
async fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_tells_a_secret() {
    let mut trial = Trial::open().await;
    trial.run().await;
    trial.tell_all();
    trial.tell_typed();
    trial.tell_through_a_proxy();

    // What is searched is there, and the search would find it.
    let Trial {
        mut garden,
        wirewatch,
        echo,
        ..
    } = trial;
    assert!(echo.said().contains("zq00planted00secret"));
    assert!(garden.said(PUBLIC).len() > COMMANDS.len());
    assert!(garden.said("the receiver answered 500").len() > 3);

    garden.heard_files(&wirewatch.path("state"), &|_| true);
    garden.heard_files(wirewatch.dir(), &|path| path.ends_with("alerts.jsonl"));
    assert!(
        garden
            .said(PUBLIC)
            .iter()
            .any(|by| by.ends_with("wirewatch.db"))
    );
    assert!(
        garden
            .said(PUBLIC)
            .iter()
            .any(|by| by.ends_with("alerts.jsonl"))
    );
    // A subscription is kept with its secret, which signs what comes.
    garden.count(|what, by| what.ends_with("of a hub") && by.contains("/state/"));
}
