//! Calendar dates.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use thiserror::Error;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

/// A text is not a date as it should be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a date; write it like 2027-01-31")]
pub struct DateError(String);

impl Date {
    /// Today, in UTC.
    pub fn today() -> Date {
        Date(Timestamp::now().to_zoned(TimeZone::UTC).date())
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Date, DateError> {
        // jiff reads more than this one way to write a date, times and zones among it.
        let is_plain = text.len() == "2027-01-31".len() && !text.starts_with(['+', '-']);
        let date = text.parse().ok().map(Date).filter(|date| is_plain && date.to_string() == text);
        date.ok_or_else(|| DateError(text.to_owned()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_strictly_and_compare() {
        assert!("2026-12-01".parse::<Date>().unwrap() > "2026-11-30".parse().unwrap());
        assert!("2026-11-28".parse::<Date>().unwrap() <= Date::today());
        assert!("2028-02-29".parse::<Date>().is_ok());
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "2027-1-1",
            "2027-00-01",
            "27-01-01",
            "2027-01-01-01",
            "",
            "soon",
            "20270131",
            "2027-01-31T00:00:00",
            "-02027-01-31",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
