//! Connections: whether the server is the right one, and whether it lets the user in.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use wasi_crypto_keys::{Error, PostgresStore};

use crate::server::Server;
use crate::worker;

/// Makes an authority and a certificate of the server for the name `localhost`, and for no address.
fn make_certificates(directory: &Path) {
    let openssl = |arguments: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments.split(' ')).current_dir(directory);
        let output = openssl
            .output()
            .expect("openssl, which PostgreSQL needs as well");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {errors}");
    };
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other"] {
        openssl(&format!(
            "{new} -x509 -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        ));
    }
    openssl(&format!(
        "{new} -subj /CN=server -keyout server.key -out server.csr"
    ));
    std::fs::write(directory.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.crt",
    );
}

#[test]
fn a_server_is_reached_with_tls_if_its_certificate_is_good_for_its_name() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = [
        "fsync=off",
        "listen_addresses=127.0.0.1",
        "ssl=on",
        "ssl_cert_file=../server.crt",
        "ssl_key_file=../server.key",
        &format!("port={port}"),
    ];
    // psql finds its socket by the port.
    let Some(server) = Server::start_with(&settings, make_certificates) else {
        return;
    };
    let database = server.database();
    let open = |host: &str, parameters: &str| {
        let url = format!("postgres://tests@{host}:{port}/{database}?{parameters}");
        PostgresStore::open(&url)
    };
    let roots = |name: &str| {
        let path = server.directory().join(name);
        format!("sslmode=require&sslrootcert={}", path.display())
    };
    let encrypted = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity USING (pid)
        WHERE s.ssl AND application_name = 'wasi-crypto'";
    let store = open("localhost", &roots("ca.pem")).unwrap();
    assert_ne!(server.sql(&database, encrypted), "0");
    drop(store);
    // Another authority's, and another name.
    for refused in [
        open("localhost", &roots("other.pem")),
        open("127.0.0.1", &roots("ca.pem")),
    ] {
        let error = refused.err().expect("it is not to be trusted");
        assert!(matches!(error, Error::Store(_)), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    open("127.0.0.1", "sslmode=disable").unwrap();
    // Certificates of the system, which here are others.
    let by_system = |roots: &str| {
        let url = format!("postgres://tests@localhost:{port}/{database}?sslrootcert=system");
        let roots = server.directory().join(roots);
        worker::told(url, move |mut command| {
            command
                .env("SSL_CERT_FILE", roots)
                .env_remove("SSL_CERT_DIR");
            command
        })
    };
    assert_eq!(by_system("ca.pem"), "");
    let line = by_system("other.pem");
    assert!(line.contains("certificate"), "{line}");
}

#[test]
fn whoever_relies_on_a_password_file_is_told_that_it_is_not_read() {
    let Some(server) = Server::start(false) else {
        return;
    };
    let database = server.database();
    server.sql(
        "postgres",
        &format!(
            "CREATE ROLE bob LOGIN PASSWORD 's3cr3t'; GRANT CREATE ON DATABASE {database} TO bob"
        ),
    );
    let rules = "local all tests trust\nlocal all bob scram-sha-256\n";
    std::fs::write(server.directory().join("data/pg_hba.conf"), rules).unwrap();
    server.sql("postgres", "SELECT pg_reload_conf()");
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    let url = server.url(&database).replace("user=tests", "user=bob");
    let told = |variables: &[(&str, &Path)]| {
        worker::told(&url, |mut command| {
            command.env_remove("PGPASSFILE").env_remove("PGPASSWORD");
            command
                .env("HOME", home.path())
                .envs(variables.iter().copied());
            command
        })
    };
    // The rules take a moment to be read.
    let begun = Instant::now();
    let without = loop {
        let line = told(&[]);
        if !line.is_empty() {
            break line;
        }
        assert!(begun.elapsed() < Duration::from_secs(60));
    };
    assert!(without.contains("set PGPASSWORD"), "{without}");
    assert!(!without.contains("not read"), "{without}");
    std::fs::write(&file, "*:*:*:bob:s3cr3t\n").unwrap();
    let not_read = format!("the file {} is not read", file.display());
    let line = told(&[]);
    assert!(
        line.contains("set PGPASSWORD") && line.contains(&not_read),
        "{line}"
    );
    let other = home.path().join("passwords");
    std::fs::rename(&file, &other).unwrap();
    let line = told(&[("PGPASSFILE", &other)]);
    assert!(line.contains("passwords is not read"), "{line}");
    // Whoever gives a password does not rely on it.
    let line = told(&[("PGPASSFILE", &other), ("PGPASSWORD", Path::new("wrong"))]);
    assert!(line.contains("password authentication failed"), "{line}");
    assert!(!line.contains("not read"), "{line}");
    assert_eq!(told(&[("PGPASSWORD", Path::new("s3cr3t"))]), "");
}
