//! The URL of a database, taken apart as far as that is ours to do. No error repeats anything of a URL but names that are
//! known beforehand: whatever else is in it may be a part of a password.

use std::str::FromStr;

use tokio_postgres::Config;

use super::config::{bad, cause};
use crate::Result;

/// What a URL says.
pub(super) struct Url {
    pub(super) config: Config,
    /// How TLS is used.
    pub(super) ssl_mode: Option<String>,
    /// Where the certificates are that the server's is checked with.
    pub(super) ssl_root_cert: Option<String>,
}

/// Parameters that tokio-postgres reads.
const READ: [&str; 18] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

const NO_CERTIFICATE: &str =
    "client certificates are not supported: leave it out, and give a password in PGPASSWORD";
const NO_FILE: &str =
    "files with passwords are not read: leave it out, and give the password in PGPASSWORD";
const NO_SERVICE: &str = "service files are not read: write what the service says into the URL";
const NO_REVOCATION: &str = "revocation lists are not read: leave it out, and name only authorities that you trust in sslrootcert";
const NO_KERBEROS: &str =
    "Kerberos is not supported: leave it out, and give a password in PGPASSWORD";
const TLS_VERSION: &str = "TLS is version 1.2 or 1.3, whichever the server has: leave it out";
const PASSWORDS: &str = "passwords are checked by SCRAM-SHA-256 or MD5: leave it out";
const NOT_SUPPORTED: &str = "it is not supported: leave it out";

/// Parameters that libpq reads and this does not, and what to do without.
const NOT_READ: [(&str, &str); 35] = [
    ("authtype", NOT_SUPPORTED),
    ("client_encoding", "it is always UTF-8: leave it out"),
    ("fallback_application_name", "write application_name"),
    ("gssdelegation", NO_KERBEROS),
    ("gssencmode", NO_KERBEROS),
    ("gsslib", NO_KERBEROS),
    ("krbsrvname", NO_KERBEROS),
    ("max_protocol_version", NOT_SUPPORTED),
    ("min_protocol_version", NOT_SUPPORTED),
    ("oauth_client_id", PASSWORDS),
    ("oauth_client_secret", PASSWORDS),
    ("oauth_issuer", PASSWORDS),
    ("oauth_scope", PASSWORDS),
    ("passfile", NO_FILE),
    ("replication", NOT_SUPPORTED),
    ("require_auth", PASSWORDS),
    (
        "requirepeer",
        "who owns the server's socket is not checked: leave it out, and name a directory in host that nobody else can write to",
    ),
    ("requiressl", "write sslmode=verify-full"),
    ("scram_client_key", PASSWORDS),
    ("scram_server_key", PASSWORDS),
    ("service", NO_SERVICE),
    ("servicefile", NO_SERVICE),
    ("ssl", "write sslmode=verify-full"),
    ("ssl_max_protocol_version", TLS_VERSION),
    ("ssl_min_protocol_version", TLS_VERSION),
    ("sslcert", NO_CERTIFICATE),
    ("sslcertmode", NO_CERTIFICATE),
    ("sslcompression", "TLS is never compressed: leave it out"),
    ("sslcrl", NO_REVOCATION),
    ("sslcrldir", NO_REVOCATION),
    ("sslkey", NO_CERTIFICATE),
    ("sslkeylogfile", NOT_SUPPORTED),
    ("sslpassword", NO_CERTIFICATE),
    ("sslsni", "the server's name is always sent: leave it out"),
    ("tty", NOT_SUPPORTED),
];

/// Values that a parameter can have here, where libpq knows more.
const VALUES: [(&str, &[&str]); 3] = [
    ("channel_binding", &["disable", "prefer", "require"]),
    ("load_balance_hosts", &["disable", "random"]),
    ("target_session_attrs", &["any", "read-write", "read-only"]),
];

impl Url {
    pub(super) fn parse(url: &str) -> Result<Self> {
        let rest = ["postgres:", "postgresql:"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .and_then(|rest| rest.strip_prefix("//").or(rest.is_empty().then_some(rest)))
            .ok_or_else(|| bad("a database's URL begins with postgres://"))?;
        let (credentials, rest) = split_credentials(rest);
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        if place
            .split('/')
            .next()
            .is_some_and(|host| host.contains('@'))
        {
            return Err(bad(
                "the URL has more than one @ before its host: write each @ of a user's name or password as %40",
            ));
        }
        let mut parsed = Self {
            config: Config::new(),
            ssl_mode: None,
            ssl_root_cert: None,
        };
        let mut passed = Vec::new();
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        for (index, parameter) in parameters.enumerate() {
            let (name, value) = parameter.split_once('=').ok_or_else(|| {
                bad(&format!(
                    "parameter {} of the URL has no value: write NAME=VALUE",
                    index + 1
                ))
            })?;
            match decode(name)?.as_str() {
                "sslmode" => parsed.ssl_mode = Some(decode(value)?),
                "sslrootcert" => parsed.ssl_root_cert = Some(decode(value)?),
                "keepalives_count" => passed.push(format!("keepalives_retries={value}")),
                name => {
                    check(name, value, index)?;
                    // An @ would be taken for the end of a password.
                    passed.push(format!("{name}={}", value.replace('@', "%40")));
                }
            }
        }
        let mut url = format!("postgres://{}{}", credentials, place);
        if credentials.is_empty() {
            url = url.replace('@', "%40");
        }
        if !passed.is_empty() {
            url = format!("{url}?{}", passed.join("&"));
        }
        parsed.config =
            Config::from_str(&url).map_err(|error| bad(&format!("the URL: {}", cause(&error))))?;
        Ok(parsed)
    }
}

/// What is before the host, with its `@`, and the rest.
fn split_credentials(rest: &str) -> (&str, &str) {
    if rest.starts_with(['/', '?']) {
        return ("", rest);
    }
    rest.split_at(rest.find('@').map_or(0, |at| at + 1))
}

/// Checks that a parameter is one that is read, with a value that it can have.
fn check(name: &str, value: &str, index: usize) -> Result<()> {
    if let Some((name, advice)) = NOT_READ.iter().find(|(known, _)| *known == name) {
        return Err(bad(&format!(
            "the URL's parameter {name} cannot be used: {advice}"
        )));
    }
    if !READ.contains(&name) {
        return Err(bad(&format!(
            "parameter {} of the URL is unknown; these are known: {}, sslmode, sslrootcert",
            index + 1,
            READ.join(", ")
        )));
    }
    if let Some((name, values)) = VALUES.iter().find(|(known, _)| *known == name)
        && !values.contains(&decode(value)?.as_str())
    {
        return Err(bad(&format!(
            "the URL's parameter {name} can only be {}",
            values.join(", ")
        )));
    }
    Ok(())
}

/// Resolves `%` and two digits (RFC 3986, section 2.1).
fn decode(value: &str) -> Result<String> {
    let no_digits = || bad("the URL: a % without digits; write % itself as %25");
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(byte);
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2).ok_or_else(no_digits)?;
            let mut decoded = [0];
            crate::hex::decode(digits, &mut decoded).ok_or_else(no_digits)?;
            out.pop();
            out.extend_from_slice(&decoded);
            rest = after;
        }
    }
    String::from_utf8(out).map_err(|_| bad("the URL: not UTF-8"))
}
