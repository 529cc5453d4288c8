//! Arguments of functions that pgrx has no type for.

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::datum::FromDatum;
use pgrx::nullable::Nullable;
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};

use super::sql::json_text;

/// Nothing that has more bytes is JSON's null.
const SMALL: usize = 32;

/// A jsonb as it was given. pgrx's own goes through floats, and dies of a number that none can hold.
#[derive(Clone, Copy)]
pub struct Jsonb(pg_sys::Datum);

impl Jsonb {
    pub fn datum(self) -> pg_sys::Datum {
        self.0
    }

    /// How many bytes it takes, unpacked.
    pub fn size(self) -> usize {
        // SAFETY: it is a jsonb, and the function only looks at its head.
        unsafe { pg_sys::toast_raw_datum_size(self.0) as usize }
    }

    /// Whether it is JSON's null.
    pub fn is_null(self) -> bool {
        self.size() < SMALL && self.text() == "null"
    }

    pub fn text(self) -> String {
        json_text(self.0)
    }
}

impl FromDatum for Jsonb {
    unsafe fn from_polymorphic_datum(
        datum: pg_sys::Datum,
        is_null: bool,
        _: pg_sys::Oid,
    ) -> Option<Jsonb> {
        (!is_null).then_some(Jsonb(datum))
    }
}

// SAFETY: what the function is declared with is jsonb, and its arguments live as long as the call.
unsafe impl<'fcx> ArgAbi<'fcx> for Jsonb {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Jsonb {
        // SAFETY: the caller's promise.
        unsafe { arg.unbox_arg_using_from_datum() }.expect("only asked for where it is not NULL")
    }

    unsafe fn unbox_nullable_arg(arg: Arg<'_, 'fcx>) -> Nullable<Jsonb> {
        // SAFETY: the caller's promise.
        unsafe { arg.unbox_arg_using_from_datum().into() }
    }
}

// SAFETY: it is a jsonb.
unsafe impl SqlTranslatable for Jsonb {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Jsonb);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::literal("jsonb"));
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> =
        Ok(ReturnsRef::One(SqlMappingRef::literal("jsonb")));
}
