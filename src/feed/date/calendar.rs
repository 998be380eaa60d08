//! Which number of a date is its year, its month and its day.
//!
//! A number of four digits is a year, and one above 31 as well; one above 12 is
//! no month. What this leaves open is decided by what stands between the
//! numbers: `/` is American and has the month first, `.` is European and has it
//! second, and `-` is of ISO 8601 and begins with the year.

use jiff::civil::Date;

/// Day, month and year: there are never more.
const NUMBERS_MAX: usize = 3;

/// The numbers of a date, in the order in which they stand.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    found: Vec<Number>,
    month: Option<i8>,
    separator: Option<char>,
    /// A number too many: it is no date, or one that we would misread.
    is_crowded: bool,
}

#[derive(Debug, Clone, Copy)]
struct Number {
    value: i16,
    digits: usize,
}

impl Number {
    fn is_year(self) -> bool {
        self.digits > 2 || self.value > 31
    }
}

impl Numbers {
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && !self.is_crowded
    }

    /// Whether day, month and year are there.
    pub(super) fn is_complete(&self) -> bool {
        self.found.len() + usize::from(self.month.is_some()) >= NUMBERS_MAX
    }

    pub(super) fn name_month(&mut self, month: i8) {
        // A weekday may begin as a month does; the month is the later one.
        if !self.is_complete() {
            self.month = Some(month);
        }
    }

    pub(super) fn push(&mut self, digits: &str, separator: Option<char>) {
        self.separator = self.separator.or(separator);
        let take = |range: std::ops::Range<usize>| {
            let text = digits.get(range.clone())?;
            Some(Number {
                value: text.parse().ok()?,
                digits: range.len(),
            })
        };
        let numbers = match digits.len() {
            1..=4 => vec![take(0..digits.len())],
            // Of ISO 8601, without what parts it: with months, or days of the year.
            8 => vec![take(0..4), take(4..6), take(6..8)],
            7 => vec![take(0..4), take(4..7)],
            5 => vec![take(0..2), take(2..5)],
            6 => vec![take(0..2), take(2..4), take(4..6)],
            _ => Vec::new(),
        };
        for number in numbers.into_iter().flatten() {
            self.is_crowded |= self.found.len() == NUMBERS_MAX;
            if !self.is_crowded {
                self.found.push(number);
            }
        }
    }

    /// The day that they name; `is_american` says that the time had AM or PM.
    pub(super) fn date(&self, is_american: bool) -> Option<Date> {
        if self.is_crowded {
            return None;
        }
        match (self.found.as_slice(), self.month) {
            ([first, second], Some(month)) => {
                let (day, year) = if first.is_year() {
                    (second, first)
                } else {
                    (first, second)
                };
                date(*year, month, *day)
            }
            ([year], Some(month)) if year.digits == 4 => date(*year, month, one()),
            ([first, second, third], _) => self.all_numbers(*first, *second, *third, is_american),
            ([year, day], None) if day.digits == 3 => day_of_year(*year, *day),
            ([year, month], None) if month.digits == 2 && self.separator == Some('-') => {
                date(*year, month_of(*month)?, one())
            }
            ([year], None) if year.digits == 4 => match year.value {
                1900..=2100 => date(*year, 1, one()),
                // Year and month, in two digits each.
                value => date(
                    two_digits(value / 100),
                    month_of(two_digits(value % 100))?,
                    one(),
                ),
            },
            _ => None,
        }
    }

    fn all_numbers(
        &self,
        first: Number,
        second: Number,
        third: Number,
        is_american: bool,
    ) -> Option<Date> {
        let is_iso = self.separator == Some('-') || self.separator.is_none();
        if first.is_year() || (is_iso && !third.is_year()) {
            // `2003-23-07` has month and day swapped.
            let in_order = |month, day| date(first, month_of(month)?, day);
            return in_order(second, third).or_else(|| in_order(third, second));
        }
        let month_first = match (first.value, second.value) {
            (13.., _) => false,
            (_, 13..) => true,
            _ => is_american || self.separator == Some('/'),
        };
        let (month, day) = if month_first {
            (first, second)
        } else {
            (second, first)
        };
        date(third, month_of(month)?, day)
    }
}

fn two_digits(value: i16) -> Number {
    Number { value, digits: 2 }
}

fn one() -> Number {
    Number {
        value: 1,
        digits: 1,
    }
}

fn month_of(number: Number) -> Option<i8> {
    let month = i8::try_from(number.value).ok()?;
    (1..=12).contains(&month).then_some(month)
}

fn date(year: Number, month: i8, day: Number) -> Option<Date> {
    Date::new(whole_year(year), month, i8::try_from(day.value).ok()?).ok()
}

fn day_of_year(year: Number, day: Number) -> Option<Date> {
    let first = Date::new(whole_year(year), 1, 1).ok()?;
    let days = jiff::Span::new().try_days(i64::from(day.value) - 1).ok()?;
    let found = first.checked_add(days).ok()?;
    (found.year() == first.year()).then_some(found)
}

/// RFC 2822, section 4.3, for years of two or three digits. Year 0001 stays as it
/// is: it is how some programs print that they know no date.
fn whole_year(year: Number) -> i16 {
    match (year.value, year.digits) {
        (value @ 0..=49, 1..=2) => value + 2000,
        (value @ 50..=999, 1..=3) => value + 1900,
        (value, _) => value,
    }
}
