//! Where the server is, and how to be let in: from a URL, and from the environment where the URL says nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::Url;
use crate::{Error, Result};

/// Where servers listen that say nothing else.
const SOCKETS: &str = "/var/run/postgresql";

/// What a connection is made with.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
    pub(super) has_password: bool,
    /// A file that libpq would look for the password in.
    pub(super) unread_passwords: Option<PathBuf>,
}

/// Tells the value of an environment variable.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    pub(super) fn read(url: &str) -> Result<Self> {
        Self::with(url, &|name| std::env::var(name).ok())
    }

    fn with(url: &str, variable: Variable<'_>) -> Result<Self> {
        // One that is empty is as good as none.
        let variable: Variable<'_> = &|name| variable(name).filter(|value| !value.is_empty());
        let Url {
            mut config,
            ssl_mode: mode,
            ssl_root_cert: roots,
        } = Url::parse(url)?;
        fill_in(&mut config, variable)?;
        let mode = mode.or_else(|| variable("PGSSLMODE"));
        let roots = roots.or_else(|| variable("PGSSLROOTCERT"));
        let roots = roots.as_deref().map(Roots::from);
        config.ssl_mode(ssl_mode(&config, mode.as_deref(), roots.as_ref())?);
        let tls = tls(config.get_ssl_mode(), roots.as_ref())?;
        let has_password = config.get_password().is_some();
        let unread_passwords = match has_password {
            true => None,
            false => password_file(variable).filter(|path| path.exists()),
        };
        Ok(Self {
            config,
            tls,
            has_password,
            unread_passwords,
        })
    }
}

/// Certificates that a server's is checked with.
enum Roots {
    /// Those of the system, also for a server on this machine.
    System,
    /// Those in a file.
    File(PathBuf),
}

impl From<&str> for Roots {
    fn from(name: &str) -> Self {
        match name {
            "system" => Self::System,
            file => Self::File(file.into()),
        }
    }
}

/// The file with certificates that a URL, or else the environment, names.
pub(super) fn certificates(url: &str) -> Option<PathBuf> {
    let named = Url::parse(url).ok()?.ssl_root_cert;
    let variable = || std::env::var("PGSSLROOTCERT").ok();
    let named = named.or_else(variable).filter(|name| !name.is_empty())?;
    match Roots::from(named.as_str()) {
        Roots::File(file) => Some(file),
        Roots::System => None,
    }
}

/// Where libpq looks for passwords.
fn password_file(variable: Variable<'_>) -> Option<PathBuf> {
    let named = variable("PGPASSFILE").map(PathBuf::from);
    named.or_else(|| {
        let (home, file) = if cfg!(windows) {
            (variable("APPDATA")?, "postgresql/pgpass.conf")
        } else {
            (variable("HOME")?, ".pgpass")
        };
        Some(Path::new(&home).join(file))
    })
}

fn fill_in(config: &mut Config, variable: Variable<'_>) -> Result<()> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let sockets = if Path::new(SOCKETS).exists() {
            SOCKETS
        } else {
            "localhost"
        };
        let hosts = variable("PGHOST");
        for host in hosts.as_deref().unwrap_or(sockets).split(',') {
            config.host(host);
        }
    }
    if config.get_ports().is_empty()
        && let Some(ports) = variable("PGPORT")
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
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(Duration::from_secs(10));
    }
    Ok(())
}

/// With TLS, the server has to prove its name; without being asked to, only a server on this machine does without.
fn ssl_mode(config: &Config, mode: Option<&str>, roots: Option<&Roots>) -> Result<SslMode> {
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
            Ok(if local && !matches!(roots, Some(Roots::System)) {
                SslMode::Disable
            } else {
                SslMode::Require
            })
        }
        Some(_) => Err(bad("sslmode is disable, require or verify-full")),
    }
}

fn tls(mode: SslMode, roots: Option<&Roots>) -> Result<MakeRustlsConnect> {
    let mut store = RootCertStore::empty();
    if mode == SslMode::Require {
        match roots {
            Some(Roots::File(path)) => {
                let read = CertificateDer::pem_file_iter(path)
                    .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>());
                let read = read.map_err(|error| bad(&format!("{}: {error}", path.display())))?;
                store.add_parsable_certificates(read);
            }
            Some(Roots::System) | None => {
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

pub(super) fn bad(what: &str) -> Error {
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
    fn an_empty_variable_is_as_good_as_none() {
        let names = [
            "PGHOST",
            "PGPORT",
            "PGUSER",
            "PGPASSWORD",
            "PGDATABASE",
            "PGOPTIONS",
            "PGAPPNAME",
            "PGSSLMODE",
            "PGSSLROOTCERT",
            "PGPASSFILE",
        ];
        let config = settings("postgres:", &names.map(|name| (name, ""))).unwrap();
        assert_eq!(config, settings("postgres:", &[]).unwrap());
    }

    #[test]
    fn the_systems_authorities_are_asked_for_by_name() {
        let url = "postgres://localhost/keys?sslrootcert=system";
        // A machine may have none, and says that then.
        match settings(url, &[]) {
            Ok(config) => assert_eq!(config.get_ssl_mode(), SslMode::Require),
            Err(error) => assert!(error.to_string().contains("no certificates"), "{error}"),
        }
        let by_variable = settings("postgres://localhost/keys", &[("PGSSLROOTCERT", "system")]);
        assert_eq!(by_variable.is_ok(), settings(url, &[]).is_ok());
        let off = settings(&format!("{url}&sslmode=disable"), &[]).unwrap();
        assert_eq!(off.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn a_parameter_that_is_known_elsewhere_is_named_with_what_to_do() {
        for (parameter, advice) in [
            ("sslcert=client.pem", "PGPASSWORD"),
            ("sslkey=client.key", "PGPASSWORD"),
            ("passfile=/home/me/.pgpass", "PGPASSWORD"),
            ("service=keys", "into the URL"),
            ("sslcrl=list.pem", "sslrootcert"),
            ("gssencmode=disable", "leave it out"),
            ("client_encoding=UTF8", "leave it out"),
            ("ssl=true", "sslmode=verify-full"),
            ("target_session_attrs=primary", "read-write"),
            ("channel_binding=always", "require"),
        ] {
            let url = format!("postgres://user:geheim@localhost/db?{parameter}");
            let line = settings(&url, &[]).unwrap_err().to_string();
            let (name, _) = parameter.split_once('=').unwrap();
            assert!(line.contains(name) && line.contains(advice), "{line}");
            assert!(!line.contains("geheim"), "{line}");
        }
    }

    #[test]
    fn parameters_that_are_read_are() {
        let url = "postgres:///keys?host=localhost&password=a@b&keepalives_count=3&keepalives_idle=20\
                   &channel_binding=disable&target_session_attrs=read-write&connect_timeout=9";
        let config = settings(url, &[]).unwrap();
        assert_eq!(config.get_password(), Some(&b"a@b"[..]));
        assert_eq!(config.get_keepalives_retries(), Some(3));
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(20));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
        assert_eq!(config.get_hosts(), [Host::Tcp("localhost".into())]);
    }

    #[test]
    fn a_password_file_that_is_not_read_is_noticed_unless_there_is_a_password() {
        let file = std::env::temp_dir().join(format!("wasi-crypto-pgpass-{}", std::process::id()));
        let unread = |url: &str, variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            Settings::with(url, &variable).unwrap().unread_passwords
        };
        let named = [("PGPASSFILE", file.to_str().unwrap())];
        assert_eq!(unread("postgres:", &named), None);
        std::fs::write(&file, "").unwrap();
        assert_eq!(unread("postgres:", &named).as_ref(), Some(&file));
        assert_eq!(unread("postgres://me:word@localhost", &named), None);
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_the_password() {
        for url in [
            "mysql://user:geheim@host/db",
            "postgres://user:geheim@host/db?colour=red",
            "postgres://user:geheim@host/db?sslmode=sometimes",
            "postgres://user:geheim@host:port/db",
            "postgres:user:geheim@host/db",
            "POSTGRES://user:geheim@host/db",
            "postgres://user:word@geheim@host/db",
            "postgres://user:word@host?geheim=1@host/db",
            "postgres://user@host/db?geheim",
            "postgres://user:geheim@host/db?sslrootcert=%zz",
        ] {
            let line = settings(url, &[]).unwrap_err().to_string();
            assert!(!line.contains("geheim"), "{line}");
        }
    }

    /// Of a certificate authority made for this test.
    const CERTIFICATE: &str = include_str!("../../tests/data/authority.pem");
}
