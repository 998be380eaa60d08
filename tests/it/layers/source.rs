//! The paths that a piece of Rust source names.
//!
//! The layers are a rule about what code names, so comments, strings and
//! characters must not count, and groups such as `use crate::{a, b::{c, d}}` must
//! count in full. A scanner of tokens does that in a page; a parser of the whole
//! language would be a dependency that knows more than is asked.

use std::iter::Peekable;
use std::str::Chars;

/// A path in code, such as `crate::store::Store`, and the line where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Counted from one.
    pub(crate) line: usize,
    /// Its parts; `*` stands for everything.
    pub(crate) segments: Vec<String>,
}

/// All paths that `source` names, groups written out, in their order.
pub(crate) fn named(source: &str) -> Vec<Named> {
    let tokens = Scanner::new(source).tokens();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((_, token)) = tokens.get(at) {
        at = match token {
            Token::Word(_) => tree(&tokens, at, &[], &mut found),
            _ => at + 1,
        };
    }
    found
}

/// Reads one path, or one branch of a group; gives the place after it.
fn tree(tokens: &[(usize, Token)], start: usize, stem: &[String], found: &mut Vec<Named>) -> usize {
    let mut segments = stem.to_vec();
    let mut at = start;
    loop {
        match tokens.get(at) {
            Some((_, Token::Word(word))) => segments.push(word.clone()),
            Some((_, Token::Sign('*'))) => segments.push("*".to_owned()),
            Some((_, Token::Sign('{'))) => return group(tokens, at + 1, &segments, found),
            _ => break,
        }
        at += 1;
        match tokens.get(at) {
            Some((_, Token::Joint)) => at += 1,
            _ => break,
        }
    }
    let line = tokens[start].0;
    found.push(Named { line, segments });
    at
}

/// Reads the branches of a group up to its end; gives the place after it.
fn group(
    tokens: &[(usize, Token)],
    start: usize,
    stem: &[String],
    found: &mut Vec<Named>,
) -> usize {
    let mut at = start;
    let mut branch_begins = true;
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Sign('}') => return at + 1,
            Token::Sign(',') => branch_begins = true,
            // What follows a branch is its new name, `as other`, and no path.
            Token::Word(_) | Token::Sign('*') if branch_begins => {
                branch_begins = false;
                at = tree(tokens, at, stem, found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

#[derive(Debug)]
enum Token {
    Word(String),
    /// `::`
    Joint,
    Sign(char),
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            rest: source.chars().peekable(),
            line: 1,
        }
    }

    fn tokens(mut self) -> Vec<(usize, Token)> {
        let mut tokens = Vec::new();
        while let Some(c) = self.next() {
            let line = self.line;
            match c {
                '/' if self.take('/') => self.skip_line(),
                '/' if self.take('*') => self.skip_block_comment(),
                '"' => self.skip_string(),
                '\'' => self.skip_character(),
                ':' if self.take(':') => tokens.push((line, Token::Joint)),
                c if is_of_word(c) => {
                    if let Some(word) = self.word(c) {
                        tokens.push((line, Token::Word(word)));
                    }
                }
                c if c.is_whitespace() => {}
                c => tokens.push((line, Token::Sign(c))),
            }
        }
        tokens
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next();
        self.line += usize::from(c == Some('\n'));
        c
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    /// A word that begins with `first`; `None` when it was the mark of a raw
    /// string, which is skipped then.
    fn word(&mut self, first: char) -> Option<String> {
        let mut word = String::from(first);
        while let Some(c) = self.rest.next_if(|&c| is_of_word(c)) {
            word.push(c);
        }
        if !matches!(word.as_str(), "r" | "br" | "cr") {
            return Some(word);
        }
        let mut hashes = 0;
        while self.take('#') {
            hashes += 1;
        }
        if self.take('"') {
            self.skip_raw_string(hashes);
            return None;
        }
        // `r#type` is the word `type`.
        match self.rest.next_if(|&c| hashes == 1 && is_of_word(c)) {
            Some(c) => self.word(c),
            None => Some(word),
        }
    }

    fn skip_line(&mut self) {
        while self.rest.next_if(|&c| c != '\n').is_some() {}
    }

    /// Block comments nest.
    fn skip_block_comment(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some('/') if self.take('*') => depth += 1,
                Some('*') if self.take('/') => depth -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn skip_string(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '\\' => _ = self.next(),
                _ => {}
            }
        }
    }

    fn skip_raw_string(&mut self, hashes: usize) {
        while let Some(c) = self.next() {
            let mut seen = 0;
            while c == '"' && seen < hashes && self.take('#') {
                seen += 1;
            }
            if c == '"' && seen == hashes {
                return;
            }
        }
    }

    /// A character ends with a quote; a lifetime has none.
    fn skip_character(&mut self) {
        match self.next() {
            Some('\\') => {
                self.next();
                while self.next().is_some_and(|c| c != '\'') {}
            }
            Some(_) if self.take('\'') => {}
            _ => while self.rest.next_if(|&c| is_of_word(c)).is_some() {},
        }
    }
}

fn is_of_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The paths that `source` must name, one a line.
fn check(source: &str, expected: &[&str]) {
    let paths: Vec<String> = named(source)
        .iter()
        .map(|named| format!("{} {}", named.line, named.segments.join("::")))
        .collect();
    assert_eq!(paths, expected, "of {source:?}");
}

#[test]
fn paths_are_read_with_their_groups() {
    check("crate::a::B", &["1 crate::a::B"]);
    check("\n::a :: b()", &["2 a::b"]);
    check(
        "use crate::{a, b::{C, d::*, self},\n e as f};",
        &[
            "1 use",
            "1 crate::a",
            "1 crate::b::C",
            "1 crate::b::d::*",
            "1 crate::b::self",
            "2 crate::e",
        ],
    );
    check("A { b: c::d, e }", &["1 A", "1 b", "1 c::d", "1 e"]);
    check("a::<b::C>()", &["1 a", "1 b::C"]);
    check("r#type::x r", &["1 type::x", "1 r"]);
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    check("a // b::c\nd", &["1 a", "2 d"]);
    check("/// [`b`](crate::b)\nd", &["2 d"]);
    check("/* b /* c */ d\n */ e", &["2 e"]);
    check(r#""b::c \" d" e"#, &["1 e"]);
    check("r#\"b \" c\"# d r\"\\\" e", &["1 d", "1 e"]);
    check("br##\"\"# b\n\"## c", &["2 c"]);
    check("b\"c\" d", &["1 b", "1 d"]);
    check(r"'b' '\'' '\u{41}' '\\' c", &["1 c"]);
    check("&'b c<'d, e> '\"' f", &["1 c", "1 e", "1 f"]);
}
