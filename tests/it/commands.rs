//! The commands as users and scripts meet them: output, exit codes, bad input.

use crate::support::{Finished, Page, Receiver, Site, Wirewatch, alerting_entry, rss, story};
use serde_json::Value;

fn json_lines(finished: &Finished) -> Vec<Value> {
    finished
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn plain() -> Wirewatch {
    Wirewatch::with(
        "[feed.wire]\nurl = \"https://news.example/rss\"\nevery = \"15m\"\nmin = \"5m\"\nmax = \"24h\"\n[sink.journal.log]\n",
    )
}

#[test]
fn the_demo_shows_an_alert_without_internet() {
    let demo = plain().command(&["demo", "--once"]);
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    for text in [
        "US, South Korea Discuss",
        "John Bolton",
        "Yoon Young-kwan",
        "Ban Ki-moon",
        "UN Security Council",
        "(signed)",
    ] {
        assert!(demo.out.contains(text), "no {text} in {}", demo.out);
    }
    for text in ["Wanderers", "plastic", "elements"] {
        assert!(!demo.out.contains(text), "{text} in {}", demo.out);
    }
}

#[test]
fn init_gives_a_configuration_that_checks() {
    let wirewatch = plain();
    let made = wirewatch.command(&["init", "new"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    let checked =
        wirewatch.command(&["--config", "new/wirewatch.toml", "check", "--deny-warnings"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    assert!(checked.out.contains("no mistakes"), "{}", checked.out);
    let again = wirewatch.command(&["init", "new"]);
    assert_eq!(again.code, Some(74), "{}", again.err);
    assert!(again.err.contains("never overwritten"), "{}", again.err);
}

#[test]
fn every_mistake_is_shown_at_its_place() {
    let wirewatch = Wirewatch::with(
        "[feed.wire]\nulr = \"https://news.example/rss\"\nevery = \"soon\"\n[sink.journal.log]\n",
    );
    std::fs::write(
        wirewatch.path("watchlist.toml"),
        "[topic.war]\nquery = '''war AND peace OR talks'''\n[topic.talks]\nquery = \"@nobody\"\n\
         [actor.us-army]\nname = \"US Army\"\nkind = \"organisation\"\n[topic.army]\nquery = \"@us-army OR @us\"\n",
    )
    .unwrap();
    for arguments in [["check"], ["run"]] {
        let checked = wirewatch.command(&arguments);
        assert_eq!(checked.code, Some(78), "{}", checked.err);
        for text in [
            "wirewatch.toml:11:1: error: unknown key `ulr`",
            "did you mean `url`?",
            "wirewatch.toml:12:9: error: `soon`",
            "watchlist.toml:2:12: error: AND",
            "(war AND peace) OR talks",
            "watchlist.toml:4:10: error: there is no actor `nobody`",
            "watchlist.toml:9:22: error: there is no actor `us`",
        ] {
            assert!(checked.err.contains(text), "no {text} in {}", checked.err);
        }
    }
    let missing = wirewatch.command(&["--config", "nowhere.toml", "check"]);
    assert_eq!(missing.code, Some(78));
    assert!(missing.err.contains("nowhere.toml"), "{}", missing.err);
}

#[test]
fn usage_and_help_have_their_codes() {
    let wirewatch = plain();
    assert_eq!(wirewatch.command(&["--help"]).code, Some(0));
    assert_eq!(wirewatch.command(&["--version"]).code, Some(0));
    assert_eq!(wirewatch.command(&["frobnicate"]).code, Some(64));
    assert_eq!(wirewatch.command(&["run", "--fast"]).code, Some(64));
    assert_eq!(wirewatch.command(&["--log", "a=b=c", "run"]).code, Some(64));
    let listed = wirewatch.command(&["deliveries"]);
    assert_eq!(listed.code, Some(74), "{}", listed.err);
    assert!(
        listed.err.contains("there is no store in"),
        "{}",
        listed.err
    );
}

#[test]
fn match_tells_inputs_apart_and_keeps_their_order() {
    let wirewatch = plain();
    let articles = "{\"id\": \"one\", \"title\": \"Bolton flies to Tokyo\"}\n\n\
                    {\"id\": \"two\", \"text\": \"Pyongyang repeats its demand for a non-aggression pact.\", \"more\": 1}\n\
                    {\"id\": \"three\", \"summary\": \"Nothing of note.\"}\n";
    let matched = wirewatch.command_with(&["match", "--json", "--text"], articles);
    assert_eq!(matched.code, Some(0), "{}", matched.err);
    let found = json_lines(&matched);
    let ids: Vec<&str> = found
        .iter()
        .map(|found| found["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["one", "two", "three"]);
    assert_eq!(found[0]["actors"][0]["id"], "john-bolton");
    assert_eq!(found[0]["actors"][0]["salience"], "title");
    assert_eq!(
        found[0]["actors"][0]["evidence"][0],
        serde_json::json!({
            "field": "title", "start": 0, "end": 6, "quote": "Bolton", "alias": "Bolton", "class": "surname"
        })
    );
    assert_eq!(found[1]["topics"][0]["id"], "dprk-nuclear");
    assert_eq!(
        found[1]["text"]["body"],
        "Pyongyang repeats its demand for a non-aggression pact."
    );
    assert_eq!(
        (&found[2]["topics"], &found[2]["actors"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );

    let of_feed = wirewatch.command_with(&["match", "--json"], &story());
    assert_eq!(json_lines(&of_feed)[0]["topics"][0]["id"], "dprk-nuclear");
    let of_page = wirewatch.command_with(
        &["match", "--json", "--text"],
        "<html><title>Seoul</title><body><p>John <b>Bolton</b> left.</p></body></html>",
    );
    assert_eq!(json_lines(&of_page)[0]["text"]["title"], "Seoul");
    let of_text = wirewatch.command_with(&["match", "--quiet"], "John Bolton left.");
    assert_eq!((of_text.code, of_text.out.as_str()), (Some(0), ""));
    let of_nothing = wirewatch.command_with(&["match", "--quiet"], "Nothing.");
    assert_eq!(of_nothing.code, Some(1));
}

#[test]
fn bad_input_is_named_and_the_rest_goes_on() {
    let wirewatch = plain();
    let articles = "{\"title\": \"Bolton flies\"}\n{\"title\": 7}\nnot json\n{\"id\": \"x\"}\n{\"title\": \"Seoul\"}\n";
    let matched = wirewatch.command_with(&["match", "--json", "--input", "jsonl"], articles);
    assert_eq!(
        (matched.code, matched.out.lines().count()),
        (Some(65), 2),
        "{}",
        matched.err
    );
    for line in ["-:2: ", "-:3: ", "-:4: "] {
        assert!(matched.err.contains(line), "no {line} in {}", matched.err);
    }
    let missing = wirewatch.command(&["match", "nowhere.txt"]);
    assert_eq!(missing.code, Some(65));
    assert!(missing.err.contains("nowhere.txt"), "{}", missing.err);
    let page = wirewatch.command_with(&["parse"], "<html><body>No feed</body></html>");
    assert_eq!(page.code, Some(65));
    assert!(page.err.contains("not a feed"), "{}", page.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn parse_shows_a_feed_as_it_is_understood() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(story()));
    let parsed = plain().command(&["parse", "--json", &site.url(1, "/rss")]);
    assert_eq!(parsed.code, Some(0), "{}", parsed.err);
    let feed = &json_lines(&parsed)[0];
    assert_eq!(
        (&feed["format"], &feed["title"]),
        (&Value::from("rss"), &Value::from("Test Wire"))
    );
    assert_eq!(feed["url"], site.url(1, "/rss"));
    let entry = &feed["entries"][0];
    assert_eq!(
        (&entry["key"], &entry["link"]),
        (
            &Value::from("story"),
            &Value::from("https://news.example/story")
        )
    );
    assert!(
        entry["summary"].as_str().unwrap().starts_with("<p>"),
        "{entry}"
    );
    assert_eq!(entry["published"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_prints_and_neither_stores_nor_sends() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let config = format!("[feed.wire]\nurl = \"{}\"\n", site.url(1, "/rss"))
        + &receiver.sink("hook")
        + "[sink.journal.log]\n";
    let wirewatch = Wirewatch::with(&config);
    let run = wirewatch.command(&["run", "--once", "--dry-run"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.out.contains("report 1") && run.out.contains("would go to hook, journal"),
        "{}",
        run.out
    );
    assert_eq!(run.out.matches("report 1").count(), 1, "{}", run.out);
    assert!(
        run.err
            .ends_with("1 alert; nothing was sent, and nothing stored\n"),
        "{}",
        run.err
    );
    assert_eq!(receiver.attempts(), 0);
    assert!(!wirewatch.path("state").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_tell_what_happened() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let config = format!(
        "[feed.wire]\nurl = \"{}\"\n[feed.lost]\nurl = \"{}\"\n",
        site.url(1, "/rss"),
        site.url(2, "/lost")
    ) + &receiver.sink("hook");
    let wirewatch = Wirewatch::with(&config);
    let run = wirewatch.command(&["run", "--once"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let feeds = json_lines(&wirewatch.command(&["feeds", "--json"]));
    assert_eq!(
        (&feeds[0]["id"], &feeds[0]["failures"]),
        (&Value::from("lost"), &Value::from(1))
    );
    assert!(feeds[0]["error"].as_str().unwrap().contains("404"));
    assert_eq!(
        (&feeds[1]["id"], &feeds[1]["error"]),
        (&Value::from("wire"), &Value::Null)
    );
    let alerts = json_lines(&wirewatch.command(&["alerts", "--json"]));
    assert_eq!(alerts[0]["data"]["article"]["feed"]["id"], "wire");
    let people = wirewatch.command(&["alerts"]);
    assert!(people.out.contains("report 1"), "{}", people.out);
    let deliveries = json_lines(&wirewatch.command(&["deliveries", "--json"]));
    assert_eq!(deliveries[0]["state"], "delivered");
    receiver.answer(|_| Some(503));
    site.set("/rss", Page::Document(rss(&[alerting_entry(2)])));
    // Due again a tenth of a second after the first poll, which is over.
    let failed = loop {
        let run = wirewatch.command(&["run", "--once"]);
        if receiver.attempts() > 1 {
            break run;
        }
    };
    assert_eq!(failed.code, Some(69), "{}", failed.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_explains_what_is_stored_and_what_is_given() {
    let site = Site::open().await;
    let dull = "<item><guid>dull</guid><title>Seoul on nuclear waste</title>\
                <link>https://news.example/dull</link></item>";
    let entries = [alerting_entry(1), dull.to_owned()];
    site.set("/rss", Page::Document(rss(&entries)));
    let config = format!("[feed.wire]\nurl = \"{}\"\n", site.url(1, "/rss"));
    let wirewatch = Wirewatch::with(&(config + "[sink.journal.log]\n"));
    let run = wirewatch.command(&["run", "--once"]);
    assert_eq!(run.code, Some(0), "{}", run.err);

    let alert = json_lines(&wirewatch.command(&["alerts", "--json"])).remove(0);
    let alert = alert["data"]["alert"].as_str().unwrap().to_owned();
    let why = json_lines(&wirewatch.command(&["why", &alert, "--json"])).remove(0);
    assert_eq!(why["topics"][0]["matches"], true, "{why}");
    let pact = "\"non-aggression pact\"";
    let clauses = &why["topics"][0]["query"]["parts"][1]["parts"];
    let found = clauses
        .as_array()
        .unwrap()
        .iter()
        .find(|clause| clause["text"] == pact);
    assert_eq!(
        found.unwrap()["evidence"][0]["quote"],
        "non-aggression pact"
    );

    let dull = wirewatch.command(&["why", "https://news.example/dull"]);
    assert_eq!(dull.code, Some(0), "{}", dull.err);
    assert!(
        dull.out.contains("does not match: @north-korea fails"),
        "{}",
        dull.out
    );
    assert!(dull.out.contains("actor south-korea"), "{}", dull.out);

    let given = wirewatch.command_with(&["why", "-", "--actor", "john-bolton"], "Mr Smith left.");
    assert!(
        given.out.contains("none of its names is there"),
        "{}",
        given.out
    );
    for (arguments, code, words) in [
        (
            &["why", "nothing-of-that-name"][..],
            65,
            "no article, alert or file",
        ),
        (&["why", "-", "--topic", "dprk-nuclaer"], 64, "dprk-nuclear"),
        (&["why", "-", "--actor", "jon-bolton"], 64, "john-bolton"),
    ] {
        let failed = wirewatch.command(arguments);
        assert_eq!(failed.code, Some(code), "{}", failed.err);
        assert!(failed.err.contains(words), "{}", failed.err);
    }
}
