//! Parameters of statements, each with the type that the server is told.

use tokio_postgres::types::{ToSql, Type};

use super::pool::Parameter;

pub(super) fn text(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::TEXT)
}

pub(super) fn bytes(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::BYTEA)
}

pub(super) fn number(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::INT8)
}

pub(super) fn truth(value: &bool) -> Parameter<'_> {
    (value, Type::BOOL)
}

pub(super) fn texts(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::TEXT_ARRAY)
}

pub(super) fn many_bytes(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::BYTEA_ARRAY)
}

pub(super) fn numbers(value: &(impl ToSql + Sync)) -> Parameter<'_> {
    (value, Type::INT8_ARRAY)
}
