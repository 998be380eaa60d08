//! Mistakes in a configuration beside, in and of a secret.

use super::plants::Garden;
use crate::support::Wirewatch;

/// What is wrong, with `MARK` where a secret stands.
const MISTAKES: &[&str] = &[
    // No TOML.
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\n",
    "[sink.a.webhook]\nurl = https://x.example/MARK\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\" secret = \"whsec_MARK\"\n",
    "[sink.a.webhook]\nurl = 'https://x.example/MARK\"\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nurl = \"https://x.example/MARK\"\n",
    "[sink.a.webhook\nurl = \"https://x.example/MARK\"\n",
    "[sink.a.webhook]\nsecret = \"\\MARK\"\n",
    "[sink.a.webhook]\nsecret = whsec_MARK\n",
    "[feed.a]\nurl = \"https://x.example/\"\npassword = MARK\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = { X = \"MARK\", X = \"MARK\" }\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = { X = \"MARK\"\n",
    // No configuration.
    "[sink.a.webhook]\nurl = \"https://x.example/\"\nsecert = \"MARK\"\n",
    "[sink.a.webhook]\nurl = \"MARK\"\n",
    "[sink.a.webhook]\nurl = \"MARK://x.example\"\n",
    "[sink.a.webhook]\nurl = \"https://me:MARK@x.example:99999/\"\n",
    "[sink.a.webhook]\nurl = [\"https://x.example/MARK\"]\n",
    "[sink.a.webhook]\nurl = { text = \"https://x.example/MARK\" }\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nsecret = \"MARK\"\nmax_age = \"1\"\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nsecret = \"whsec_MARK!\"\nkeys = [\"MARK\"]\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nsecret = { key = \"MARK\" }\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nsecret = { env = \"A\", file = \"f\", x = \"MARK\" }\n",
    "[sink.a.webhook]\nurl = \"https://x.example/MARK\"\nformat = \"none\"\n",
    "[sink.a.wehbook]\nurl = \"https://x.example/MARK\"\n",
    "[sink.a]\nurl = \"https://x.example/MARK\"\n",
    "[sinks.a.webhook]\nurl = \"https://x.example/MARK\"\nsecret = \"MARK\"\n",
    "sink = { a = { webhook = { url = \"https://x.example/MARK\", secret = \"MARK\", x = 1 } } }\n",
    "[feed.a]\nurl = \"https://me:MARK@x.example:port/\"\n",
    "[feed.a]\nurl = \"ftp://me:MARK@x.example/\"\n",
    "[feed.a]\nurl = \"https://me:MARK@x.example/\"\nusername = \"me\"\npassword = \"MARK\"\n",
    "[feed.a]\nurl = \"https://x.example/\"\npassword = \"MARK\"\n",
    "[feed.a]\nurl = \"https://x.example/\"\nusername = \"me\"\npasword = \"MARK\"\n",
    "[feed.a]\nurl = \"https://x.example/\"\nusername = \"me\"\npassword = [\"MARK\"]\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = { \"X Y\" = \"MARK\" }\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = { X = \"MARK\\nx\" }\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = { X = [\"MARK\"] }\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = [\"X: MARK\"]\n",
    "[feed.a]\nurl = \"https://x.example/\"\nheaders = \"X: MARK\"\n",
    "[http]\nproxy = \"http://me:MARK@\"\n",
    "[http]\nproxy = \"http://me:MARK@proxy.example:port\"\n",
    "[http]\nproxy = \"socks9://me:MARK@proxy.example\"\n",
    "[http]\nproxy = [\"http://me:MARK@proxy.example\"]\n",
    "[http]\nproxi = \"http://me:MARK@proxy.example\"\n",
    "[websub]\ncallback = \"http://me:MARK@monitor.example/?x#y\"\nlisten = \"127.0.0.1:0\"\n",
    "[websub]\ncallback = \"http://me:MARK@\"\nlisten = \"x\"\n",
];

#[test]
fn no_mistake_beside_a_secret_shows_it() {
    let mut garden = Garden::default();
    let wirewatch = Wirewatch::with("");
    for mistake in MISTAKES {
        let mark = garden.plant(mistake);
        let text = mistake.replace("MARK", &mark);
        std::fs::write(wirewatch.path("wirewatch.toml"), text).expect("a file");
        let mut codes = Vec::new();
        for command in [&["check"][..], &["run", "--once"], &["feeds", "--json"]] {
            let told = wirewatch.command(&[&["--log", "trace"], command].concat());
            garden.heard(format!("{command:?} of {mistake}"), told.out + &told.err);
            codes.push(told.code);
        }
        assert_eq!(codes, [Some(78); 3], "{mistake}");
    }
    assert!(garden.said("wirewatch.toml:2").len() > MISTAKES.len());
    garden.count(|_, _| false);
}

/// Values from the environment have no line to be shown, but are values.
#[test]
fn no_mistake_of_a_variable_shows_it() {
    let mut garden = Garden::default();
    let wirewatch = Wirewatch::with(
        "[feed.a]\nurl = \"https://x.example/\"\nusername = \"me\"\npassword = \"x\"\n\
         [sink.a.webhook]\nurl = \"https://x.example/\"\nsecret = { env = \"KEY\" }\n",
    );
    for (name, value) in [
        ("WIREWATCH_HTTP__PROXY", "http://me:MARK@"),
        ("WIREWATCH_SINK__A__WEBHOOK__URL", "https//MARK"),
        ("WIREWATCH_SINK__A__WEBHOOK__SECRET", "MARK"),
        ("WIREWATCH_SINK__A__WEBHOOK__SECERT", "MARK"),
        ("WIREWATCH_FEED__A__URL", "https://me:MARK@x.example:port"),
        ("WIREWATCH_FEED__A__PASSWORT", "MARK"),
        ("KEY", "whsec_MARK"),
        ("KEY", "MARK"),
    ] {
        let mark = garden.plant(name);
        let value = value.replace("MARK", &mark);
        let told = wirewatch.command_in(&[(name, &value)], &["--log", "trace", "check"]);
        assert_eq!(told.code, Some(78), "{name}: {}{}", told.out, told.err);
        garden.heard(name, told.out + &told.err);
    }
    assert!(!garden.said("WIREWATCH_HTTP__PROXY").is_empty());
    garden.count(|_, _| false);
}
