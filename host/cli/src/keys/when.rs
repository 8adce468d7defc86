//! Points in time, as people write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// A point in time, in seconds of UNIX time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When(pub u64);

impl When {
    /// Reads `2030-01-31T12:00:00Z`, `90days` from now, or seconds of UNIX time.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse() {
            return Ok(Self(seconds));
        }
        if let Ok(time) = humantime::parse_rfc3339_weak(text) {
            return Ok(Self::from(time));
        }
        let in_future = humantime::parse_duration(text).ok();
        in_future
            .and_then(|duration| SystemTime::now().checked_add(duration))
            .map(Self::from)
            .ok_or_else(|| {
                "a time is 2030-01-31T12:00:00Z, 90days (from now), or seconds since 1970".into()
            })
    }
}

impl From<SystemTime> for When {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs())
    }
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Beyond the year 9999, for which there is no format.
        const LAST: u64 = 253_402_300_799;
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

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let time = Ok(When(1_893_456_000));
        assert_eq!(When::parse("1893456000"), time);
        assert_eq!(When::parse("2030-01-01T00:00:00Z"), time);
        assert_eq!(When::parse("2030-01-01 00:00:00"), time);
        let now = When::from(SystemTime::now()).0;
        let hour = When::parse("1h").unwrap().0 - now;
        assert!((3600..3700).contains(&hour), "{hour}");
        for text in [
            "",
            "soon",
            "2030-13-01T00:00:00Z",
            "-1",
            "99999999999999999years",
        ] {
            assert!(When::parse(text).is_err(), "{text}");
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
