//! Operators of other products, which would be read as words here.
//!
//! `recycl!` or `W/S` would then be looked for to the letter and never found, and
//! the alert that somebody waits for would not come. Such a word is refused with
//! what it is here; in quotes it is a word.

/// What a word of a query, right before `(` or not, is in this language, if it
/// is an operator of another.
pub(super) fn advice(word: &str, before_parenthesis: bool) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let write = |what: &str| Some(format!("write {what}"));
    if before_parenthesis {
        match word {
            "HEADLINE" | "HLEAD" | "TITLE" | "HEADING" => return write("`title:(…)`"),
            "ALLCAPS" | "CAPS" | "NOCAPS" => {
                return write("`=WORD`, which is found in exactly this case");
            }
            "AROUND" => return write("`NEAR/4` between the two, with the number of words"),
            _ => {}
        }
    }
    match lower.as_str() {
        "w/s" => return write("SENTENCE"),
        "w/p" | "w/seg" => return write("PARA"),
        "w/n" | "near/n" => return write("`NEAR/5`, with a number"),
        _ => {}
    }
    if word == "ONEAR" {
        return write("`PRE/5`, with a number");
    }
    if let Some((name, number)) = name_and_number(&lower) {
        return match name {
            "near" => write(&format!("`NEAR/{number}`")),
            "adj" => write(&format!("`PRE/{number}`")),
            "atleast" => write(&format!("`ATLEAST/{number}`")),
            "/f" => write(&format!("`FIRST/{number}`")),
            _ => None,
        };
    }
    if let Some((field @ ("hd" | "ti" | "hlp"), text)) = lower.split_once('=') {
        let ours = if field == "hlp" {
            "FIRST/50 "
        } else {
            "title:"
        };
        return write(&format!("`{ours}{text}`"));
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    if let Some(stem) = word.strip_suffix('!').filter(|stem| letters(stem) >= 2) {
        return write(&format!("`{stem}*`"));
    }
    if let Some(exact) = word
        .strip_prefix('{')
        .and_then(|word| word.strip_suffix('}'))
    {
        return write(&format!("`={exact}`, which is found in exactly this case"));
    }
    if let Some(wanted) = word.strip_prefix('+').filter(|wanted| letters(wanted) >= 2) {
        return write(&format!("`{wanted}`: a space is AND already"));
    }
    None
}

/// `near5` apart, and `/f50/`.
fn name_and_number(word: &str) -> Option<(&str, &str)> {
    let word = word.strip_suffix('/').unwrap_or(word);
    let at = word.find(|c: char| c.is_ascii_digit())?;
    let (name, number) = word.split_at_checked(at)?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some((name, number))
}
