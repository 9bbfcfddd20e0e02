//! What a POS user sees of a customer: the account ID, or the GUID before there is one.

use crate::ledger::CustomerRow;
use crate::model::Customer;

/// What a POS user sees as the account ID of a pending customer (S-023).
pub const PENDING_SYNC: &str = "Pending sync";

/// A GUID as text, with hyphens and small letters.
pub fn guid_text(guid: u128) -> String {
    uuid::Uuid::from_u128(guid).hyphenated().to_string()
}

/// An account number has at least so many digits.
pub const ACCOUNT_DIGITS: usize = 6;

/// An account number as headquarters writes it.
pub fn account_id(number: u64) -> String {
    format!("{number:0ACCOUNT_DIGITS$}")
}

/// A customer's account ID where the channel sees the customer so, and what a POS user is shown.
pub(crate) fn shown(row: &CustomerRow, view: Customer) -> Option<(String, String)> {
    match view {
        Customer::None => None,
        Customer::Pending => row.guid.map(|guid| (guid_text(guid), PENDING_SYNC.to_owned())),
        Customer::Synced => {
            row.account.number().map(|number| (account_id(number), account_id(number)))
        }
    }
}
