//! Entities that a document declares for itself.
//!
//! `<!ENTITY co "Example &amp; Sons">` in the document type gives a name to a
//! text, and XML reads `&co;` as if that text stood there. So it is put there,
//! before anything else looks at the document. Entities that are files are never
//! read, and those that hold each other are let grow to a bound only, because ten
//! lines of them can stand for more text than there is memory.

use super::problems::Problems;
use crate::work;
use std::borrow::Cow;

/// A longer document type is not looked through, in bytes.
const TYPE_BYTES_MAX: usize = 64 * 1024;

/// The most entities of a document.
const ENTITIES_MAX: usize = 256;

/// How deep entities may stand in each other.
const DEPTH_MAX: usize = 8;

/// A declared entity: its name and the text that it stands for.
type Entity<'a> = (&'a str, &'a str);

/// The text of a document with the entities in it that were declared before it.
/// Together they may be twice as long as the document.
pub(super) fn expand<'a>(before: &str, text: &'a str, problems: &mut Problems) -> Cow<'a, str> {
    let entities = declared(before);
    if entities.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut expansion = Expansion {
        entities,
        out: String::with_capacity(text.len()),
        budget_bytes: text.len() * 2,
        is_cut: false,
    };
    expansion.document(text);
    if expansion.is_cut {
        problems.note(
            "entities of the document grow too much and are left out",
            "",
        );
    }
    Cow::Owned(expansion.out)
}

/// The entities that a document type declares with a text of their own.
fn declared(before: &str) -> Vec<Entity<'_>> {
    let start = before.get(..before.floor_char_boundary(TYPE_BYTES_MAX));
    let declarations = start.unwrap_or_default().split("<!ENTITY").skip(1);
    declarations.filter_map(entity).take(ENTITIES_MAX).collect()
}

/// What follows `<!ENTITY`: a name and a text in quotes.
fn entity(declaration: &str) -> Option<Entity<'_>> {
    let (name, rest) = declaration.trim_start().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (text, _) = rest.get(1..)?.split_once(quote)?;
    let is_predefined = matches!(name, "amp" | "lt" | "gt" | "quot" | "apos");
    let is_name = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (is_name && !is_predefined).then_some((name, text))
}

struct Expansion<'a> {
    entities: Vec<Entity<'a>>,
    out: String,
    /// How much may still be put in. What is looked through counts, because
    /// entities that stand for nothing can hold each other as well.
    budget_bytes: usize,
    is_cut: bool,
}

impl Expansion<'_> {
    /// Takes a document, outside of whose sections references count.
    fn document(&mut self, text: &str) {
        let mut rest = text;
        while let Some((outside, section)) = rest.split_once("<![CDATA[") {
            self.text(outside, 0);
            let (inside, after) = section.split_once("]]>").unwrap_or((section, ""));
            self.out.push_str("<![CDATA[");
            self.out.push_str(inside);
            if inside.len() < section.len() {
                self.out.push_str("]]>");
            }
            rest = after;
        }
        self.text(rest, 0);
    }

    fn text(&mut self, text: &str, depth: usize) {
        let mut parts = text.split('&');
        self.out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            work::count(self.entities.len());
            let named = part.split_once(';').and_then(|(name, after)| {
                let found = self.entities.iter().find(|(it, _)| *it == name);
                Some((found?.1, after))
            });
            let Some((meaning, after)) = named else {
                self.out.push('&');
                self.out.push_str(part);
                continue;
            };
            match self.budget_bytes.checked_sub(meaning.len() + 1) {
                Some(left) if depth < DEPTH_MAX => {
                    self.budget_bytes = left;
                    self.text(meaning, depth + 1);
                }
                _ => self.is_cut = true,
            }
            self.out.push_str(after);
        }
    }
}
