//! Which invoices a payment pays, and how much of each. Pure: it must not know the database.

use crate::{
    error::Code,
    verb::{Failure, fault},
};

/// An invoice that a payment is to pay.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where the part is in the input.
    pub path: String,
    pub invoice: i64,
    /// The part in minor units.
    pub part: i64,
    pub currency: String,
}

/// What an invoice still takes.
#[derive(Clone, Debug)]
pub struct Debt {
    pub balance: i64,
    pub currency: String,
    /// Whether it is neither a draft nor cancelled.
    pub is_owed: bool,
}

/// Checks that a part fits its invoice.
///
/// # Errors
/// `WRONG_STATE` for a draft or a cancelled invoice, `INVALID` for another currency, nothing, or more than is owed.
pub fn check_part(claim: &Claim, debt: &Debt) -> Result<(), Failure> {
    let refuse = |code, message: &str| Err(fault(code, &claim.path, message));
    if !debt.is_owed {
        return refuse(Code::WrongState, "The invoice is a draft, or cancelled.");
    }
    if claim.currency != debt.currency {
        return refuse(Code::Invalid, "The invoice is in another currency.");
    }
    if claim.part <= 0 {
        return refuse(Code::Invalid, "A part is greater than zero.");
    }
    if claim.part > debt.balance {
        return refuse(Code::Invalid, "That is more than is still to be paid on the invoice.");
    }
    Ok(())
}

/// Checks that the parts fit the payment; what they leave is on account of the client.
///
/// # Errors
/// `INVALID` for an invoice named twice, another currency, or parts that are more than the payment.
pub fn check_parts(claims: &[Claim], amount: i64, currency: &str) -> Result<(), Failure> {
    let mut invoices: Vec<i64> = claims.iter().map(|claim| claim.invoice).collect();
    invoices.sort_unstable();
    if invoices.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(fault(Code::Invalid, "allocations", "Name each invoice once."));
    }
    if let Some(claim) = claims.iter().find(|claim| claim.currency != currency) {
        return Err(fault(Code::Invalid, &claim.path, "A part is in the currency of the payment."));
    }
    let sum: i128 = claims.iter().map(|claim| i128::from(claim.part)).sum();
    if sum > i128::from(amount) {
        return Err(fault(Code::Invalid, "allocations", "The parts are more than the payment."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(invoice: i64, part: i64) -> Claim {
        Claim { path: format!("allocations.{invoice}.amount"), invoice, part, currency: "ZAR".into() }
    }

    fn debt(balance: i64) -> Debt {
        Debt { balance, currency: "ZAR".into(), is_owed: true }
    }

    fn code(result: Result<(), Failure>) -> Option<Code> {
        match result {
            Err(Failure::User(errors)) => Some(errors[0].code),
            _ => None,
        }
    }

    #[test]
    fn a_part_fits_its_invoice() {
        assert_eq!(code(check_part(&claim(1, 100), &debt(100))), None);
        assert_eq!(code(check_part(&claim(1, 101), &debt(100))), Some(Code::Invalid));
        assert_eq!(code(check_part(&claim(1, 0), &debt(100))), Some(Code::Invalid));
        let foreign = Debt { currency: "USD".into(), ..debt(100) };
        assert_eq!(code(check_part(&claim(1, 1), &foreign)), Some(Code::Invalid));
        let draft = Debt { is_owed: false, ..debt(100) };
        assert_eq!(code(check_part(&claim(1, 1), &draft)), Some(Code::WrongState));
    }

    #[test]
    fn an_invoice_is_named_once() {
        assert_eq!(code(check_parts(&[claim(1, 10), claim(1, 10)], 100, "ZAR")), Some(Code::Invalid));
        assert_eq!(code(check_parts(&[claim(1, 10)], 100, "USD")), Some(Code::Invalid));
        assert_eq!(code(check_parts(&[claim(1, i64::MAX), claim(2, i64::MAX)], i64::MAX, "ZAR")), Some(Code::Invalid));
    }

    proptest! {
        #[test]
        fn parts_are_taken_exactly_if_they_are_no_more_than_the_payment(
            parts in prop::collection::vec(1..1_000_i64, 0..20),
            amount in 0..20_000_i64,
        ) {
            let claims: Vec<_> = parts.iter().zip(1..).map(|(part, invoice)| claim(invoice, *part)).collect();
            let fits = parts.iter().sum::<i64>() <= amount;
            prop_assert_eq!(check_parts(&claims, amount, "ZAR").is_ok(), fits);
        }
    }
}
