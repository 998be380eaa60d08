//! Text is read as what it is, and else as what it is said to be.

use super::Feed;
use crate::feed::parse;
use encoding_rs::Encoding;

fn document(title: &str, declared: &str) -> String {
    let declaration = match declared {
        "" => String::new(),
        name => format!("<?xml version=\"1.0\" encoding=\"{name}\"?>"),
    };
    format!("{declaration}<rss version=\"2.0\"><channel><title>{title}</title></channel></rss>")
}

fn title(bytes: &[u8], served: Option<&str>) -> String {
    let feed: Feed = parse(bytes, None, served).unwrap();
    feed.title.unwrap()
}

#[test]
fn bytes_are_read_in_their_encoding() {
    for (text, encoding, declared, served) in [
        ("Пхеньян", "windows-1251", "windows-1251", None),
        ("Пхеньян", "koi8-r", "", Some("text/xml; charset=KOI8-R")),
        (
            "Пхеньян",
            "koi8-r",
            "utf-8",
            Some("text/xml; charset=\"koi8-r\""),
        ),
        ("平壌", "shift_jis", "Shift_JIS", None),
        ("平壌", "euc-jp", "EUC-JP", Some("application/rss+xml")),
        ("平壌", "iso-2022-jp", "ISO-2022-JP", None),
        ("평양", "euc-kr", "ks_c_5601-1987", None),
        ("平壤", "gbk", "gb2312", Some("text/xml")),
        ("Außenpolitik", "windows-1252", "iso-8859-1", None),
        ("Außenpolitik", "windows-1252", "", None),
        ("Außenpolitik", "windows-1252", "utf-8", None),
        ("Świat", "iso-8859-2", "iso-8859-2", None),
        // What is UTF-8 is read as UTF-8, whatever is said of it.
        (
            "Außenpolitik",
            "utf-8",
            "iso-8859-1",
            Some("text/xml; charset=latin1"),
        ),
        ("Außenpolitik", "utf-8", "utf-16", None),
        (
            "平壌",
            "utf-8",
            "no-such-encoding",
            Some("text/xml; charset="),
        ),
    ] {
        let encoding = Encoding::for_label(encoding.as_bytes()).unwrap();
        let text_of = document(text, declared);
        let (bytes, _, has_errors) = encoding.encode(&text_of);
        assert!(!has_errors, "{text} is no {}", encoding.name());
        assert_eq!(title(&bytes, served), text, "in {}", encoding.name());
    }
}

#[test]
fn labels_of_other_programs_are_known() {
    for (bytes, declared, expected) in [
        (b"Au\xe1enpolitik".as_slice(), "cp437", "Außenpolitik"),
        (b"Au\xe1enpolitik", "IBM850", "Außenpolitik"),
        (b"Au\xe1enpolitik", "csPC8CodePage437", "Außenpolitik"),
        (b"\x8f\xe5\xa5\xad\xec\xef\xad", "866", "Пхеньян"),
        (b"\xcf\xf5\xe5\xed\xfc\xff\xed", "windows_1251", "Пхеньян"),
        (b"Au\xa7enpolitik", "MacRoman", "Außenpolitik"),
        (b"Au\xdfenpolitik", "no-such-page-999", "Außenpolitik"),
    ] {
        let [before, after] = document("|", declared)
            .split('|')
            .map(|part| part.as_bytes().to_vec())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        let bytes = [before.as_slice(), bytes, after.as_slice()].concat();
        assert_eq!(title(&bytes, None), expected, "in {declared}");
    }
}

#[test]
fn what_was_taken_for_latin_is_read_as_it_was_meant() {
    let bytes = document("don\u{92}t \u{a9}", "");
    assert_eq!(title(bytes.as_bytes(), None), "don’t ©");
}

#[test]
fn entities_of_the_document_stand_for_their_text() {
    for (declared, written, meant) in [
        ("<!ENTITY co 'Example'>", "&co; Corp.", "Example Corp."),
        ("<!ENTITY co 'A &amp; B'>", "&co;", "A & B"),
        ("<!ENTITY a '&b;'> <!ENTITY b \"x > y\">", "&a;", "x > y"),
        ("<!ENTITY nbsp '&#160;'>", "a&nbsp;b", "a b"),
        ("<!ENTITY co 'x'>", "<![CDATA[&co;]]>", "&co;"),
        (
            "<!ENTITY co SYSTEM 'file:///etc/passwd'>",
            "a &co;",
            "a &co;",
        ),
        ("<!ENTITY % co 'x'>", "a &co;", "a &co;"),
        ("<!ENTITY lt 'x'>", "1 &lt; 2", "1 < 2"),
        ("<!ENTITY a 'x&a;'>", "&a;", "xxxxxxxx"),
    ] {
        let text = document(written, "");
        let text = format!("<!DOCTYPE rss [{declared}]>{text}");
        assert_eq!(title(text.as_bytes(), None), meant, "of {declared}");
    }
}

#[test]
fn wide_text_is_read_with_and_without_a_mark() {
    for mark in ["\u{feff}", ""] {
        let text = format!("{mark}{}", document("평양", "utf-16"));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big, text.into_bytes()] {
            assert_eq!(title(&bytes, None), "평양");
        }
    }
}

#[test]
fn references_mean_what_was_meant() {
    for (written, meant) in [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("Tom &#38; Jerry", "Tom & Jerry"),
        ("AT&T", "AT&T"),
        ("a&nbsp;b", "a b"),
        ("caf&eacute;", "café"),
        ("&#8216;a&#8217;", "‘a’"),
        ("&#145;a&#146;", "‘a’"),
        ("&#x1F1F0;&#x1F1F5;", "🇰🇵"),
        ("a&#0;b&#xD800;c", "abc"),
        ("&CounterClockwiseContourIntegral;", "∳"),
        ("a &nosuchname; b", "a &nosuchname; b"),
        ("&amp;amp;", "&"),
    ] {
        assert_eq!(
            title(document(written, "").as_bytes(), None),
            meant,
            "of {written}"
        );
    }
}
