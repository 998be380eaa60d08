//! A query to text, with the fewest parentheses that keep its meaning.

use super::{Query, Reach, Word, WordForm};
use std::fmt::{self, Display, Formatter};

/// How tightly a query holds together; what is looser than its place needs
/// parentheses there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Or,
    And,
    Not,
    Near,
    Weighted,
    Atom,
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => list(f, parts, " AND ", Hold::Not),
            Self::Or(parts) => list(f, parts, " OR ", Hold::Not),
            Self::Not(part) => {
                f.write_str("NOT ")?;
                at_least(f, part, Hold::Not)
            }
            Self::Proximity { reach, left, right } => {
                at_least(f, left, Hold::Near)?;
                write!(f, " {reach} ")?;
                at_least(f, right, Hold::Weighted)
            }
            Self::Apart { reach, left, right } => {
                at_least(f, left, Hold::Near)?;
                write!(f, " NOT {reach} ")?;
                at_least(f, right, Hold::Weighted)
            }
            Self::Word(word) => write!(f, "{word}"),
            Self::Phrase(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                write!(f, "\"{}\"", words.join(" "))
            }
            Self::Actor { id, strong } => {
                write!(f, "@{id}{}", if *strong { "!" } else { "" })
            }
            Self::Topic(id) => write!(f, "#{id}"),
            Self::In(field, part) => {
                write!(f, "{}:", field.as_str())?;
                at_least(f, part, Hold::Atom)
            }
            Self::AtLeast(count, part) => {
                write!(f, "ATLEAST/{count} ")?;
                at_least(f, part, Hold::Atom)
            }
            Self::First(count, part) => {
                write!(f, "FIRST/{count} ")?;
                at_least(f, part, Hold::Atom)
            }
            Self::Of(count, parts) => {
                write!(f, "{count} OF(")?;
                list(f, parts, ", ", Hold::Or)?;
                f.write_str(")")
            }
            Self::Weighted(part, weight) => {
                at_least(f, part, Hold::Atom)?;
                write!(f, "^{weight}")
            }
        }
    }
}

impl Query {
    fn hold(&self) -> Hold {
        match self {
            Self::Or(_) => Hold::Or,
            Self::And(_) => Hold::And,
            Self::Not(_) => Hold::Not,
            Self::Proximity { .. } | Self::Apart { .. } => Hold::Near,
            Self::Weighted(..) => Hold::Weighted,
            _ => Hold::Atom,
        }
    }
}

fn list(f: &mut Formatter<'_>, parts: &[Query], separator: &str, least: Hold) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(separator)?;
        }
        at_least(f, part, least)?;
    }
    Ok(())
}

fn at_least(f: &mut Formatter<'_>, query: &Query, least: Hold) -> fmt::Result {
    if query.hold() < least {
        write!(f, "({query})")
    } else {
        write!(f, "{query}")
    }
}

impl Display for Reach {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Near(words) => write!(f, "NEAR/{words}"),
            Self::Pre(words) => write!(f, "PRE/{words}"),
            Self::Sentence => f.write_str("SENTENCE"),
            Self::Paragraph => f.write_str("PARA"),
        }
    }
}

impl Display for Word {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = match self.form {
            WordForm::Folded => "",
            WordForm::Exact => "=",
            WordForm::Stem => "~",
        };
        write!(f, "{sign}{}", self.text)
    }
}
