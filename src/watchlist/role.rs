//! Roles: titles that a person held for a time.
//!
//! "Undersecretary Bolton" is John Bolton in 2003 and nobody known in 2010, when
//! another holds the office.

use jiff::civil::Date;

/// A title with the days on which it was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The title as it stands before the surname.
    pub title: String,
    /// The first day; none if it is not known.
    pub from: Option<Date>,
    /// The last day; none if it lasts.
    pub to: Option<Date>,
}

impl Role {
    /// Whether the role was held on the day of an article. An article without a
    /// day is taken for a new one: only a role that lasts counts in it.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use wirewatch::watchlist::Role;
    ///
    /// let role = Role {
    ///     title: "undersecretary".into(),
    ///     from: Some(date(2001, 5, 11)),
    ///     to: Some(date(2005, 7, 31)),
    /// };
    /// assert!(role.holds_on(Some(date(2003, 7, 23))));
    /// assert!(!role.holds_on(Some(date(2005, 8, 1))));
    /// assert!(!role.holds_on(None));
    /// ```
    pub fn holds_on(&self, day: Option<Date>) -> bool {
        match day {
            Some(day) => {
                self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
            }
            None => self.to.is_none(),
        }
    }
}
