//! `qualifyProspect`: what qualifies a prospect, and the move that follows.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::prospect;
use sea_orm::{ActiveModelTrait, Set};

use super::{
    lifecycle::{self, Move, QUALIFIED},
    prospect_rules::locked,
};
use crate::{
    error::{Code, UserError},
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Stores what qualifies a prospect and moves it to QUALIFIED.
pub fn qualify_prospect<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let input = members::present(call.input, "qualification");
        let input = input.ok_or_else(|| fault(Code::Required, "qualification", "Say what qualifies the prospect."))?;
        check(input)?;
        let tx = call.begin().await?;
        let number = call.required(&tx, "prospect", "Prospect").await?;
        let row = locked(&tx, number).await?;
        lifecycle::check(&row.lifecycle, QUALIFIED, None)?;
        let fit = members::integer(input, "fitScore").and_then(|score| i32::try_from(score).ok());
        let decides = members::flag(input, "isDecisionMaker");
        let changed = prospect::ActiveModel {
            id: Set(number),
            lifecycle: Set(QUALIFIED.to_owned()),
            qualification_pain_points: members::text_column(input, "painPoints"),
            qualification_budget_range: members::text_column(input, "budgetRange"),
            qualification_is_decision_maker: members::column(input, "isDecisionMaker", decides),
            qualification_fit_score: members::column(input, "fitScore", fit),
            updated_at: Set(call.now()),
            ..Default::default()
        };
        changed.update(&tx).await?;
        let made = Move { to: QUALIFIED, reason: None, by: call.viewer.staff, at: call.now() };
        lifecycle::record(&tx, &row, made).await?;
        call.changed(ChangeKind::Updated, "Prospect", number);
        if row.lifecycle != QUALIFIED {
            call.happened("PROSPECT_QUALIFIED", number);
        }
        call.commit(tx).await?;
        Ok(Payload::new().row("prospect", number))
    })
}

fn check(input: &Value) -> Result<(), Failure> {
    let mut errors = Vec::new();
    if members::text(input, "budgetRange").is_some_and(|range| !is_range(range)) {
        let message = "A budget is two whole numbers with a hyphen, the smaller first, such as 10000-25000.";
        errors.push(UserError::new(Code::Invalid, "qualification.budgetRange", message));
    }
    if members::integer(input, "fitScore").is_some_and(|score| !(0..=100).contains(&score)) {
        errors.push(UserError::new(Code::Invalid, "qualification.fitScore", "Fit is 0 to 100."));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::User(errors)) }
}

/// Whether a text is a range of whole numbers, such as "10000-25000".
fn is_range(text: &str) -> bool {
    let whole = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u64>().ok()).flatten();
    match text.split_once('-').map(|(low, high)| (whole(low), whole(high))) {
        Some((Some(low), Some(high))) => low <= high,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_range;

    #[test]
    fn budget_ranges() {
        for text in ["10000-25000", "0-0", "5-5"] {
            assert!(is_range(text), "{text}");
        }
        for text in
            ["", "-", "10000", "10000-", "-25000", "25000-10000", "10k-25k", "1-2-3", "10 000-25 000", "+1-2", "1.5-2"]
        {
            assert!(!is_range(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn two_numbers_in_order_are_a_range(low in 0..u64::MAX / 2, more in 0..u64::MAX / 2) {
            let text = format!("{low}-{}", low + more);
            prop_assert!(is_range(&text));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = is_range(&text);
        }
    }
}
