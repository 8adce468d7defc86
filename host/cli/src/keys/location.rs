//! Where managed keys are: a file, or a database. No error repeats what was given, which may have a password in it.

use std::path::PathBuf;

/// A place that keys can be kept in.
#[derive(Debug, PartialEq, Eq)]
pub enum Location {
    File(PathBuf),
    /// The URL of a database.
    Database(String),
}

/// How a database is named.
const HOW: &str =
    "name a database as postgres://USER@HOST/DATABASE, with its password in PGPASSWORD";

/// What the URLs of databases begin with elsewhere, before a colon.
const SCHEMES: [&str; 17] = [
    "cockroachdb",
    "jdbc",
    "mariadb",
    "mongodb",
    "mssql",
    "mysql",
    "oracle",
    "pg",
    "pgsql",
    "postgis",
    "postgres",
    "postgresql",
    "psql",
    "redis",
    "sqlite",
    "sqlite3",
    "sqlserver",
];

/// What connection strings assign to, in libpq and elsewhere.
const KEYWORDS: [&str; 23] = [
    "application_name",
    "connect_timeout",
    "data source",
    "database",
    "db",
    "dbname",
    "driver",
    "host",
    "hostaddr",
    "options",
    "passfile",
    "password",
    "port",
    "pwd",
    "server",
    "service",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "uid",
    "user",
    "username",
];

impl Location {
    /// What a text names, or what is wrong with it and what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err(format!("it is empty: name a file; or {HOW}"));
        }
        if is_url(text) {
            return Ok(Self::Database(text.to_owned()));
        }
        match if_database(text) {
            Some(why) => Err(format!(
                "{why}: {HOW}; a file of that name is written with ./ before it"
            )),
            None => Ok(Self::File(text.into())),
        }
    }

    /// The place, for people: of a database, the host and the name.
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Database(url) => shown(url),
        }
    }
}

fn is_url(text: &str) -> bool {
    let schemes = ["postgres:", "postgresql:"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("//"))
}

/// Why a text that is no URL that is taken is no name of a file either.
fn if_database(text: &str) -> Option<&'static str> {
    if is_path(text) {
        return None;
    }
    let text = text.trim_start();
    let lower = text.to_ascii_lowercase();
    let scheme = lower.split(':').next().filter(|scheme| *scheme != lower);
    // As in postgresql+driver://.
    let scheme = scheme.and_then(|scheme| scheme.split('+').next());
    match scheme {
        Some("postgres" | "postgresql") => {
            return Some("it is not written as the URL of a PostgreSQL database is");
        }
        Some("file") => return Some("it is a URL, and a file is named by its path"),
        Some(scheme) if SCHEMES.contains(&scheme) => {
            return Some("keys are not kept in such a database");
        }
        _ => {}
    }
    if text.contains("://") {
        return Some("it is a URL of a kind that is not known");
    }
    if is_assignment(&lower) {
        return Some("it is a connection string, and not a URL");
    }
    let password = text.find(':').is_some_and(|at| text[at..].contains('@'));
    if password || text.starts_with("//") {
        return Some("it looks like a part of a URL");
    }
    None
}

/// Whether a text can only be the path of a file.
fn is_path(text: &str) -> bool {
    let in_network = text.starts_with("//") && text.contains('@');
    let on_drive = matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
        && !text[1..].starts_with("://");
    let begins = ["/", "./", "../"]
        .iter()
        .any(|start| text.starts_with(start));
    (begins && !in_network) || on_drive
}

/// Whether a keyword of a connection string is assigned to: at the beginning, or after a space, a semicolon, or what separates the
/// parameters of a URL.
fn is_assignment(lower: &str) -> bool {
    let before = lower
        .match_indices('=')
        .map(|(at, _)| lower[..at].trim_end());
    let mut ends = before.flat_map(|before| KEYWORDS.iter().map(|word| before.strip_suffix(word)));
    ends.any(|rest| {
        rest.is_some_and(|rest| {
            // A variable's name, such as PGPASSWORD, is as good as a keyword.
            let rest = rest.strip_suffix("pg").unwrap_or(rest);
            rest.is_empty() || rest.ends_with([' ', '\t', '\n', ';', '?', '&'])
        })
    })
}

/// A URL without the user, the password and the parameters. Where it is not plain what belongs to the password, nothing.
fn shown(url: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .unwrap_or((url.trim_end_matches(':'), ""));
    let ambiguous = match (rest.find('@'), rest.find('?')) {
        (Some(at), Some(query)) => query < at || rest[at + 1..].contains('@'),
        (Some(at), None) => rest[at + 1..].contains('@'),
        _ => false,
    };
    if ambiguous {
        return format!("{scheme}://…");
    }
    let rest = rest.split('@').next_back().unwrap_or_default();
    let rest = rest.split('?').next().unwrap_or_default();
    format!("{scheme}://{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_postgresql_are_databases() {
        for url in [
            "postgres:",
            "postgresql:",
            "postgres://",
            "postgresql://bob:s3cr3t@localhost/keys",
        ] {
            assert_eq!(Location::parse(url), Ok(Location::Database(url.into())));
        }
    }

    #[test]
    fn names_of_files_are_files() {
        for name in [
            "keys.redb",
            "/var/lib/keys.redb",
            "./postgres:",
            "./host=a",
            "../a@b:c.redb",
            "/backup/12:30@host.redb",
            "a b.redb",
            "stage=test.redb",
            "data/user=bob/keys.redb",
            "bob@host.redb",
            "keys:1.redb",
            "postgres",
            "C:\\keys\\a@b.redb",
        ] {
            assert_eq!(Location::parse(name), Ok(Location::File(name.into())));
        }
    }

    #[test]
    fn whatever_else_looks_like_a_database_is_refused_without_repeating_it() {
        for text in [
            "host=localhost user=bob password=s3cr3t dbname=keys",
            "localhost/db?user=bob&password=s3cr3t",
            "localhost/db?sslmode=require&password=s3cr3t",
            "PGPASSWORD=s3cr3t",
            "password = s3cr3t host = localhost",
            "  user=bob password=s3cr3t",
            "Server=localhost;Uid=bob;Pwd=s3cr3t;Database=keys",
            "connect_timeout=1 colour=red password=s3cr3t",
            "postgres:bob:s3cr3t@localhost/db",
            "postgres:/bob:s3cr3t@localhost/db",
            "postgresql:bob:s3cr3t@localhost/db",
            "postgres:localhost/db",
            "POSTGRES://bob:s3cr3t@localhost/db",
            "Postgres:",
            " postgres://bob:s3cr3t@localhost/db",
            "postgresql+psycopg://bob:s3cr3t@localhost/db",
            "pg://bob:s3cr3t@localhost/db",
            "pgsql:host=localhost;password=s3cr3t",
            "jdbc:postgresql://localhost/db?password=s3cr3t",
            "mysql://bob:s3cr3t@localhost/db",
            "mysql:bob:s3cr3t@localhost/db",
            "s3://bob:s3cr3t@bucket/keys",
            "sqlite:s3cr3t.db",
            "file:///s3cr3t/keys.redb",
            "bob:s3cr3t@localhost/db",
            "//bob:s3cr3t@localhost/db",
            "://bob:s3cr3t@localhost/db",
            "",
        ] {
            let line = Location::parse(text).unwrap_err();
            assert!(!line.contains("s3cr3t") && !line.contains("bob"), "{line}");
            assert!(line.contains("postgres://USER@HOST/DATABASE"), "{line}");
        }
    }

    #[test]
    fn what_is_shown_of_a_database_is_its_host_and_name() {
        for (url, expected) in [
            ("postgres:", "postgres://"),
            (
                "postgres:///keys?host=/run&password=s3cr3t",
                "postgres:///keys",
            ),
            (
                "postgres://bob:s3cr3t@db:5432/keys?a=b",
                "postgres://db:5432/keys",
            ),
            ("postgres://bob:s3@cr3t@db/keys", "postgres://…"),
            ("postgres://bob:s3?cr3t@db/keys", "postgres://…"),
            ("postgres://db/keys?password=s3@cr3t", "postgres://…"),
        ] {
            assert_eq!(Location::Database(url.into()).shown(), expected);
        }
    }
}
