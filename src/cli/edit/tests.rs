use super::{Edit, NewFeed, replace};
use crate::config::Environment;
use crate::feed::FeedId;
use std::path::PathBuf;

const SHIPPED: &str = include_str!("../../../config/wirewatch.toml");

fn open(text: &str) -> Edit {
    Edit::of(
        PathBuf::from("wirewatch.toml"),
        Environment::default(),
        text,
    )
    .unwrap()
}

fn id(text: &str) -> FeedId {
    FeedId::new(text).unwrap()
}

fn feed(url: &str) -> NewFeed {
    NewFeed {
        url: url.to_owned(),
        ..NewFeed::default()
    }
}

#[test]
fn an_added_feed_changes_no_other_line() {
    let mut edit = open(SHIPPED);
    let feed = NewFeed {
        url: "https://example.org/\"a\"".to_owned(),
        tags: vec!["asia".to_owned(), "new".to_owned()],
        every: Some("5m".to_owned()),
        publisher: Some("Example".to_owned()),
    };
    edit.add_feed(&id("example"), &feed).unwrap();
    let text = edit.text();
    let added = "\n[feed.example]\nurl = 'https://example.org/\"a\"'\nevery = \"5m\"\n\
                 publisher = \"Example\"\ntags = [\"asia\", \"new\"]\n";
    let at = text.find(added).expect(&text);
    assert_eq!(text.replacen(added, "", 1), SHIPPED);
    assert!(
        text.split_at(at).0.ends_with("tags = [\"asia\"]\n"),
        "after the last feed"
    );
    assert!(edit.remove_feed(&id("example")));
    assert_eq!(edit.text(), SHIPPED);
}

#[test]
fn a_feed_can_be_added_to_any_file() {
    for before in [
        "",
        "# nothing yet\n",
        "watchlists = []",
        "[feed]\n",
        "[feed.a]\nurl = \"https://a.example/\"",
        "[feed.a]\nurl = \"https://a.example/\"\n# the end\n",
        "feed.a.url = \"https://a.example/\"\n",
        "[sink.a.log]\n\n[feed.a]\nurl = \"u\"\n[feed.a.headers]\nx = \"y\"\n[sink.b.log]\n",
    ] {
        let mut edit = open(before);
        edit.add_feed(&id("new"), &feed("https://new.example/"))
            .unwrap();
        let text = edit.text();
        let table: toml::Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        let url = table["feed"]["new"]["url"].as_str();
        assert_eq!(url, Some("https://new.example/"), "in {text}");
        for line in before.lines() {
            assert!(text.contains(line), "{line:?} is lost from {text}");
        }
    }
    let mut braces = open("feed = { a = { url = \"u\" } }\n");
    assert!(braces.add_feed(&id("new"), &feed("u")).is_err());
}

#[test]
fn a_removed_feed_takes_its_own_comment_along() {
    let before = "\
# About this file.

# Feeds, and what to know of them.

# The one that goes.
[feed.a]
url = \"https://a.example/\"
[feed.a.headers]
x = \"y\"

# Of b.
[feed.b]
url = \"https://b.example/\"

# The end.
";
    let mut edit = open(before);
    assert!(edit.remove_feed(&id("a")));
    let text = edit.text();
    assert_eq!(
        text,
        "\
# About this file.

# Feeds, and what to know of them.


# Of b.
[feed.b]
url = \"https://b.example/\"

# The end.
"
    );
    assert!(edit.remove_feed(&id("b")));
    assert!(!edit.remove_feed(&id("b")));
    let text = edit.text();
    assert!(
        text.contains("# Feeds, and") && text.contains("# The end."),
        "{text}"
    );
    assert!(!text.contains("feed.b"), "{text}");
}

#[test]
fn the_key_of_lists_goes_before_all_tables() {
    let cases = [
        ("a = 1\n\n[poll]\nevery = \"5m\"\n", 1),
        ("opml = [\"a.opml\"] # mine\n[poll]\n", 2),
        ("opml = []\n", 1),
        ("# head\n[poll]\n", 1),
    ];
    for (before, files) in cases {
        let mut edit = open(before);
        edit.add_opml("feeds.opml").unwrap();
        let text = edit.text();
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["opml"].as_array().unwrap().len(), files, "in {text}");
        assert_eq!(before.contains("# mine"), text.contains("# mine"));
    }
}

#[test]
fn a_file_is_replaced_whole_and_keeps_what_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::fs::write(&file, "before").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    replace(&link, b"after").unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "after");
    assert!(link.is_symlink());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    replace(&folder.path().join("new"), b"new").unwrap();
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        3,
        "nothing is left over"
    );
    assert!(replace(&folder.path().join("no/such"), b"x").is_err());
}

#[test]
fn lines_end_as_they_did() {
    let before = "# a\r\n[feed.a]\r\nurl = \"https://a.example/\" # b\r\n";
    let mut edit = open(before);
    edit.add_feed(&id("new"), &feed("https://new.example/"))
        .unwrap();
    let text = edit.text();
    assert!(text.starts_with(before), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(edit.remove_feed(&id("new")));
    assert_eq!(edit.text(), before);
}

#[test]
fn what_was_changed_meanwhile_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wirewatch.toml");
    std::fs::write(&path, "").unwrap();
    let environment = Environment::of([("STATE_DIRECTORY", "state")]);
    let mut edit = Edit::of(path.clone(), environment, "").unwrap();
    edit.add_feed(&id("new"), &feed("https://new.example/"))
        .unwrap();
    std::fs::write(&path, "# mine\n").unwrap();
    let failure = edit.write().unwrap_err();
    assert!(
        failure.message.contains("changed meanwhile"),
        "{}",
        failure.message
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
}
