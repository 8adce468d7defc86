//! The statements. Each that writes a record looks at the header in the same statement, and keeps it from being changed
//! until it has committed.

/// The condition that the header's current key-encryption key is this one.
macro_rules! header_is {
    ($kek:literal) => {
        concat!(
            "header AS (SELECT FROM wasi_crypto.header WHERE substring(value FROM 18 FOR 8) = ",
            $kek,
            " FOR SHARE)"
        )
    };
}

pub(super) const HEADER: &str = "SELECT substring(value FROM 1 FOR 256) FROM wasi_crypto.header";

pub(super) const FIRST_HEADER: &str =
    "INSERT INTO wasi_crypto.header (value) VALUES ($1) ON CONFLICT DO NOTHING RETURNING single";

pub(super) const NEXT_HEADER: &str =
    "UPDATE wasi_crypto.header SET value = $2 WHERE value = $1 AND value <> $2 RETURNING single";

/// A whole new key. Parameters: namespace, id, algorithm, created, expires, exportable, kek, sealed, keys and versions
/// that the namespace may have.
pub(super) const CREATE: &str = concat!(
    "WITH ",
    header_is!("$7"),
    ", counted AS (
        INSERT INTO wasi_crypto.namespaces AS n (name, keys, versions)
        SELECT $1, 1, 1 FROM header WHERE $9::bigint > 0 AND $10::bigint > 0
        ON CONFLICT (name) DO UPDATE SET keys = n.keys + 1, versions = n.versions + 1
        WHERE n.keys < $9 AND n.versions < $10
        RETURNING name
    ), key AS (
        INSERT INTO wasi_crypto.keys (namespace, id, latest, live, algorithm)
        SELECT name, $2, 1, 1, $3 FROM counted
        RETURNING namespace, id
    )
    INSERT INTO wasi_crypto.versions (namespace, id, version, algorithm, created, expires, exportable, kek, sealed)
    SELECT namespace, id, 1, $3, $4, $5, $6, $7, $8 FROM key
    RETURNING version"
);

/// What a key is like, which nobody else can change until this transaction ends.
pub(super) const LOCK_KEY: &str = "SELECT latest, live, left(algorithm, 256) FROM wasi_crypto.keys
    WHERE namespace = $1 AND id = $2 FOR UPDATE";

/// A new version of a key that is locked. Parameters: as [`CREATE`], then the version, how many keys more this makes, and
/// the channel to tell of it.
pub(super) const APPEND: &str = concat!(
    "WITH ",
    header_is!("$7"),
    ", counted AS (
        UPDATE wasi_crypto.namespaces AS n SET keys = n.keys + $12::bigint, versions = n.versions + 1
        FROM header
        WHERE n.name = $1 AND (n.keys < $9::bigint OR $12::bigint = 0) AND n.versions < $10::bigint
        RETURNING n.name
    ), key AS (
        UPDATE wasi_crypto.keys AS k SET latest = $11::bigint, live = k.live + 1
        FROM counted
        WHERE k.namespace = counted.name AND k.id = $2
        RETURNING k.namespace, k.id
    ), made AS (
        INSERT INTO wasi_crypto.versions
            (namespace, id, version, algorithm, created, expires, exportable, kek, sealed)
        SELECT namespace, id, $11, $3, $4, $5, $6, $7, $8 FROM key
        RETURNING id
    )
    SELECT pg_notify($13, encode(id, 'hex')) FROM made"
);

/// The condition of a version that is given out, and what a record is made of. What is longer than anything sealed
/// ([`MAX_SEALED`](crate::record::MAX_SEALED)), or than the name of any algorithm, does not come over the wire; without it,
/// the record is damaged.
macro_rules! select_live {
    ($version:literal) => {
        concat!(
            "SELECT namespace, id, version, left(algorithm, 256) AS algorithm, created, expires, exportable, kek,
                 CASE WHEN length(sealed) > 8192 THEN ''::bytea ELSE sealed END AS sealed, revoked
             FROM wasi_crypto.versions
             WHERE namespace = $1 AND id = $2 AND sealed IS NOT NULL AND version = ",
            $version
        )
    };
}

pub(super) const FETCH_EXACT: &str = select_live!("$3");

pub(super) const FETCH_LATEST: &str =
    select_live!("(SELECT latest FROM wasi_crypto.keys WHERE namespace = $1 AND id = $2)");

/// Revokes what of a locked key lies between two versions. Parameters: namespace, id, first, last, now.
pub(super) const REVOKE: &str = "UPDATE wasi_crypto.versions SET sealed = NULL, revoked = $5
    WHERE namespace = $1 AND id = $2 AND version BETWEEN $3 AND $4 AND sealed IS NOT NULL
    RETURNING version";

/// Counts, and tells of, what was revoked. Parameters: namespace, id, versions less, keys less, channel.
pub(super) const REVOKED: &str = "WITH key AS (
        UPDATE wasi_crypto.keys SET live = live - $3::bigint WHERE namespace = $1 AND id = $2
        RETURNING id
    ), counted AS (
        UPDATE wasi_crypto.namespaces SET keys = keys - $4::bigint WHERE name = $1 AND $4::bigint > 0
    )
    SELECT pg_notify($5, encode(id, 'hex')) FROM key";

/// Parameters: one namespace or NULL, namespace, id and version to begin after, how many. Numbers from 2⁶³ on, which are
/// negative here and so out of order, are assigned to no version.
pub(super) const SCAN: &str =
    "SELECT namespace, id, version, left(algorithm, 256) AS algorithm, created, expires, exportable, kek,
        CASE WHEN length(sealed) > 8192 THEN ''::bytea ELSE sealed END AS sealed, revoked
    FROM wasi_crypto.versions
    WHERE ($1::text IS NULL OR namespace = $1) AND (namespace, id, version) > ($2, $3, $4) AND version > 0
    ORDER BY namespace, id, version LIMIT $5";

/// Parameters: for each version, namespace, id, number, what is sealed now and what shall be; then the kek for all.
pub(super) const RESEAL: &str = concat!(
    "WITH ",
    header_is!("$6"),
    "UPDATE wasi_crypto.versions AS v SET kek = $6, sealed = c.new
    FROM header, unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[])
        AS c (namespace, id, version, old, new)
    WHERE v.namespace = c.namespace AND v.id = c.id AND v.version = c.version AND v.sealed = c.old
    RETURNING v.version"
);

pub(super) const COUNTS: &str = "SELECT keys, versions FROM wasi_crypto.namespaces WHERE name = $1";

#[cfg(test)]
mod tests {
    use crate::record::MAX_SEALED;

    #[test]
    fn nothing_longer_than_what_is_sealed_is_asked_for() {
        let limit = format!("length(sealed) > {MAX_SEALED} THEN");
        for select in [super::FETCH_EXACT, super::FETCH_LATEST, super::SCAN] {
            assert!(select.contains(&limit), "{select}");
        }
    }
}
