//! Errors as users see them: SQLSTATE, message, DETAIL with the fact, HINT with the action.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{PgLogLevel, PgSqlErrorCode};

/// An error that names what was wrong and what to do about it.
#[derive(Debug, Clone)]
pub struct Refusal {
    code: PgSqlErrorCode,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
}

impl Refusal {
    pub fn new(code: PgSqlErrorCode, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            detail: None,
            hint: None,
        }
    }

    /// 22023: an argument or a definition that cannot be meant.
    pub fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, message)
    }

    /// 42704: something is named that does not exist.
    pub fn unknown(message: impl Into<String>) -> Refusal {
        Refusal::new(PgSqlErrorCode::ERRCODE_UNDEFINED_OBJECT, message)
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Refusal {
        self.detail = Some(detail.into());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = Some(hint.into());
        self
    }

    /// Raises this as a Postgres ERROR.
    pub fn raise(self) -> ! {
        self.report(PgLogLevel::ERROR);
        unreachable!("reporting at ERROR does not return")
    }

    /// Sends this as a WARNING and goes on.
    pub fn warn(self) {
        self.report(PgLogLevel::WARNING);
    }

    fn report(self, level: PgLogLevel) {
        let mut report = ErrorReport::new(self.code, self.message, "hogsend");
        if let Some(detail) = self.detail {
            report = report.set_detail(detail);
        }
        if let Some(hint) = self.hint {
            report = report.set_hint(hint);
        }
        report.report(level);
    }
}

/// The error for a bucket id that nobody defined.
pub fn unknown_bucket(id: &str) -> Refusal {
    Refusal::unknown(format!("bucket \"{id}\" does not exist"))
        .detail("No row of table \"buckets\" has this id.")
        .hint("SELECT id FROM buckets lists the buckets that are defined.")
}
