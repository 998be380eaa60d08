use super::*;
use std::path::Path;

#[test]
fn show_me() {
    let dir = tempfile::tempdir().unwrap();
    let cases = std::fs::read_to_string("/tmp/cases.txt").unwrap();
    for case in cases.split("=====\n") {
        let (main, rest) = case.split_once("-----\n").unwrap_or((case, ""));
        let (watch, env) = rest.split_once("-----\n").unwrap_or((rest, ""));
        std::fs::write(dir.path().join("w.toml"), main).unwrap();
        std::fs::write(dir.path().join("watchlist.toml"), watch).unwrap();
        let mut environment: Vec<(String, String)> = env
            .lines()
            .filter_map(|l| l.split_once('='))
            .map(|(a, b)| (a.into(), b.into()))
            .collect();
        environment.push(("STATE_DIRECTORY".into(), "/s".into()));
        println!("{case}");
        let text = match load(&dir.path().join("w.toml"), &Environment::of(environment)) {
            Ok((_, warnings)) => Problems(warnings).to_string(),
            Err(problems) => problems.to_string(),
        };
        println!(
            "-----\n{}\n=====",
            text.replace(&format!("{}/", dir.path().display()), "")
        );
    }
    let _ = Path::new("");
}
