//! Feeds as publishers' systems write them: every format, several languages.
//!
//! They are made here of a few headlines, so that a test knows what is in them.

use std::fmt::Write as _;

/// A feed: its name, its text, and how many entries are in it.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) is_json: bool,
}

/// How many entries each sample has.
pub(super) const ENTRIES: usize = 15;

/// Writes a feed in a language.
type Write = fn(&Language) -> String;

struct Language {
    code: &'static str,
    desk: &'static str,
    headlines: [&'static str; 3],
    sentence: &'static str,
}

const LANGUAGES: [Language; 8] = [
    Language {
        code: "en-GB",
        desk: "Asia & Pacific",
        headlines: [
            "Pyongyang repeats demand for non-aggression pact",
            "Ministers meet in Beijing for six-party talks",
            "Inspectors leave Yongbyon",
        ],
        sentence: "The talks went on until late, and nobody wished to say when they would end.",
    },
    Language {
        code: "de",
        desk: "Außenpolitik",
        headlines: [
            "Verhandlungen über das Atomprogramm",
            "Minister treffen sich in Peking",
            "Inspekteure verlassen Nyŏngbyŏn",
        ],
        sentence: "Die Gespräche dauerten bis in die Nacht, und niemand wollte sagen, wie lange noch.",
    },
    Language {
        code: "fr",
        desk: "À l’étranger",
        headlines: [
            "Pyongyang réitère sa demande d’un pacte",
            "Les ministres se réunissent à Pékin",
            "Départ des inspecteurs",
        ],
        sentence: "Les pourparlers ont duré jusque tard, et personne n’a voulu dire quand ils finiraient.",
    },
    Language {
        code: "ru",
        desk: "В мире",
        headlines: [
            "Пхеньян повторяет своё требование",
            "Министры встретились в Пекине",
            "Инспекторы покинули Йонбён",
        ],
        sentence: "Переговоры продолжались допоздна, и никто не хотел сказать, когда они закончатся.",
    },
    Language {
        code: "ko",
        desk: "국제",
        headlines: [
            "평양, 불가침 조약 요구 되풀이",
            "베이징에서 6자 회담 열려",
            "사찰단 영변 떠나",
        ],
        sentence: "회담은 밤늦게까지 계속되었고 언제 끝날지 아무도 말하려 하지 않았다.",
    },
    Language {
        code: "ja",
        desk: "国際",
        headlines: [
            "平壌、不可侵条約を再び要求",
            "北京で六者会合",
            "査察官が寧辺を離れる",
        ],
        sentence: "会談は夜遅くまで続き、いつ終わるのかは誰も語らなかった。",
    },
    Language {
        code: "ar",
        desk: "العالم",
        headlines: [
            "بيونغ يانغ تكرر مطلبها",
            "الوزراء يجتمعون في بكين",
            "المفتشون يغادرون يونغبيون",
        ],
        sentence: "استمرت المحادثات حتى وقت متأخر ولم يشأ أحد أن يقول متى تنتهي.",
    },
    Language {
        code: "pl",
        desk: "Świat",
        headlines: [
            "Pjongjang powtarza żądanie paktu",
            "Ministrowie spotkali się w Pekinie",
            "Inspektorzy opuszczają Jongbjon",
        ],
        sentence: "Rozmowy trwały do późna i nikt nie chciał powiedzieć, kiedy się skończą.",
    },
];

/// All samples: each language in two of the formats.
pub(super) fn samples() -> Vec<Sample> {
    let formats: [(&str, Write); 6] = [
        ("rss", rss),
        ("atom", atom),
        ("rss of an old system", old_rss),
        ("rdf", rdf),
        ("atom with xhtml", atom_of_xhtml),
        ("json", json),
    ];
    LANGUAGES
        .iter()
        .enumerate()
        .flat_map(|(n, language)| [(n, language), (n + 3, language)])
        .map(|(n, language)| {
            let (format, write) = formats[n % formats.len()];
            Sample {
                name: format!("{} {format}", language.code),
                text: write(language),
                is_json: format == "json",
            }
        })
        .collect()
}

fn title(language: &Language, n: usize) -> String {
    format!("{} ({n})", language.headlines[n % 3])
}

fn html(language: &Language, n: usize) -> String {
    let sentence = language.sentence;
    format!(
        "<p>{sentence} {n}</p><p><a href=\"https://example.org/more?id={n}&amp;from=feed\">{sentence}</a></p>"
    )
}

fn escaped(html: &str) -> String {
    html.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn rss(language: &Language) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n<title>{}</title>\n<link>https://news.example.org/</link>\n<atom:link href=\"https://news.example.org/feed\" rel=\"self\" type=\"application/rss+xml\" />\n<description>{}</description>\n<language>{}</language>\n",
        escaped(language.desk),
        language.sentence,
        language.code
    );
    for n in 0..ENTRIES {
        write!(
            out,
            "<item>\n<title>{}</title>\n<link>https://news.example.org/2003/{n}</link>\n<dc:creator><![CDATA[A. Reporter]]></dc:creator>\n<pubDate>Wed, 23 Jul 2003 10:{n:02}:00 +0000</pubDate>\n<category><![CDATA[Diplomacy]]></category>\n<guid isPermaLink=\"false\">https://news.example.org/?p={n}</guid>\n<description><![CDATA[{}]]></description>\n<content:encoded><![CDATA[{}]]></content:encoded>\n</item>\n",
            title(language, n), language.sentence, html(language, n)
        )
        .unwrap();
    }
    out + "</channel>\n</rss>\n"
}

fn old_rss(language: &Language) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"0.91\">\n<channel>\n<title>{}</title>\n<link>https://old.example.org/</link>\n<description>{}</description>\n<image><title>{}</title><url>https://old.example.org/logo.gif</url><link>https://old.example.org/</link></image>\n",
        escaped(language.desk),
        language.sentence,
        escaped(language.desk)
    );
    for n in 0..ENTRIES {
        writeln!(
            out,
            "<item><title>{}</title><link>https://old.example.org/story.php?id={n}&amp;lang={}</link><description>{}</description><author>desk@example.org (The Desk)</author><pubDate>23 Jul 2003 10:{n:02} GMT</pubDate></item>",
            title(language, n), language.code, escaped(&html(language, n))
        )
        .unwrap();
    }
    out + "</channel>\n</rss>\n"
}

fn atom(language: &Language) -> String {
    atom_of(language, |language, n| {
        format!(
            "<content type=\"html\">{}</content>",
            escaped(&html(language, n))
        )
    })
}

fn atom_of_xhtml(language: &Language) -> String {
    atom_of(language, |language, n| {
        format!(
            "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div></content>",
            html(language, n)
        )
    })
}

fn atom_of(language: &Language, content: fn(&Language, usize) -> String) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\" xml:lang=\"{}\">\n<id>urn:uuid:60a76c80</id>\n<title>{}</title>\n<link rel=\"self\" href=\"https://blog.example.org/atom.xml\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"https://blog.example.org/\"/>\n<updated>2003-07-23T12:00:00Z</updated>\n<author><name>Desk</name></author>\n",
        language.code,
        escaped(language.desk)
    );
    for n in 0..ENTRIES {
        write!(
            out,
            "<entry>\n<id>tag:blog.example.org,2003:{n}</id>\n<title>{}</title>\n<link rel=\"alternate\" href=\"https://blog.example.org/{n}\"/>\n<published>2003-07-23T10:{n:02}:00Z</published>\n<updated>2003-07-23T11:{n:02}:00Z</updated>\n<category term=\"diplomacy\"/>\n<summary>{}</summary>\n{}\n<media:thumbnail url=\"https://blog.example.org/{n}.jpg\"/>\n</entry>\n",
            title(language, n), language.sentence, content(language, n)
        )
        .unwrap();
    }
    out + "</feed>\n"
}

fn rdf(language: &Language) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\n<channel rdf:about=\"https://rdf.example.org/rdf\">\n<title>{}</title>\n<link>https://rdf.example.org/</link>\n<description>{}</description>\n<dc:language>{}</dc:language>\n</channel>\n",
        escaped(language.desk),
        language.sentence,
        language.code
    );
    for n in 0..ENTRIES {
        write!(
            out,
            "<item rdf:about=\"https://rdf.example.org/{n}\">\n<title>{}</title>\n<link>https://rdf.example.org/{n}</link>\n<description>{}</description>\n<dc:creator>C. Reporter</dc:creator>\n<dc:date>2003-07-23T10:{n:02}:00+09:00</dc:date>\n<content:encoded><![CDATA[{}]]></content:encoded>\n</item>\n",
            title(language, n), language.sentence, html(language, n)
        )
        .unwrap();
    }
    out + "</rdf:RDF>\n"
}

fn json(language: &Language) -> String {
    let items: Vec<serde_json::Value> = (0..ENTRIES)
        .map(|n| {
            serde_json::json!({
                "id": format!("https://json.example.org/{n}"),
                "url": format!("https://json.example.org/{n}"),
                "title": title(language, n),
                "summary": language.sentence,
                "content_html": html(language, n),
                "date_published": format!("2003-07-23T10:{n:02}:00Z"),
                "tags": ["diplomacy"],
            })
        })
        .collect();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": language.desk,
        "home_page_url": "https://json.example.org/",
        "language": language.code,
        "items": items,
    });
    serde_json::to_string_pretty(&feed).unwrap()
}
