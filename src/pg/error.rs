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

    /// 22004: an argument that is NULL and must not be.
    pub fn null(argument: &str) -> Refusal {
        let code = PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED;
        Refusal::new(code, format!("{argument} must not be NULL"))
    }

    /// Something worth knowing that is no error.
    pub fn note(message: impl Into<String>) -> Refusal {
        Refusal::new(PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION, message)
    }

    /// 55000: this database is a restored copy.
    pub fn suspended() -> Refusal {
        let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
        Refusal::new(state, "hogsend is suspended: nothing was evaluated")
            .detail("Buckets or journeys were defined in another installation, so this is a restored copy.")
            .hint("SELECT hogsend_adopt() once this copy is meant to act.")
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Refusal {
        self.detail = Some(detail.into());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = Some(hint.into());
        self
    }

    /// In one line, for where it is written down.
    pub fn in_a_line(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{}: {detail}", self.message),
            None => self.message.clone(),
        }
    }

    /// Raises this as a Postgres ERROR.
    pub fn raise(self) -> ! {
        self.report(PgLogLevel::ERROR);
        unreachable!("reporting at ERROR does not return")
    }

    /// Sends this as a WARNING and goes on.
    pub fn warn(self) {
        let code = PgSqlErrorCode::ERRCODE_WARNING;
        Refusal { code, ..self }.report(PgLogLevel::WARNING);
    }

    /// Sends this as a NOTICE and goes on.
    pub fn notice(self) {
        let code = PgSqlErrorCode::ERRCODE_SUCCESSFUL_COMPLETION;
        Refusal { code, ..self }.report(PgLogLevel::NOTICE);
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
