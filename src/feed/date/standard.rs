//! The two forms of date that the standards ask for, read without a detour.
//!
//! Nearly all dates of feeds are `Wed, 23 Jul 2003 10:05:00 +0200` (RFC 822) or
//! `2003-07-23T10:05:00Z` (RFC 3339), each part at its place. Those are read here
//! byte by byte; what differs in one byte is left to the readers that are slower.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Reads a date that is exactly as a standard has it.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let mut bytes = Bytes(text.as_bytes());
    let moment = match text.as_bytes().get(4) {
        Some(b'-') => bytes.iso(),
        _ => bytes.mail(),
    };
    moment.filter(|_| bytes.0.is_empty())
}

/// What is left to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.take(1)? == [byte]).then_some(())
    }

    fn number(&mut self, digits: usize) -> Option<i16> {
        let mut value = 0_i16;
        for digit in self.take(digits)? {
            let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
            value = value * 10 + i16::from(digit);
        }
        Some(value)
    }

    fn two_digits(&mut self) -> Option<i8> {
        i8::try_from(self.number(2)?).ok()
    }

    /// RFC 3339, section 5.6, without fractions of a second.
    fn iso(&mut self) -> Option<Timestamp> {
        let year = self.number(4)?;
        self.expect(b'-')?;
        let month = self.two_digits()?;
        self.expect(b'-')?;
        let day = self.two_digits()?;
        self.expect(b'T')?;
        let time = self.time()?;
        let offset = match self.take(1)? {
            b"Z" => Offset::UTC,
            sign => self.offset(sign, true)?,
        };
        let date = Date::new(year, month, day).ok()?;
        offset.to_timestamp(date.to_datetime(time)).ok()
    }

    /// RFC 822, section 5, with the year in four digits.
    fn mail(&mut self) -> Option<Timestamp> {
        if self.0.first().is_some_and(u8::is_ascii_alphabetic) {
            let weekday = self.take(3)?;
            let is_name = weekday.iter().all(u8::is_ascii_alphabetic);
            is_name.then_some(())?;
            self.expect(b',')?;
            self.expect(b' ')?;
        }
        let has_two_digits = self.0.get(1).is_some_and(u8::is_ascii_digit);
        let day = self.number(if has_two_digits { 2 } else { 1 })?;
        self.expect(b' ')?;
        let name = self.take(3)?;
        let month = MONTHS.iter().position(|month| *month == name)?;
        let month = i8::try_from(month + 1).ok()?;
        self.expect(b' ')?;
        let year = self.number(4)?;
        self.expect(b' ')?;
        let time = self.time()?;
        self.expect(b' ')?;
        let offset = match self.0 {
            b"GMT" | b"UTC" => {
                self.0 = &[];
                Offset::UTC
            }
            _ => {
                let sign = self.take(1)?;
                self.offset(sign, false)?
            }
        };
        let date = Date::new(year, month, i8::try_from(day).ok()?).ok()?;
        offset.to_timestamp(date.to_datetime(time)).ok()
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.two_digits()?;
        self.expect(b':')?;
        let minute = self.two_digits()?;
        self.expect(b':')?;
        let second = self.two_digits()?;
        Time::new(hour, minute, second, 0).ok()
    }

    fn offset(&mut self, sign: &[u8], has_colon: bool) -> Option<Offset> {
        /// No zone is farther from the meridian, and what says so is a mistake.
        const HOURS_MAX: i8 = 14;
        let hours = self.two_digits().filter(|hours| *hours <= HOURS_MAX)?;
        if has_colon {
            self.expect(b':')?;
        }
        let minutes = self.two_digits().filter(|minutes| *minutes < 60)?;
        let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
        match sign {
            b"+" => Offset::from_seconds(seconds).ok(),
            b"-" => Offset::from_seconds(-seconds).ok(),
            _ => None,
        }
    }
}
