//! Templates of the operator's, for receivers that no format of ours fits.
//!
//! A template is the operator's and trusted to mean well; what it is given comes
//! from feeds and is not. So that text stays text whatever stands in it, it is
//! escaped by what the output is. A template reads no file, no variable of the
//! environment and no other template, and what it may do and write is bounded, so
//! that a mistake in it costs one delivery and not the daemon.

#[cfg(test)]
mod tests;

use crate::alert::message::{Message, MessageError};
use crate::text::printable;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value as Json};
use std::io::{self, Write};
use std::ops::Range;

/// The largest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 256 * 1024;
/// The largest output, in bytes.
pub const OUTPUT_BYTES_MAX: usize = 256 * 1024;
/// How many steps a template may take: each of an alert's hundreds of pieces of
/// evidence needs some dozens.
const STEPS_MAX: u64 = 500_000;
/// How deep macros and blocks may nest.
const DEPTH_MAX: usize = 64;
/// The longest message about a mistake, in characters.
const MESSAGE_CHARS_MAX: usize = 300;

/// What it is called inside its environment.
const NAME: &str = "template";

/// What a template writes, which says how text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// JSON: every value is written as JSON, text with its quotes.
    Json,
    /// HTML or XML: text is escaped.
    Markup,
    /// Anything else: nothing is escaped.
    Plain,
}

impl Output {
    /// What a media type says of it.
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        match essence.split_once('/').map_or("", |(_, subtype)| subtype) {
            "json" => Self::Json,
            "html" | "xml" => Self::Markup,
            subtype if subtype.ends_with("+json") => Self::Json,
            subtype if subtype.ends_with("+xml") => Self::Markup,
            _ => Self::Plain,
        }
    }
}

/// What is wrong with a template, or with what it made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TemplateError {
    /// What it is.
    pub message: String,
    /// Its line, counted from 1, if it is about one.
    pub line: Option<usize>,
    /// Its bytes, if it is about some.
    pub span: Option<Range<usize>>,
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line} of the template: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A template that can be used.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
    output: Output,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it is too large or cannot be understood.
    pub fn new(source: String, output: Output) -> Result<Self, TemplateError> {
        if source.len() > TEMPLATE_BYTES_MAX {
            let message = format!("the template is larger than {TEMPLATE_BYTES_MAX} bytes");
            return Err(TemplateError::whole(message));
        }
        let mut environment = Environment::new();
        // A name that is not there is a typing mistake, unless one asks for it.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(STEPS_MAX));
        environment.set_recursion_limit(DEPTH_MAX);
        environment.set_auto_escape_callback(move |_| match output {
            Output::Json => AutoEscape::Json,
            Output::Markup => AutoEscape::Html,
            Output::Plain => AutoEscape::None,
        });
        // What is not known is nothing, not the word `none`; JSON has a word for it.
        environment.set_formatter(move |out, state, value| {
            if value.is_none() && output != Output::Json {
                return Ok(());
            }
            minijinja::escape_formatter(out, state, value)
        });
        environment.add_filter("json", json);
        environment.add_filter("xml", xml);
        environment.add_template_owned(NAME, source)?;
        Ok(Self {
            environment,
            output,
        })
    }

    /// Writes what the template makes of some data.
    ///
    /// # Errors
    /// When it asks for what is not there, does or writes too much, or should
    /// write JSON and does not.
    pub fn render(&self, data: &Json) -> Result<Vec<u8>, TemplateError> {
        let template = self.environment.get_template(NAME)?;
        let mut bounded = Bounded(Vec::new());
        let data = Value::from(Serde(data));
        template.render_captured_to(data, &mut bounded)?;
        let Bounded(body) = bounded;
        if self.output == Output::Json
            && let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&body)
        {
            let message = format!("the template's output is not JSON: {error}");
            return Err(TemplateError::whole(message));
        }
        Ok(body)
    }
}

impl TemplateError {
    fn whole(message: String) -> Self {
        Self {
            message,
            line: None,
            span: None,
        }
    }
}

impl From<Error> for TemplateError {
    fn from(error: Error) -> Self {
        let what = match error.kind() {
            ErrorKind::OutOfFuel => format!("it takes more than {STEPS_MAX} steps"),
            ErrorKind::WriteFailure => format!("it writes more than {OUTPUT_BYTES_MAX} bytes"),
            kind => match error.detail() {
                Some(detail) => format!("{kind}: {detail}"),
                None => kind.to_string(),
            },
        };
        Self {
            message: printable(&what, MESSAGE_CHARS_MAX),
            line: error.line(),
            span: error.range(),
        }
    }
}

/// What a template is given: the stored payload (`type`, `timestamp`, `data`),
/// and what every message has whatever its type: `title`, `text` as several lines,
/// `url`, `severity`, and `delivery`, which is the same at every attempt.
///
/// # Errors
/// When the payload is no payload of ours.
pub fn data(payload: &[u8], delivery: &str, text: &str) -> Result<Json, MessageError> {
    let message = Message::read(payload)?;
    let mut data: Map<String, Json> = serde_json::from_slice(payload)?;
    let words = [
        ("title", message.title().into()),
        ("text", text.into()),
        ("url", message.url().into()),
        ("severity", message.severity.as_str().into()),
        ("delivery", delivery.into()),
    ];
    data.extend(words.map(|(name, value): (_, Json)| (name.to_owned(), value)));
    Ok(Json::Object(data))
}

/// A value as JSON, for output that is not JSON as a whole.
fn json(value: &Value) -> Result<Value, Error> {
    let text = serde_json::to_string(value).map_err(|error| {
        let message = format!("this cannot be JSON: {error}");
        Error::new(ErrorKind::InvalidOperation, message)
    })?;
    Ok(Value::from_safe_string(text))
}

/// Text as XML has it, in an element or in quotes. Characters that XML 1.0 cannot
/// hold (section 2.2) are left out.
fn xml(value: &Value) -> Value {
    let text = if value.is_none() {
        String::new()
    } else {
        value.to_string()
    };
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    Value::from_safe_string(escaped)
}

/// Bytes up to a limit.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
