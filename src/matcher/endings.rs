//! The endings that names take, language by language.
//!
//! Each row says what a word ends in and what that ending becomes in each case.
//! The rows are those of names: of persons, countries and bodies, with the
//! spellings that newspapers print. The first row that fits a word is its own,
//! so longer endings stand before shorter ones.

/// How words with one ending are declined.
#[derive(Debug)]
pub(super) struct Paradigm {
    /// Letters one of which stands before the ending; any if empty, none if
    /// [`WHOLE`].
    pub(super) after: &'static str,
    /// What is replaced; may be nothing.
    pub(super) ending: &'static str,
    /// The endings of the cases, folded, with `|` between those that may be
    /// either. The cases of one language are in one order, so that two words can
    /// agree.
    pub(super) cases: &'static [&'static str],
}

/// Marks an ending that is a whole word.
pub(super) const WHOLE: &str = "^";

const fn row(
    after: &'static str,
    ending: &'static str,
    cases: &'static [&'static str],
) -> Paradigm {
    Paradigm {
        after,
        ending,
        cases,
    }
}

/// Russian: genitive, dative, accusative, instrumental, prepositional.
pub(super) const RUSSIAN: &[Paradigm] = &[
    row(WHOLE, "орел", &["орла", "орлу", "орла", "орлом", "орле"]),
    row(
        WHOLE,
        "египет",
        &["египта", "египту", "египет", "египтом", "египте"],
    ),
    row(
        "",
        "ок",
        &["ка|ока", "ку|оку", "ка|ока", "ком|оком", "ке|оке"],
    ),
    row(WHOLE, "лев", &["льва", "льву", "льва", "львом", "льве"]),
    row("", "авел", &["авла", "авлу", "авла", "авлом", "авле"]),
    row("", "оргий", &["оргия", "оргию", "оргия", "оргием", "оргии"]),
    row("ео", "ний", &["ния", "нию", "ния", "нием", "нии"]),
    row("кгх", "ий", &["ого", "ому", "ого", "им", "ом"]),
    row("жчшщн", "ий", &["его", "ему", "его", "им", "ем"]),
    row("", "ий", &["ия", "ию", "ия", "ием", "ии"]),
    row("", "ый", &["ого", "ому", "ого", "ым", "ом"]),
    row("ц", "ой", &["оя", "ою", "оя", "оем", "ое"]),
    row(
        "",
        "ой",
        &["ого|оя", "ому|ою", "ого|оя", "ым|им|оем", "ом|ое"],
    ),
    row("", "й", &["я", "ю", "я", "ем", "е"]),
    row(
        "",
        "ец",
        &["ца|еца", "цу|ецу", "ца|еца", "цом|цем|ецом", "це|еце"],
    ),
    row("", "ь", &["я|и", "ю|и", "я|ь", "ем|ью", "е|и"]),
    row("", "ая", &["ой", "ой", "ую", "ой", "ой"]),
    row("", "яя", &["ей", "ей", "юю", "ей", "ей"]),
    row("", "ия", &["ии", "ии", "ию", "ией", "ии"]),
    row("", "я", &["и", "е", "ю", "ей", "е"]),
    row("ое", "ва", &["вой|вы", "вой|ве", "ву", "вой", "вой|ве"]),
    row("иы", "на", &["ной|ны", "ной|не", "ну", "ной", "ной|не"]),
    row("гкх", "а", &["и", "е", "у", "ой", "е"]),
    row("жчшщ", "а", &["и", "е", "у", "ей|ой", "е"]),
    row("ц", "а", &["ы", "е", "у", "ей", "е"]),
    row("", "а", &["ы", "е", "у", "ой", "е"]),
    row("", "ое", &["ого", "ому", "ое", "ым|им", "ом"]),
    row("кгх", "ие", &["их", "им", "ие", "ими", "их"]),
    row("", "ие", &["ия", "ию", "ие", "ием", "ии"]),
    row("", "ье", &["ья", "ью", "ье", "ьем", "ье"]),
    row("", "ые", &["ых", "ым", "ые", "ыми", "ых"]),
    row("", "ы", &["ов|", "ам", "ы", "ами", "ах"]),
    row("", "во", &["ва", "ву", "во", "вом", "ве"]),
    row("иы", "но", &["на", "ну", "но", "ном", "не"]),
    row("ое", "в", &["ва", "ву", "ва", "вым|вом", "ве"]),
    row("иы", "н", &["на", "ну", "на", "ным|ном", "не"]),
    row("жчшщц", "", &["а", "у", "а", "ем", "е"]),
    row("бвгдзклмнпрстфх", "", &["а", "у", "а", "ом", "е"]),
];

/// Ukrainian: genitive, dative, accusative, instrumental, locative; the genitive
/// of things.
pub(super) const UKRAINIAN: &[Paradigm] = &[
    row("", "ий", &["ого", "ому", "ого", "им", "ому|ім"]),
    row("", "ій", &["ія", "ію|ієві", "ія", "ієм", "ії|ієві"]),
    row("", "й", &["я", "ю|єві", "я", "єм", "ї|єві", "ю"]),
    row("", "їв", &["єва", "єву", "їв", "євом", "єві"]),
    row(
        "",
        "ів",
        &[
            "ова|іва",
            "ову|іву",
            "ів|ова|іва",
            "овом|овим|івом|івим",
            "ові|іві",
        ],
    ),
    row("", "ець", &["ця", "цю|цеві", "ця", "цем", "ці|цеві"]),
    row("", "ь", &["я|і", "ю|еві|і", "я|ь", "ем|ю", "і|еві"]),
    row(
        "",
        "іл",
        &["ола|іла", "олу|ілу", "ола|іла", "олом|ілом", "олі|ілі"],
    ),
    row(
        "",
        "ок",
        &[
            "ка|ока",
            "кові|ку|окові",
            "ка|ока",
            "ком|оком",
            "кові|ку|окові",
        ],
    ),
    row(
        "а",
        "р",
        &[
            "ра|ря",
            "ру|рю|рові|реві",
            "ра|ря",
            "ром|рем",
            "рі|рові|реві",
        ],
    ),
    row("", "ія", &["ії", "ії", "ію", "ією", "ії"]),
    row("аеиоуюя", "я", &["ї", "ї", "ю", "єю", "ї"]),
    row("", "я", &["і", "і", "ю", "ею", "і"]),
    row("сцз", "ька", &["ької", "ькій", "ьку", "ькою", "ькій"]),
    row("оеє", "ва", &["вої|ви", "вій|ві", "ву", "вою", "вій|ві"]),
    row("", "на", &["ної|ни", "ній|ні", "ну", "ною", "ній|ні"]),
    row("", "ка", &["ки", "ці", "ку", "кою", "ці"]),
    row("", "га", &["ги", "зі", "гу", "гою", "зі"]),
    row("", "ха", &["хи", "сі", "ху", "хою", "сі"]),
    row("жчшщ", "а", &["і", "і", "у", "ею", "і"]),
    row("", "а", &["и", "і", "у", "ою", "і"]),
    row("вдклмнрст", "о", &["а", "у|ові", "а|о", "ом", "і|ові|у"]),
    row("", "і", &["их", "им", "і", "ими", "их"]),
    row("", "и", &["ів", "ам", "и", "ами", "ах"]),
    row("оеє", "в", &["ва", "ву|вові", "ва", "вим|вом", "ві|вові"]),
    row(
        "иії",
        "н",
        &["на", "ну|нові", "на", "ним|ном", "ні|нові", "ну"],
    ),
    row("жчшщ", "", &["а", "у|еві", "а", "ем", "і|еві", "у"]),
    row(
        "бвгґдзклмнпрстфхц",
        "",
        &["а", "у|ові", "а", "ом", "і|ові", "у"],
    ),
];

/// The forms of adjectives that Russian demonyms take, in no order.
pub(super) const RUSSIAN_ADJECTIVES: &[Paradigm] = &[
    row(
        "кгх",
        "ий",
        &[
            "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими",
        ],
    ),
    row(
        "",
        "ый",
        &[
            "ого", "ому", "ым", "ом", "ая", "ой", "ую", "ое", "ые", "ых", "ыми",
        ],
    ),
];

/// The forms of adjectives that Ukrainian demonyms take, in no order.
pub(super) const UKRAINIAN_ADJECTIVES: &[Paradigm] = &[row(
    "",
    "ий",
    &[
        "ого", "ому", "им", "ім", "а", "ої", "ій", "у", "ою", "е", "і", "их", "ими",
    ],
)];

/// Serbian in Cyrillic: genitive, dative, accusative, instrumental, locative.
pub(super) const SERBIAN: &[Paradigm] = &[
    row("н", "дар", &["дра", "дру", "дра", "дром", "дру"]),
    row("е", "тар", &["тра", "тру", "тра", "тром", "тру"]),
    row(
        "сшч",
        "ки",
        &["ког|кога", "ком|коме", "ког|кога", "ким", "ком"],
    ),
    row("", "на", &["не", "ној|ни", "ну", "ном", "ној|ни"]),
    row("", "ка", &["ке", "ци|ки|кој", "ку", "ком", "ци|ки|кој"]),
    row("", "га", &["ге", "зи|ги", "гу", "гом", "зи|ги"]),
    row("", "а", &["е", "и", "у", "ом", "и"]),
    row("", "о", &["а", "у", "а|о", "ом", "у"]),
    row("ћђчџжшцјљњ", "", &["а", "у", "а", "ем", "у"]),
    row("бвгдзклмнпрстфх", "", &["а", "у", "а", "ом", "у"]),
];

/// Croatian, Serbian in Latin letters, and Slovene: genitive, dative,
/// accusative, instrumental, locative.
pub(super) const SOUTH_SLAVIC: &[Paradigm] = &[
    row("n", "dar", &["dra", "dru", "dra", "drom", "dru"]),
    row("e", "tar", &["tra", "tru", "tra", "trom", "tru"]),
    row("e", "ter", &["tra", "tru", "tra", "trom", "tru"]),
    row(
        "sšč",
        "ki",
        &[
            "kog|koga|kega",
            "kom|kemu",
            "kog|koga|kega",
            "kim",
            "kom|kem",
        ],
    ),
    row("", "ka", &["ke", "ci|ki", "ku|ko", "kom|ko", "ci|ki"]),
    row("", "ga", &["ge", "zi|gi", "gu|go", "gom|go", "zi|gi"]),
    row("", "a", &["e", "i", "u|o", "om|o", "i"]),
    row("", "o", &["a", "u", "a", "om", "u"]),
    row("iye", "", &["ja|a", "ju|u", "ja|a", "jem|om", "ju|u"]),
    row("ćđčžšcj", "", &["a", "u", "a", "em|om", "u"]),
    row("bdfghklmnpqrstvwxz", "", &["a", "u", "a", "om", "u"]),
];

/// Polish: genitive, dative, accusative, instrumental, locative; the genitive of
/// things.
pub(super) const POLISH: &[Paradigm] = &[
    row("", "ki", &["kiego", "kiemu", "kiego", "kim", "kim"]),
    row("", "i", &["iego", "iemu", "iego", "im", "im"]),
    row(
        "aeou",
        "y",
        &["ya|yego", "yowi|yemu", "ya|yego", "yem|ym", "yu|ym"],
    ),
    row("", "y", &["ego|yego", "emu|yemu", "ego|yego", "ym", "ym"]),
    row(
        "sc",
        "ka",
        &["kiej|ki", "kiej|ce", "ka|ke", "ka", "kiej|ce"],
    ),
    row("", "ka", &["ki", "ce", "ke", "ka", "ce"]),
    row("", "ga", &["gi", "dze", "ge", "ga", "dze"]),
    row("", "ra", &["ry", "rze", "re", "ra", "rze"]),
    row("", "ła", &["ly", "le", "le", "la", "le"]),
    row("", "da", &["dy", "dzie", "de", "da", "dzie"]),
    row("", "ta", &["ty", "cie", "te", "ta", "cie"]),
    row("jlg", "a", &["i", "i", "e", "a", "i"]),
    row("", "ia", &["ii|i", "ii|i", "ie", "ia", "ii|i"]),
    row("cżz", "a", &["y", "y|ie", "e", "a", "y|ie"]),
    row("", "a", &["y", "ie", "e", "a", "ie"]),
    row("", "ko", &["ki", "ce", "ke", "ka", "ce"]),
    row("", "eł", &["la", "lowi", "la", "lem", "le"]),
    row("w", "el", &["la", "lowi", "la", "lem", "lu"]),
    row("", "ek", &["ka", "kowi", "ka", "kiem", "ku"]),
    row(
        "n",
        "der",
        &[
            "dra|dera",
            "drowi|derowi",
            "dra|dera",
            "drem|derem",
            "drze|derze",
        ],
    ),
    row("", "ów", &["owa", "owowi", "ow|owa", "owem", "owie"]),
    row("", "ń", &["nia", "niowi", "nia|n", "niem", "niu"]),
    row(
        "",
        "ć",
        &["cia|ci", "ciowi|ci", "cia|c", "ciem|cia", "ciu|ci"],
    ),
    row(
        "",
        "ś",
        &["sia|si", "siowi|si", "sia|s", "siem|sia", "siu|si"],
    ),
    row(
        "",
        "ź",
        &["zia|zi", "ziowi|zi", "zia|z", "ziem|zia", "ziu|zi"],
    ),
    row("", "ro", &["ry", "rze", "re", "ra", "rze"]),
    row("scrd", "z", &["za", "zowi", "za", "zem", "zu", "zu"]),
    row("kg", "", &["a", "owi", "a", "iem", "u", "u"]),
    row("", "r", &["ra", "rowi", "ra", "rem", "rze", "ru"]),
    row("", "t", &["ta", "towi", "ta", "tem", "cie", "tu"]),
    row("", "d", &["da", "dowi", "da", "dem", "dzie", "du"]),
    row("", "ł", &["la", "lowi", "la", "lem", "le", "lu"]),
    row("cjlżxqh", "", &["a", "owi", "a", "em", "u", "u"]),
    row("bfmnpsvwz", "", &["a", "owi", "a", "em", "ie", "u"]),
];

/// Czech and Slovak: genitive, dative, accusative, instrumental, locative; the
/// genitive and the locative of things.
pub(super) const CZECH: &[Paradigm] = &[
    row("", "ý", &["eho", "emu", "eho", "ym", "em|om"]),
    row("", "í", &["iho", "imu", "iho", "im", "im"]),
    row("sc", "ky", &["keho", "kemu", "keho", "kym", "kem|kom"]),
    row("", "á", &["e|ej", "e|ej", "ou|u", "ou", "e|ej"]),
    row("iy", "", &["ho", "mu", "ho", "m", "m"]),
    row(
        "e",
        "ter",
        &[
            "tra|tera",
            "trovi|terovi",
            "tra|tera",
            "trem|trom|terem",
            "trovi|terovi",
        ],
    ),
    row("", "ek", &["ka", "kovi|ku", "ka", "kem|kom", "kovi|ku"]),
    row(
        "",
        "ec",
        &["ce|ca", "covi|ci", "ce|ca", "cem|com", "covi|ci"],
    ),
    row("vr", "el", &["la", "lovi|lu", "la", "lem|lom", "lovi|lu"]),
    row("", "ka", &["ky", "ce|kovi|ke", "ku", "kou", "ce|kovi|ke"]),
    row("", "ha", &["hy", "ze|hovi|he", "hu", "hou", "ze|hovi|he"]),
    row("", "ra", &["ry", "re|rovi", "ru", "rou", "re|rovi"]),
    row("", "ia", &["ie", "ii", "ii|iu", "ii|iou", "ii"]),
    row("", "a", &["y", "e|ovi", "u", "ou", "e|ovi"]),
    row("", "o", &["a", "ovi|u", "a|o", "em|om", "ovi|u", "a", "e"]),
    row("e", "", &["a", "ovi|u", "a", "m|om", "ovi|u"]),
    row("šžčřcjďťň", "", &["e|a", "ovi|i", "e|a", "em|om", "ovi|i"]),
    row(
        "bdfghklmnpqrstvwxz",
        "",
        &["a", "ovi|u", "a", "em|om", "ovi|u", "u", "e"],
    ),
];

/// Romanian: genitive and dative, which are one.
pub(super) const ROMANIAN: &[Paradigm] = &[
    row("", "ia", &["iei"]),
    row("", "a", &["ei"]),
    row("", "ul", &["ului"]),
    row("", "u", &["ului"]),
    row("", "i", &["iului"]),
    row("bcdfghjklmnpqrstșţțvxz", "", &["ului"]),
];

/// Greek, with marks taken off: genitive, accusative, vocative.
pub(super) const GREEK: &[Paradigm] = &[
    row("", "ουσ", &["ου", "ου", "ου"]),
    row("", "οσ", &["ου", "ο", "ε"]),
    row("", "ησ", &["η", "η", "η"]),
    row("", "ασ", &["α", "α", "α"]),
    row("", "εσ", &["ων", "εσ", "εσ"]),
    row("", "α", &["ασ", "α", "α"]),
    row("", "η", &["ησ", "η", "η"]),
    row("", "ο", &["ου", "ο", "ο"]),
];

/// Latvian: genitive, dative, accusative, instrumental, locative.
pub(super) const LATVIAN: &[Paradigm] = &[
    row("", "is", &["a", "im", "i", "i", "i"]),
    row("", "us", &["us", "um", "u", "u", "u"]),
    row("", "š", &["a", "am", "u", "u", "a"]),
    row("", "s", &["a", "am", "u", "u", "a"]),
    row("", "a", &["as", "ai|am", "u", "u", "a"]),
    row("", "e", &["es", "ei|em", "i", "i", "e"]),
];

/// Lithuanian: genitive, dative, accusative, instrumental, locative.
pub(super) const LITHUANIAN: &[Paradigm] = &[
    row("", "ius", &["iaus", "iui", "iu", "iumi", "iuje"]),
    row("", "us", &["aus", "ui", "u", "umi", "uje"]),
    row("", "as", &["o", "ui", "a", "u", "e"]),
    row("", "is", &["io", "iui", "i", "iu", "yje"]),
    row("", "ys", &["io", "iui", "i", "iu", "yje"]),
    row("", "ia", &["ios", "iai", "ia", "ia", "ioje"]),
    row("", "a", &["os", "ai", "a", "a", "oje"]),
    row("", "ė", &["es", "ei", "e", "e", "eje"]),
];

/// Finnish: genitive, partitive, and the cases of places inside and outside. Only
/// the last word takes them.
pub(super) const FINNISH: &[Paradigm] = &[
    row(
        WHOLE,
        "suomi",
        &[
            "suomen",
            "suomea",
            "suomessa|suomesta",
            "suomella|suomelle",
            "suomeen",
        ],
    ),
    row(
        WHOLE,
        "helsinki",
        &[
            "helsingin",
            "helsinkia",
            "helsingissa|helsingista",
            "helsingilla|helsingille",
            "helsinkiin",
        ],
    ),
    row(
        "",
        "nen",
        &["sen", "sta", "sessa|sesta", "sella|selle|selta", "seen"],
    ),
    row(
        "aeiouyäö",
        "",
        &["n", "a|ta", "ssa|sta", "lla|lle|lta", "an|on|en|un|in"],
    ),
];

/// Estonian: genitive, partitive, and the cases of places and company. Only the
/// last word takes them.
pub(super) const ESTONIAN: &[Paradigm] = &[
    row("aeiouõäöü", "", &["t", "ga", "le|lt", "st|s", "d"]),
    row(
        "bcdfghjklmnpqrstvwxzšž",
        "",
        &["i|e", "it|et", "iga|ega", "ile|ele|ilt|elt", "ist|est"],
    ),
];

/// The forms of adjectives that Bulgarian and Macedonian demonyms take: genders,
/// and the article behind.
pub(super) const BALKAN_ADJECTIVES: &[Paradigm] = &[row(
    "",
    "ки",
    &["кия", "кият", "ка", "ката", "ко", "кото", "ките", "киот"],
)];
