//! The world pack and lists of actors, as the binary reads them: which countries
//! and bodies a text names, in which language it may be, and what it does not
//! name although it has the letters.

use crate::support::{Finished, Wirewatch};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A text, and the ids of all that the pack finds in it.
const ROWS: &[(&str, &str)] = &[
    // English, as agencies write it.
    (
        "North Korea and the South Korean navy met the U.S. envoy",
        "north-korea south-korea united-states",
    ),
    (
        "The DPRK, the ROK, the PRC, the UAE and the UK",
        "china north-korea south-korea united-arab-emirates united-kingdom",
    ),
    (
        "Burma, Ivory Coast, Swaziland and the Czech Republic",
        "czech-republic eswatini ivory-coast myanmar",
    ),
    (
        "Britons and Dutchmen left; two Spaniards and a Swede stayed",
        "netherlands spain sweden united-kingdom",
    ),
    (
        "Kiev called, Beijing answered, and Downing Street did not",
        "china ukraine united-kingdom",
    ),
    ("Nigeria's army crossed into Niger", "niger nigeria"),
    (
        "Guinea-Bissau, Equatorial Guinea and Papua New Guinea",
        "equatorial-guinea guinea-bissau papua-new-guinea",
    ),
    ("Dominicans in the Dominican Republic", "dominican-republic"),
    (
        "South Sudan borders the Democratic Republic of Congo",
        "democratic-republic-of-the-congo south-sudan",
    ),
    ("Turkey votes", "turkey"),
    ("TURKEY VOTES", "turkey"),
    ("Türkiye votes", "turkey"),
    ("Jordan's King Abdullah flew to Amman", "jordan"),
    ("Chad closes its border with Darfur", "chad"),
    ("Georgia and Abkhazia", "georgia"),
    ("Protests in Tbilisi, Georgia", "georgia"),
    ("Scotland and Northern Ireland", "northern-ireland scotland"),
    // What has the letters and is something else.
    ("He cooked a turkey, then sold bone china in New Jersey", ""),
    ("Michael Jordan met Cuba Gooding", ""),
    ("Jordan Peele made a film", ""),
    ("Guinea pigs and Brussels sprouts in Paris, Texas", ""),
    ("A vote in Georgia on the state budget in Atlanta", ""),
    (
        "George Washington, the Washington Post and Washington state",
        "",
    ),
    ("Two Latin American and South American bands", ""),
    ("New Mexico and New England", ""),
    ("tell us who the world health minister is", ""),
    ("The island has a reunion of niger seed growers", ""),
    ("WHO DID IT? ICC WORLD CUP", ""),
    // Names that are words of another language.
    ("Oma talo kullan kallis, oman maan mansikka", ""),
    ("Um homem foi a praia; irão catar conchas", ""),
    ("Benim adım Ali", ""),
    ("Dacă vine la cina", ""),
    ("Lima orang tewas", ""),
    ("Norra delen av landet", ""),
    ("发展中国家", ""),
    ("沿海地区", ""),
    ("理查德", ""),
    ("有效的手段", ""),
    ("효과적인 수단", ""),
    ("인도적 지원", ""),
    ("وزير مالي", ""),
    // Other languages.
    (
        "Nordkorea testet eine Rakete, sagt Südkorea in Seoul",
        "north-korea south-korea",
    ),
    (
        "La Corée du Nord et les États-Unis",
        "north-korea united-states",
    ),
    ("El presidente de México viajó a Pekín", "china mexico"),
    ("La Germania e i Paesi Bassi", "germany netherlands"),
    ("Polônia, Irã e Japão", "iran japan poland"),
    ("Noord-Korea en Zweden", "north-korea sweden"),
    ("W Rosji i na Ukrainie", "russia ukraine"),
    (
        "В Москве и в Киеве ждут ответа Северной Кореи",
        "north-korea russia ukraine",
    ),
    (
        "Росія та Україна, сказали у Вашингтоні",
        "russia ukraine united-states",
    ),
    ("روسيا والصين وكوريا الشمالية", "china north-korea russia"),
    ("ایران و ژاپن", "iran japan"),
    ("צפון קוריאה וארצות הברית", "united-states"),
    (
        "中国和美国在日内瓦与俄罗斯会谈",
        "china russia united-states",
    ),
    (
        "北朝鮮と韓国、米国",
        "north-korea south-korea united-states",
    ),
    ("북한이 미국과 일본에", "japan north-korea united-states"),
    ("Kuzey Kore ve Fransa", "france north-korea"),
    (
        "Triều Tiên và Hàn Quốc, Mỹ",
        "north-korea south-korea united-states",
    ),
    ("Korea Utara dan Jepang", "japan north-korea"),
    ("เกาหลีเหนือ", "north-korea"),
    ("Η Βόρεια Κορέα και η Γερμανία", "germany north-korea"),
    ("Nordkorea och Tyskland", "germany north-korea"),
    ("Pohjois-Korea ja Saksa", "germany north-korea"),
    ("Severní Korea a Německo", "germany north-korea"),
    ("Észak-Korea és Németország", "germany north-korea"),
    ("Coreea de Nord și Germania", "germany north-korea"),
    ("उत्तर कोरिया और चीन", "china north-korea"),
    // Bodies.
    (
        "The UN Security Council, NATO and the IAEA",
        "iaea nato un-security-council",
    ),
    (
        "L'ONU, l'OTAN et l'Union européenne",
        "european-union nato united-nations",
    ),
    (
        "Die EZB und die Weltgesundheitsorganisation",
        "european-central-bank who",
    ),
    ("El FMI y el Banco Mundial", "imf world-bank"),
    ("ООН и МАГАТЭ", "iaea united-nations"),
    ("联合国安理会", "un-security-council"),
    ("A WHO team in Geneva says the outbreak is over", "who"),
    (
        "The ICC prosecutor in The Hague",
        "international-criminal-court netherlands",
    ),
];

fn with(watchlists: &str) -> Wirewatch {
    let wirewatch = Wirewatch::with("");
    let config = format!(
        "watchlists = {watchlists}\n[feed.a]\nurl = \"https://news.example/rss\"\n[sink.j.log]\n"
    );
    std::fs::write(wirewatch.path("wirewatch.toml"), config).expect("a file");
    wirewatch
}

/// The ids of the actors in each article.
fn found(finished: &Finished) -> Vec<BTreeSet<String>> {
    let lines = finished.out.lines().map(|line| {
        let matches: Value = serde_json::from_str(line).expect("JSON");
        let actors = matches["actors"].as_array().expect("actors");
        let ids = actors
            .iter()
            .map(|actor| actor["id"].as_str().expect("an id"));
        ids.map(str::to_owned).collect()
    });
    lines.collect()
}

#[test]
fn the_world_is_found_in_many_languages_and_nothing_else() {
    let wirewatch = with("[\"pack:world\"]");
    let articles: Vec<String> = ROWS
        .iter()
        .map(|(text, _)| json!({ "text": text }).to_string())
        .collect();
    let matched = wirewatch.command_with(&["match", "--json"], &(articles.join("\n") + "\n"));
    let found = found(&matched);
    assert_eq!(found.len(), ROWS.len(), "{}", matched.err);
    let mut wrong = Vec::new();
    for ((text, expected), found) in ROWS.iter().zip(found) {
        let expected: BTreeSet<String> = expected.split_whitespace().map(str::to_owned).collect();
        if found != expected {
            wrong.push(format!("{text}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_pack_is_what_its_builder_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/packs");
    let pack = std::fs::read_to_string(folder.join("world.toml")).expect("the pack");
    let built = Command::new("python3")
        .arg(folder.join("world/build.py"))
        .output();
    // Python 3.11 is the first that reads TOML; where it is not, the pack is as it is.
    let Ok(built) = built else { return };
    let error = String::from_utf8_lossy(&built.stderr);
    if error.contains("No module named 'tomllib'") {
        return;
    }
    assert!(built.status.success(), "{error}");
    assert!(
        String::from_utf8_lossy(&built.stdout) == pack,
        "run: config/packs/world/build.py > config/packs/world.toml"
    );
}

#[test]
fn the_users_actor_takes_the_place_of_the_packs() {
    let wirewatch = with("[\"pack:world\", \"own.toml\"]");
    let own = "[actor.france]\nname = \"Gallia\"\nkind = \"country\"\n[topic.talks]\nquery = \"@france AND @germany\"\n";
    std::fs::write(wirewatch.path("own.toml"), own).expect("a file");
    let checked = wirewatch.command(&["check", "--deny-warnings"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let articles = "{\"text\": \"France and Germany\"}\n{\"text\": \"Gallia and Germany\"}\n";
    let matched = wirewatch.command_with(&["match", "--json"], articles);
    let germany = BTreeSet::from(["germany".to_owned()]);
    let both = BTreeSet::from(["france".to_owned(), "germany".to_owned()]);
    assert_eq!(found(&matched), [germany, both]);
}

#[test]
fn an_actor_that_a_pack_has_is_pointed_to() {
    let wirewatch = with("[\"own.toml\"]");
    let own = "[topic.talks]\nquery = \"@france\"\n[actor.nice]\nname = \"Nice\"\nkind = \"place\"\nmember_of = [\"france\"]\n";
    std::fs::write(wirewatch.path("own.toml"), own).expect("a file");
    let checked = wirewatch.command(&["check"]);
    assert_eq!(checked.code, Some(78));
    let help = "help: add \"pack:world\" to `watchlists`, which has it, or define it with `[actor.france]`";
    assert_eq!(checked.err.matches(help).count(), 2, "{}", checked.err);

    let missing = with("[\"pack:wrld\"]").command(&["check"]);
    for text in ["there is no `pack:wrld`", "did you mean `pack:world`?"] {
        assert!(missing.err.contains(text), "{}", missing.err);
    }
}

const TABLE: &str = "\u{feff}id\tname\tkind\tmember_of\taliases\r\n\
    # the delegation\r\n\
    bolton\tJohn Bolton\tperson\tunited-states\tJohn R. Bolton|J. R. Bolton\r\n\
    \tSix-Party Talks\tgroup\t\t\r\n";

const ENTITIES: &str = r#"{"id":"NK-7","schema":"Person","caption":"Yoon Young-kwan","properties":{"name":["Yoon Young-kwan"],"alias":["Yun Young-kwan"],"weakAlias":["Yoon"]}}
{"id":"NK-7-1","schema":"Sanction","properties":{"entity":["NK-7"]}}
{"id":"addr-1","schema":"Address","properties":{}}

{"id":"NK-8","schema":"Organization","properties":{"name":["Korea Mining Development Trading Corporation"],"abbreviation":["KOMID"]}}
"#;

#[test]
fn tables_and_entities_are_matched_beside_the_pack() {
    let wirewatch = with("[\"pack:world\", \"people.tsv\", \"listed.ftm.json\"]");
    std::fs::write(wirewatch.path("people.tsv"), TABLE).expect("a file");
    std::fs::write(wirewatch.path("listed.ftm.json"), ENTITIES).expect("a file");
    let checked = wirewatch.command(&["check", "--deny-warnings"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let skipped =
        "listed.ftm.json: 2 actors; skipped 2 entities that are none: 1 Address, 1 Sanction";
    assert!(checked.out.contains(skipped), "{}", checked.out);

    let articles = "{\"text\": \"J. R. Bolton left the six-party talks.\"}\n\
        {\"text\": \"Yun Young-kwan spoke of KOMID. Yoon left.\"}\n{\"text\": \"Yoon met Komid\"}\n";
    let matched = wirewatch.command_with(&["match", "--json"], articles);
    let ids = |ids: &str| ids.split_whitespace().map(str::to_owned).collect();
    // A member's mention is its group's only in queries.
    let expected: [BTreeSet<String>; 3] =
        [ids("bolton six-party-talks"), ids("nk-7 nk-8"), ids("")];
    assert_eq!(found(&matched), expected);
}

#[test]
fn every_mistake_of_every_list_is_shown_at_its_place() {
    let wirewatch =
        with("[\"people.tsv\", \"headless.tsv\", \"empty.tsv\", \"listed.jsonl\", \"gone.tsv\"]");
    let table = "name\tkind\tid\nAnn\tpreson\nBob\tperson\tB\nJo\tperson\tjo\nJoe\tperson\tjo\n";
    std::fs::write(wirewatch.path("people.tsv"), table).expect("a file");
    std::fs::write(wirewatch.path("headless.tsv"), "Ann\tperson\nBob\tperson\n").expect("a file");
    std::fs::write(wirewatch.path("empty.tsv"), "").expect("a file");
    let entities = [
        b"{\"id\": 7}\n\xff\n{\"id\":\"".as_slice(),
        &b"a".repeat(5 << 20),
        b"\"}\nnope\n",
    ];
    std::fs::write(wirewatch.path("listed.jsonl"), entities.concat()).expect("a file");
    let checked = wirewatch.command(&["check"]);
    assert_eq!(checked.code, Some(78));
    let heads: Vec<&str> = checked
        .err
        .lines()
        .filter(|line| line.contains(": error: "))
        .collect();
    assert_eq!(
        heads,
        [
            "wirewatch.toml:1:74: error: cannot read gone.tsv: No such file or directory (os error 2) (watchlists[4])",
            "people.tsv:2:5: error: `preson` is not possible here (kind)",
            "people.tsv:3:12: error: `B` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_` (id)",
            "people.tsv:5:1: error: `jo` is given twice",
            "headless.tsv:1:1: error: unknown column `Ann`",
            "headless.tsv:1:5: error: unknown column `person`",
            "empty.tsv:1:1: error: the table is empty",
            "listed.jsonl:1:8: error: this is no entity: invalid type: integer `7`, expected a string",
            "listed.jsonl:2:1: error: the line is not UTF-8",
            "listed.jsonl:3:1: error: the line is longer than 4 MiB",
            "listed.jsonl:4:2: error: this is no entity: expected ident",
        ]
    );
    assert!(
        checked.err.contains("help: the first is at people.tsv:4:1"),
        "{}",
        checked.err
    );
}

#[test]
fn of_very_many_mistakes_the_first_are_shown() {
    let wirewatch = with("[\"people.tsv\"]");
    let table = "name\tkind\n".to_owned() + &"Ann\tpreson\n".repeat(250);
    std::fs::write(wirewatch.path("people.tsv"), table).expect("a file");
    let checked = wirewatch.command(&["check"]);
    assert!(
        checked.err.contains("150 more lines are wrong"),
        "{}",
        checked.err
    );
    assert!(checked.err.contains("101 mistakes"), "{}", checked.err);
}
