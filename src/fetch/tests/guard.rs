//! What is left of the answers of a resolver, and what is refused before it is
//! asked.

use super::super::guard::{Guard, Word};
use std::net::SocketAddr;
use url::Url;

fn guard(allow: &[&str]) -> Guard {
    let allow: Vec<_> = allow.iter().map(|it| it.parse().unwrap()).collect();
    Guard::new(&allow)
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    let socket = |text: &&str| SocketAddr::new(text.parse().unwrap(), 0);
    texts.iter().map(socket).collect()
}

#[test]
fn of_the_addresses_of_a_name_the_public_ones_are_left() {
    let none: &[&str] = &[];
    for (name, found, left) in [
        ("news.example", &["1.1.1.1"][..], &["1.1.1.1"][..]),
        ("news.example", &[], none),
        ("private.example", &["10.0.0.1"], none),
        ("metadata.example", &["169.254.169.254"], none),
        ("carrier.example", &["100.64.0.1"], none),
        ("six.example", &["::1", "fd00::1", "fe80::1"], none),
        ("mapped.example", &["::ffff:127.0.0.1"], none),
        ("translated.example", &["64:ff9b::7f00:1"], none),
        ("sixtofour.example", &["2002:7f00:1::"], none),
        (
            "mixed.example",
            &["127.0.0.1", "1.1.1.1", "::1"],
            &["1.1.1.1"],
        ),
        ("mixed.example", &["1.1.1.1", "10.0.0.1"], &["1.1.1.1"]),
        ("allowed.example", &["10.9.0.1", "10.0.0.1"], &["10.9.0.1"]),
        // The operator's own word for this machine, and no other name of it.
        ("localhost", &["127.0.0.1", "::1"], &["127.0.0.1", "::1"]),
        ("LocalHost", &["127.0.0.1", "10.0.0.1"], &["127.0.0.1"]),
        ("localhost.", &["127.0.0.1"], none),
        ("a.localhost", &["127.0.0.1"], none),
        ("localhost.example", &["127.0.0.1"], none),
    ] {
        match guard(&["10.9.0.0/16"]).sift(name, addresses(found)) {
            Ok(sifted) => {
                assert_eq!(sifted, addresses(left), "{name}");
                assert!(found.is_empty() || !left.is_empty(), "{name}: in silence");
            }
            Err(refusal) => {
                assert!(left.is_empty() && !found.is_empty(), "{name}: {refusal}");
                let words = format!("{name} resolves to {}, which is not public", found[0]);
                assert!(refusal.0.starts_with(&words), "{refusal}");
            }
        }
    }
}

/// A name that answers anew with each question is judged by each answer, and the
/// answer that was judged is the one that is connected to.
#[test]
fn a_name_that_changes_its_mind_gains_nothing() {
    let guard = guard(&[]);
    for (answer, passes) in [
        (&["1.1.1.1"], true),
        (&["127.0.0.1"], false),
        (&["1.1.1.1"], true),
        (&["0.0.0.0"], false),
    ] {
        let sifted = guard.sift("rebinding.example", addresses(answer));
        assert_eq!(sifted.is_ok(), passes, "{answer:?}");
    }
}

/// Where a proxy looks names up, no answer comes by here.
#[test]
fn names_of_this_machine_are_refused_by_name() {
    for (host, passes) in [
        ("localhost", false),
        ("localhost.", false),
        ("LOCALHOST", false),
        ("a.localhost", false),
        ("a.b.localhost.", false),
        ("localhost.example", true),
        ("notlocalhost", true),
    ] {
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        let checked = guard(&[]).check(&url, Word::Derived);
        assert_eq!(checked.is_ok(), passes, "{host}");
        assert!(guard(&[]).check(&url, Word::Operator).is_ok(), "{host}");
        assert!(guard(&["127.0.0.0/8"]).check(&url, Word::Derived).is_ok());
    }
}
