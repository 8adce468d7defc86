//! Where the server is, and how to be let in: from a URL, and from the environment where the URL says nothing.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// Where servers listen that say nothing else.
const SOCKETS: &str = "/var/run/postgresql";

/// What a connection is made with.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

/// Tells the value of an environment variable.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    pub(super) fn read(url: &str) -> Result<Self> {
        Self::with(url, &|name| std::env::var(name).ok())
    }

    fn with(url: &str, variable: Variable<'_>) -> Result<Self> {
        let (url, own) = take_own_parameters(url)?;
        let mut config =
            Config::from_str(&url).map_err(|error| bad(&format!("the URL: {}", cause(&error))))?;
        fill_in(&mut config, variable)?;
        let mode = own.mode.or_else(|| variable("PGSSLMODE"));
        config.ssl_mode(ssl_mode(&config, mode.as_deref())?);
        let roots = own
            .roots
            .or_else(|| variable("PGSSLROOTCERT"))
            .map(PathBuf::from);
        let tls = tls(config.get_ssl_mode(), roots.as_deref())?;
        Ok(Self { config, tls })
    }
}

/// Parameters of the URL that are ours to interpret.
#[derive(Default)]
struct Own {
    mode: Option<String>,
    roots: Option<String>,
}

fn take_own_parameters(url: &str) -> Result<(String, Own)> {
    let rest = ["postgres:", "postgresql:"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
        .ok_or_else(|| bad("a URL begins with postgres://"))?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut own = Own::default();
    let mut others = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => own.mode = Some(decode(value)?),
            Some(("sslrootcert", value)) => own.roots = Some(decode(value)?),
            _ => others.push(parameter),
        }
    }
    let mut url = format!("postgres://{rest}");
    if !others.is_empty() {
        url.push('?');
        url.push_str(&others.join("&"));
    }
    Ok((url, own))
}

/// Resolves `%` and two digits (RFC 3986, section 2.1).
fn decode(value: &str) -> Result<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(byte);
        if byte == b'%' {
            let (digits, after) = rest
                .split_at_checked(2)
                .ok_or_else(|| bad("the URL: a % without digits"))?;
            let mut decoded = [0];
            crate::hex::decode(digits, &mut decoded)
                .ok_or_else(|| bad("the URL: a % without digits"))?;
            out.pop();
            out.extend_from_slice(&decoded);
            rest = after;
        }
    }
    String::from_utf8(out).map_err(|_| bad("the URL: not UTF-8"))
}

fn fill_in(config: &mut Config, variable: Variable<'_>) -> Result<()> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let sockets = if Path::new(SOCKETS).exists() {
            SOCKETS
        } else {
            "localhost"
        };
        let hosts = variable("PGHOST").filter(|hosts| !hosts.is_empty());
        for host in hosts.as_deref().unwrap_or(sockets).split(',') {
            config.host(host);
        }
    }
    if config.get_ports().is_empty()
        && let Some(ports) = variable("PGPORT").filter(|ports| !ports.is_empty())
    {
        for port in ports.split(',') {
            config.port(port.parse().map_err(|_| bad("PGPORT is no port"))?);
        }
    }
    if config.get_user().is_none()
        && let Some(user) = variable("PGUSER")
    {
        config.user(user);
    }
    if config.get_password().is_none()
        && let Some(password) = variable("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_dbname().is_none()
        && let Some(name) = variable("PGDATABASE")
    {
        config.dbname(name);
    }
    if config.get_options().is_none()
        && let Some(options) = variable("PGOPTIONS")
    {
        config.options(options);
    }
    if config.get_application_name().is_none() {
        let name = variable("PGAPPNAME");
        config.application_name(name.unwrap_or_else(|| "wasi-crypto".into()));
    }
    // A server that does not answer shall be noticed before an operation's time is over.
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(3));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(5));
    }
    config.keepalives_idle(Duration::from_secs(10));
    Ok(())
}

/// With TLS, the server has to prove its name; without being asked to, only a server on this machine does without.
fn ssl_mode(config: &Config, mode: Option<&str>) -> Result<SslMode> {
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    let sockets = config
        .get_hosts()
        .iter()
        .all(|host| !matches!(host, Host::Tcp(_)));
    if sockets && config.get_hostaddrs().is_empty() {
        return Ok(SslMode::Disable);
    }
    match mode {
        Some("disable") => Ok(SslMode::Disable),
        Some("require" | "verify-ca" | "verify-full") => Ok(SslMode::Require),
        None | Some("" | "allow" | "prefer") => {
            let local = config.get_hosts().iter().all(is_local)
                && config.get_hostaddrs().iter().all(|ip| ip.is_loopback());
            Ok(if local {
                SslMode::Disable
            } else {
                SslMode::Require
            })
        }
        Some(_) => Err(bad("sslmode is disable, require or verify-full")),
    }
}

fn tls(mode: SslMode, roots: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut store = RootCertStore::empty();
    if mode == SslMode::Require {
        match roots {
            Some(path) => {
                let read = CertificateDer::pem_file_iter(path)
                    .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>());
                let read = read.map_err(|error| bad(&format!("{}: {error}", path.display())))?;
                store.add_parsable_certificates(read);
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                store.add_parsable_certificates(found.certs);
            }
        }
        if store.is_empty() {
            return Err(bad(
                "no certificates to check the server's with; name a file with sslrootcert or PGSSLROOTCERT",
            ));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn bad(what: &str) -> Error {
    Error::Store(format!("PostgreSQL: {what}"))
}

/// The error and what caused it, which its own text leaves out.
pub(super) fn cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, variables: &[(&str, &str)]) -> Result<Config> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::with(url, &variable).map(|settings| settings.config)
    }

    #[test]
    fn the_environment_says_what_the_url_does_not() {
        let variables = [
            ("PGHOST", "/run/sockets"),
            ("PGPORT", "6543"),
            ("PGUSER", "user"),
            ("PGPASSWORD", "password"),
            ("PGDATABASE", "database"),
        ];
        for url in ["postgres:", "postgres://", "postgresql://"] {
            let config = settings(url, &variables).unwrap();
            assert_eq!(config.get_hosts(), [Host::Unix("/run/sockets".into())]);
            assert_eq!(config.get_ports(), [6543]);
            assert_eq!(config.get_user(), Some("user"));
            assert_eq!(config.get_password(), Some(&b"password"[..]));
            assert_eq!(config.get_dbname(), Some("database"));
        }
        let url = "postgres://me:word@localhost:1/mine";
        let config = settings(url, &variables).unwrap();
        assert_eq!(config.get_hosts(), [Host::Tcp("localhost".into())]);
        assert_eq!(config.get_ports(), [1]);
        assert_eq!(config.get_user(), Some("me"));
        assert_eq!(config.get_password(), Some(&b"word"[..]));
        assert_eq!(config.get_dbname(), Some("mine"));
    }

    #[test]
    fn a_server_elsewhere_is_reached_with_tls_unless_it_is_switched_off() {
        let roots = std::env::temp_dir().join(format!("wasi-crypto-roots-{}", std::process::id()));
        std::fs::write(&roots, CERTIFICATE).unwrap();
        let with_roots = [("PGSSLROOTCERT", roots.to_str().unwrap())];
        for (url, mode) in [
            ("postgres://db.example.org/keys", SslMode::Require),
            ("postgres://192.0.2.1/keys?sslmode=prefer", SslMode::Require),
            (
                "postgres://db.example.org/?sslmode=verify-full",
                SslMode::Require,
            ),
            (
                "postgres://db.example.org/?sslmode=disable",
                SslMode::Disable,
            ),
            ("postgres://localhost/keys", SslMode::Disable),
            (
                "postgres://localhost/keys?sslmode=require",
                SslMode::Require,
            ),
            (
                "postgres:///keys?host=/run/sockets&sslmode=require",
                SslMode::Disable,
            ),
        ] {
            let config = settings(url, &with_roots).unwrap();
            assert_eq!(config.get_ssl_mode(), mode, "{url}");
        }
        std::fs::remove_file(&roots).unwrap();
        let gone = settings("postgres://db.example.org/keys", &with_roots);
        assert!(gone.unwrap_err().to_string().contains("wasi-crypto-roots"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_the_password() {
        for url in [
            "mysql://user:geheim@host/db",
            "postgres://user:geheim@host/db?colour=red",
            "postgres://user:geheim@host/db?sslmode=sometimes",
            "postgres://user:geheim@host:port/db",
            "postgres://user:geheim@host/db?sslrootcert=%zz",
        ] {
            let line = settings(url, &[]).unwrap_err().to_string();
            assert!(!line.contains("geheim"), "{line}");
        }
    }

    /// Of a certificate authority made for this test.
    const CERTIFICATE: &str = include_str!("../../tests/data/authority.pem");
}
