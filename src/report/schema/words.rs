//! Schemas of closed words: exactly these.

use crate::check::{CheckResult, Verdict};
use crate::features::{Enabled, Standing};
use crate::model::{Basis, Customer, EdgeKind, Outcome};
use crate::whatif::diff::Became;
use crate::whatif::plan::{Aim, State};
use std::borrow::Cow;

macro_rules! schemas_of_words {
    ($($words:ty),+ $(,)?) => {
        $(
            impl schemars::JsonSchema for $words {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($words).into()
                }

                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    schemars::json_schema!({ "type": "string", "enum": Self::WORDS })
                }
            }
        )+
    };
}

schemas_of_words!(Aim, Basis, Became, CheckResult, Customer, EdgeKind, Enabled);
schemas_of_words!(Outcome, Standing, State, Verdict);
#[cfg(feature = "store")]
schemas_of_words!(crate::ledger::JournalKind);
