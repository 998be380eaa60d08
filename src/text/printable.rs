//! Foreign text for a terminal, a log or a line of a list.

/// Makes text harmless to show on one line, at most `chars_max` characters.
///
/// Control characters (line ends and the escapes of terminals among them) become
/// spaces, white space is folded, and the marks that turn the direction of
/// writing go (Unicode Annex 9: they can make a line read as another).
///
/// ```
/// use wirewatch::text::printable;
/// assert_eq!(printable("one\n\u{1b}[31mtwo \u{202e}three", 100), "one [31mtwo three");
/// assert_eq!(printable("Pyongyang", 5), "Pyon…");
/// ```
pub fn printable(text: &str, chars_max: usize) -> String {
    let mut shown = String::new();
    let mut count = 0;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            space = !shown.is_empty();
            continue;
        }
        if turns_direction(c) {
            continue;
        }
        let needed = 1 + usize::from(space);
        if count + needed > chars_max {
            while shown.chars().count() >= chars_max && shown.pop().is_some() {}
            shown.push('…');
            return shown;
        }
        if space {
            shown.push(' ');
        }
        shown.push(c);
        count += needed;
        space = false;
    }
    shown
}

/// Whether a character acts on what shows it, or turns the direction of writing.
pub fn is_active(c: char) -> bool {
    c.is_control() || turns_direction(c)
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
