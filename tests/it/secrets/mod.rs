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
use std::fmt::Write;

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
    let mut keep = |place: &str, secret: &str| {
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
                 [daemon]\nstate_dir = \"state\"\nlog_format = \"json\"\n\
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
    &["alerts"],
    &["alerts", "--json"],
    &["deliveries"],
    &["deliveries", "--json"],
];

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_tells_a_secret() {
    let (echo, site) = (Echo::open().await, Site::open().await);
    let mut garden = Garden::default();
    let mut wirewatch = Wirewatch::with("");
    let given = given(&mut garden, &echo, &site, &wirewatch);
    std::fs::write(wirewatch.path("wirewatch.toml"), &given.config).expect("a file");
    let variables: Vec<(&str, &str)> = given
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();

    wirewatch.start_told("trace", &variables);
    wirewatch.wait_for_log("cannot be asked to announce").await;
    let (_, log) = wirewatch.stop();
    garden.heard("the log of the daemon", log.join("\n"));
    let said = echo.said();
    let of_hub = |name: &str| {
        let after = said.split(name).nth(1).expect("the hub was asked");
        let end = after.find(['&', '\n']).unwrap_or(after.len());
        after[..end].to_owned()
    };
    garden.add_made("secret of a hub", &of_hub("hub.secret="));
    garden.add_made("callback of a hub", &of_hub("monitor.test%2Fwebsub%2F"));

    let tell = |garden: &mut Garden, arguments: &[&str]| -> Finished {
        let told = wirewatch.command_in(&variables, arguments);
        garden.heard(format!("{arguments:?}, out"), told.out.clone());
        garden.heard(format!("{arguments:?}, err"), told.err.clone());
        told
    };
    for command in COMMANDS {
        tell(&mut garden, command);
    }
    for line in tell(&mut garden, &["deliveries", "--json"]).out.lines() {
        let delivery: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let id = delivery["id"].as_str().expect("an id").to_owned();
        tell(&mut garden, &["deliveries", "show", &id]);
        tell(&mut garden, &["deliveries", "show", &id, "--json"]);
        tell(&mut garden, &["deliveries", "retry", &id]);
    }
    tell(&mut garden, &["--log", "trace", "run", "--once"]);
    typed(&mut garden, &echo, &wirewatch, &variables);

    // What is searched is there, and the search would find it.
    for secret in ["zq00planted", "X-Api-Key: zq", "x-api-key: zq"] {
        println!("{secret}: {}", echo.said().contains(secret));
    }
    assert!(echo.said().contains("zq00planted00secret"));
    assert!(
        garden.said(PUBLIC).len() > COMMANDS.len(),
        "{:?}",
        garden.said(PUBLIC)
    );
    assert!(garden.said("the receiver answered 500").len() > 3);

    let state = wirewatch.path("state");
    garden.heard_files(&state, &|_| true);
    garden.heard_files(wirewatch.dir(), &|path| path.ends_with("alerts.jsonl"));
    // A subscription is kept with its secret, which signs what comes.
    garden.count(|what, by| what.ends_with("of a hub") && by.contains("/state/"));
}

/// Secrets that somebody types, or that come with a list.
fn typed(garden: &mut Garden, echo: &Echo, wirewatch: &Wirewatch, variables: &[(&str, &str)]) {
    let address = echo.at(0);
    for command in [
        &["discover"][..],
        &["discover", "--json"],
        &["parse"],
        &["parse", "--json"],
        &["match"],
        &["feeds", "add"],
        &["feeds", "add", "--json"],
        &["feeds", "add", "--discover"],
    ] {
        for (status, at) in [
            (200, address.to_string()),
            (301, address.to_string()),
            (500, address.to_string()),
            (0, CLOSED.to_owned()),
            (0, "feeds.invalid".to_owned()),
            (0, "127.0.0.1:port".to_owned()),
        ] {
            let password = garden.plant_password(&format!("login typed for {command:?}"), "me");
            let url = format!("http://me:{password}@{at}/{status}/typed");
            let arguments = [command, &["--log", "trace", url.as_str()]].concat();
            let told = wirewatch.command_in(variables, &arguments);
            let by = format!("{command:?} {status} {at}");
            garden.heard(format!("{by}, out"), told.out);
            garden.heard(format!("{by}, err"), told.err);
        }
    }
}
