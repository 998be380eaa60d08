//! What templates write, what they may not do, and what is said of their mistakes.

use super::{OUTPUT_BYTES_MAX, Output, TEMPLATE_BYTES_MAX, Template, TemplateError};
use serde_json::json;

fn made(source: &str, output: Output) -> Result<String, TemplateError> {
    let data = json!({"type": "article.matched", "title": "\"A\" & <b>\u{1}", "url": null,
        "data": {"topics": [{"id": "pact"}, {"id": "talks"}], "score": 1.5}});
    let template = Template::new(source.to_owned(), output)?;
    let body = template.render(&data)?;
    Ok(String::from_utf8(body).expect("templates write text"))
}

#[test]
fn text_is_escaped_by_what_the_output_is() {
    use Output::{Json, Markup, Plain};
    for (source, output, expected) in [
        ("{{ title }}", Plain, "\"A\" & <b>\u{1}"),
        ("{{ title }}", Markup, "&quot;A&quot; &amp; &lt;b&gt;\u{1}"),
        ("{{ title | xml }}", Plain, "&quot;A&quot; &amp; &lt;b&gt;"),
        ("{{ title | xml }}", Markup, "&quot;A&quot; &amp; &lt;b&gt;"),
        (
            "{\"t\": {{ title }}}",
            Json,
            r#"{"t": "\"A\" & <b>\u0001"}"#,
        ),
        ("{{ title | json }}", Plain, "\"\\\"A\\\" & <b>\\u0001\""),
        ("[{{ url }}]", Json, "[null]"),
        ("[{{ url }}]", Plain, "[]"),
        ("[{{ url | xml }}]", Plain, "[]"),
        ("{{ data.score }}", Plain, "1.5"),
        (
            "{% for topic in data.topics %}{{ topic.id }}{% if not loop.last %}, {% endif %}{% endfor %}",
            Plain,
            "pact, talks",
        ),
        ("{% if data.article %}x{% else %}y{% endif %}", Plain, "y"),
        ("{{ data.story is defined }}", Plain, "False"),
    ] {
        assert_eq!(made(source, output).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn a_media_type_says_how_text_is_escaped() {
    for (content_type, expected) in [
        ("application/json", Output::Json),
        ("application/vnd.x+json; charset=utf-8", Output::Json),
        ("TEXT/HTML", Output::Markup),
        ("application/atom+xml", Output::Markup),
        ("text/plain", Output::Plain),
        ("json", Output::Plain),
        ("", Output::Plain),
    ] {
        assert_eq!(Output::of(content_type), expected, "{content_type}");
    }
}

#[test]
fn text_that_looks_like_a_template_stays_text() {
    let data = json!({"title": "{{ 7 * 7 }}{% raw %}"});
    let template = Template::new("{{ title }}".to_owned(), Output::Plain).unwrap();
    assert_eq!(template.render(&data).unwrap(), b"{{ 7 * 7 }}{% raw %}");
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (source, line, message) in [
        ("a\nb {{ tilte }}", Some(2), "tilte"),
        ("a\n{% for x in y", Some(2), "syntax error"),
        ("{{ title | shout }}", Some(1), "unknown filter"),
        ("a\n\n{{ data.article.title }}", Some(3), "undefined"),
        ("{% include \"/etc/passwd\" %}", Some(1), ""),
        ("{{ env(\"HOME\") }}", Some(1), "env"),
        ("{{ open(\"/etc/passwd\") }}", Some(1), "open"),
    ] {
        let error = made(source, Output::Plain).expect_err(source);
        assert_eq!(error.line, line, "{source}: {error}");
        assert!(error.message.contains(message), "{source}: {error}");
    }
    let error = made("{\"title\": \"{{ title }}\"}", Output::Json).unwrap_err();
    assert!(error.message.contains("not JSON"), "{error}");
    assert_eq!(error.line, None);
}

#[test]
fn what_a_template_may_do_is_bounded() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    let error = made(endless, Output::Plain).unwrap_err();
    assert!(error.message.contains("steps"), "{error}");
    let much = format!(
        "{{% for a in range(9999) %}}{}{{% endfor %}}",
        "x".repeat(1000)
    );
    let error = made(&much, Output::Plain).unwrap_err();
    let bytes = OUTPUT_BYTES_MAX.to_string();
    assert!(error.message.contains(&bytes), "{error}");
    let deep = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    assert!(made(deep, Output::Plain).is_err());
    assert!(made(&"x".repeat(TEMPLATE_BYTES_MAX + 1), Output::Plain).is_err());
}
