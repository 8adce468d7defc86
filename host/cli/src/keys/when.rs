//! Points in time, as people write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// The forms of a time, for what is said of one that has none of them.
const FORMS: &str =
    "2031-12-31 (its end, UTC), 2031-12-31T12:00:00Z, 90days (from now), or seconds since 1970";

/// 2100-01-01T00:00:00Z. A plain number above it is no time in seconds: more likely it is one in milliseconds.
const LAST_NUMBER: u64 = 4_102_444_800;

/// 9999-12-31T23:59:59Z, the last time that is written with four digits for the year.
const LAST: u64 = 253_402_300_799;

/// The last second of a day, after its beginning.
const END_OF_DAY: u64 = 24 * 60 * 60 - 1;

/// A point in time, in seconds of UNIX time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When(pub u64);

impl When {
    /// Reads a time in the future: a date, which means its end in UTC; a date and time in UTC; how long from now; or seconds
    /// of UNIX time, up to the year 2100.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_at(text, Self::now())
    }

    fn parse_at(text: &str, now: Self) -> Result<Self, String> {
        let when = Self::read(text, now)?;
        if when.0 > LAST {
            return Err(format!(
                "it is after the year 9999; a time to expire is {FORMS}"
            ));
        }
        if when.0 <= now.0 {
            return Err(format!(
                "{when} is over; a time to expire lies in the future: {FORMS}"
            ));
        }
        Ok(when)
    }

    fn read(text: &str, now: Self) -> Result<Self, String> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = text.parse().ok();
            let seconds = seconds.filter(|seconds| (now.0 + 1..LAST_NUMBER).contains(seconds));
            return seconds.map(Self).ok_or_else(|| {
                format!(
                    "a plain number is in seconds since 1970, from now ({}) to the year 2100 ({LAST_NUMBER}); else write \
                     {FORMS}",
                    now.0
                )
            });
        }
        if let Some(day) = day(text) {
            return Ok(Self(day.0 + END_OF_DAY));
        }
        if let Ok(time) = humantime::parse_rfc3339_weak(text) {
            return Ok(Self::from(time));
        }
        let from_now = humantime::parse_duration(text).ok();
        from_now
            .and_then(|duration| now.0.checked_add(duration.as_secs()))
            .map(Self)
            .ok_or_else(|| format!("a time to expire is {FORMS}"))
    }

    fn now() -> Self {
        Self::from(SystemTime::now())
    }
}

/// The beginning of a day that is written as a date.
fn day(text: &str) -> Option<When> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let is_date = bytes.len() == 10
        && digits(0..4)
        && bytes[4] == b'-'
        && digits(5..7)
        && bytes[7] == b'-'
        && digits(8..10);
    let time = is_date.then(|| humantime::parse_rfc3339(&format!("{text}T00:00:00Z")))?;
    time.ok().map(When::from)
}

impl From<SystemTime> for When {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs())
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 > LAST {
            return write!(f, "{} s after 1970", self.0);
        }
        match UNIX_EPOCH.checked_add(Duration::from_secs(self.0)) {
            Some(time) => humantime::format_rfc3339_seconds(time).fmt(f),
            None => write!(f, "{} s after 1970", self.0),
        }
    }
}

impl Serialize for When {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00Z.
    const NOW: When = When(1_767_225_600);

    fn parse(text: &str) -> Result<When, String> {
        When::parse_at(text, NOW)
    }

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let time = Ok(When(1_893_456_000));
        assert_eq!(parse("1893456000"), time);
        assert_eq!(parse("2030-01-01T00:00:00Z"), time);
        assert_eq!(parse("2030-01-01 00:00:00"), time);
        assert_eq!(parse("1h"), Ok(When(NOW.0 + 3600)));
        assert_eq!(parse("90days"), Ok(When(NOW.0 + 90 * 24 * 3600)));
        assert_eq!(parse("4102444799"), Ok(When(4_102_444_799)));
        assert_eq!(parse("2150-01-01T00:00:00Z"), Ok(When(5_680_281_600)));
    }

    #[test]
    fn a_date_is_taken_for_its_end() {
        for (date, end) in [
            ("2031-12-31", "2031-12-31T23:59:59Z"),
            ("2028-02-29", "2028-02-29T23:59:59Z"),
            ("9999-12-31", "9999-12-31T23:59:59Z"),
            // Today is not over.
            ("2026-01-01", "2026-01-01T23:59:59Z"),
        ] {
            assert_eq!(parse(date).map(|when| when.to_string()), Ok(end.into()));
        }
    }

    #[test]
    fn a_number_that_is_no_time_in_seconds_is_refused_with_the_forms() {
        for text in [
            "0",
            "1",
            // A year, a date, a time in milliseconds, now, and the year 2100.
            "2031",
            "20311231",
            "1893456000000",
            "1767225600",
            "4102444800",
            "18446744073709551615",
            "99999999999999999999",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("2031-12-31"), "{text}: {error}");
            assert!(error.contains("90days"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_over_is_refused() {
        for text in [
            "2025-12-31",
            "2025-12-31T23:59:59Z",
            "2026-01-01T00:00:00Z",
            "0s",
            "999ms",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("is over"), "{text}: {error}");
            assert!(error.contains("90days"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "soon",
            "2030-13-01T00:00:00Z",
            "2031-02-29",
            "2031-1-1",
            "31.12.2031",
            "2031-12",
            "-1",
            "+1893456000",
            "99999999999999999years",
            "9000years",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_time_can_be_shown() {
        assert_eq!(When(1_893_456_000).to_string(), "2030-01-01T00:00:00Z");
        assert_eq!(When(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(When(253_402_300_799).to_string(), "9999-12-31T23:59:59Z");
        for seconds in [253_402_300_800, u64::MAX] {
            assert!(When(seconds).to_string().ends_with("after 1970"));
        }
    }
}
