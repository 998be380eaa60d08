//! A message as lines of text, for the formats whose markup is text itself.

use super::text::{Block, Piece, View, sign};

/// How a receiver's markup is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Markup {
    /// Foreign text, so that nothing in it is markup.
    pub(super) text: fn(&str) -> String,
    /// A label, which is written already, that leads to an address.
    pub(super) link: fn(&str, &str) -> String,
    /// What stands around titles and names.
    pub(super) strong: [&'static str; 2],
    /// What stands around words that made a match.
    pub(super) mark: [&'static str; 2],
    /// What stands around a passage.
    pub(super) quote: [&'static str; 2],
}

/// No markup at all: what a link leads to stands on a line of its own.
pub(super) const PLAIN: Markup = Markup {
    text: str::to_owned,
    link: |label, url| format!("{label}\n{url}"),
    strong: ["", ""],
    mark: ["*", "*"],
    quote: ["“", "”"],
};

impl Markup {
    /// The title, with a sign for how much it matters, as the link that it is.
    pub(super) fn headline(&self, view: &View) -> String {
        let title = self.strong(&(self.text)(&view.title));
        let sign = sign(view.severity);
        format!("{sign} {}", self.linked(title, view.url.as_deref()))
    }

    /// What a message says beside its title, a line each.
    pub(super) fn lines(&self, view: &View) -> Vec<String> {
        view.blocks.iter().map(|block| self.line(block)).collect()
    }

    fn line(&self, block: &Block) -> String {
        let [open, close] = self.quote;
        match block {
            Block::Source(text) | Block::Text(text) => (self.text)(text),
            Block::Quote(pieces) => format!("{open}{}{close}", self.pieces(pieces)),
            Block::Fact { name, text } => {
                let name = self.strong(&format!("{name}:"));
                format!("{name} {}", (self.text)(text))
            }
            Block::Item {
                severity,
                title,
                url,
                source,
            } => {
                let title = self.linked((self.text)(title), url.as_deref());
                let source = (self.text)(source);
                format!("{} {title}\n{source}", sign(*severity))
            }
            Block::More(number) => Block::more(*number),
        }
    }

    fn pieces(&self, pieces: &[Piece]) -> String {
        let [open, close] = self.mark;
        let written = pieces.iter().map(|piece| {
            let text = (self.text)(&piece.text);
            if piece.marked {
                format!("{open}{text}{close}")
            } else {
                text
            }
        });
        written.collect()
    }

    fn strong(&self, text: &str) -> String {
        let [open, close] = self.strong;
        format!("{open}{text}{close}")
    }

    fn linked(&self, label: String, url: Option<&str>) -> String {
        match url {
            Some(url) => (self.link)(&label, url),
            None => label,
        }
    }
}
