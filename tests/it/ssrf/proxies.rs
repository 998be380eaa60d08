//! Proxies: that of the environment is nobody's word, and that of the operator's
//! is asked for nothing that we would not ask for ourselves.

use super::cases::Lands;
use super::{Case, HOME, World, configure, escaped, feed, name};
use crate::pages::{NEAR, linked};
use crate::support::{Page, Wirewatch, rss};
use std::collections::BTreeSet;
use url::Url;

/// By which variables programs are told of proxies.
const VARIABLES: [&str; 9] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "FTP_PROXY",
    "CGI_HTTP_PROXY",
    "SOCKS_PROXY",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_no_proxy() {
    let world = World::open(true).await;
    let proxy = format!("http://127.0.0.1:{}", world.canary.port);
    let mut variables: Vec<(&str, &str)> = VARIABLES.map(|name| (name, proxy.as_str())).to_vec();
    variables.extend([("NO_PROXY", ""), ("no_proxy", "")]);
    let item = linked(1, NEAR, &world.site.url(super::HOP, "/page"));
    world.site.set("/rss", Page::Document(rss(&[item])));
    let url = world.site.url(HOME, "/rss");
    let rest = world.allow().to_owned() + &feed("wire", &url, "full_text = \"always\"");
    let wirewatch = Wirewatch::with("");
    configure(&wirewatch, &rest);
    for command in [["run", "--once"], ["discover", &url], ["parse", &url]] {
        let ended = wirewatch.command_in(&variables, &command);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
    }
    assert_eq!(world.site.asked("/page").len(), 1);
    let reached = world.canary.begun().len();
    println!("variables {}, reached {reached}", variables.len());
    assert_eq!(reached, 0);

    // The same address is a proxy when the operator says so.
    let rest = rest.replacen("allow", &format!("proxy = \"{proxy}\"\nallow"), 1);
    configure(&wirewatch, &rest);
    let ended = wirewatch.command(&["discover", &url]);
    assert_eq!(ended.code, Some(69), "{}", ended.err);
    assert_eq!(world.canary.begun(), [format!("GET {url} HTTP/1.1")]);
}

/// A proxy resolves names by itself, so what they stand for is the proxy's to
/// judge. Literal addresses, and names that stand for the machine which looks
/// them up, are ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_sent_nowhere_inward() {
    for is_guarded in [true, false] {
        let world = World::open(is_guarded).await;
        let wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        let mut rest = format!("proxy = \"{}\"\n{}", world.site.url(4, ""), world.allow());
        let cases: Vec<(usize, &Case)> = world.cases(has_names).collect();
        for (number, case) in &cases {
            let to = world.address(case, "proxied", *number);
            let page = Page::Status(302, vec![("location", to)]);
            world.site.set(&format!("/redirect/{number}"), page);
            let item = linked(
                *number,
                NEAR,
                &escaped(&world.address(case, "page", *number)),
            );
            world
                .site
                .set(&format!("/feed/{number}"), Page::Document(rss(&[item])));
            for (route, more) in [("redirect", ""), ("feed", "full_text = \"always\"")] {
                let url = format!("http://news.test/{route}/{number}");
                rest += &feed(&format!("{route}-{number}"), &url, more);
            }
        }
        configure(&wirewatch, &rest);
        super::once(&wirewatch);
        let resolved = |case: &Case| case.lands == Lands::HereByName && !case.is_localhost();
        for route in ["proxied", "page"] {
            let asked = |(number, case): &&(usize, &Case)| {
                let url = Url::parse(&world.address(case, route, *number));
                url.is_ok_and(|url| !world.site.asked(url.path()).is_empty())
            };
            let reached = cases.iter().filter(asked);
            let reached: BTreeSet<usize> = reached.map(|(number, _)| *number).collect();
            let may = cases
                .iter()
                .filter(|(_, case)| !is_guarded || resolved(case));
            let may: BTreeSet<usize> = may
                .filter(|(_, case)| !case.is_tls())
                .map(|(number, _)| *number)
                .collect();
            assert_eq!(reached, may, "{route}");
            println!(
                "cases {}, {route} through a proxy: {}",
                cases.len(),
                reached.len()
            );
        }
        assert!(world.canary.begun().is_empty());
    }
}
