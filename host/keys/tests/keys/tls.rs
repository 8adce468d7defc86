//! Connections to other machines.

use std::path::Path;
use std::process::Command;

use wasi_crypto_keys::{Error, PostgresStore};

use crate::server::Server;

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
}
