//! `moveProspect`: another step of the lifecycle.

use futures_util::future::BoxFuture;
use groupgraph_entities::prospect;
use sea_orm::{ActiveModelTrait, Set};

use super::{
    lifecycle::{self, Move},
    prospect_rules::locked,
};
use crate::{
    error::Code,
    events::ChangeKind,
    members,
    verb::{Call, Outcome, Payload, fault},
};

/// Moves a prospect in its lifecycle.
pub fn move_prospect<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let to = call.text("lifecycle").ok_or_else(|| fault(Code::Required, "lifecycle", "Say where to."))?;
        let reason = members::words(call.input, "reason");
        let tx = call.begin().await?;
        let number = call.required(&tx, "prospect", "Prospect").await?;
        let row = locked(&tx, number).await?;
        lifecycle::check(&row.lifecycle, to, reason)?;
        let changed = prospect::ActiveModel {
            id: Set(number),
            lifecycle: Set(to.to_owned()),
            next_action: members::text_column(call.input, "nextAction"),
            next_action_on: members::day_column(call.input, "nextActionOn")?,
            updated_at: Set(call.now()),
            ..Default::default()
        };
        changed.update(&tx).await?;
        lifecycle::record(&tx, &row, Move { to, reason, by: call.viewer.staff, at: call.now() }).await?;
        call.changed(ChangeKind::Updated, "Prospect", number);
        if to == lifecycle::QUALIFIED && row.lifecycle != to {
            call.happened("PROSPECT_QUALIFIED", number);
        }
        call.commit(tx).await?;
        Ok(Payload::new().row("prospect", number).plain("previousLifecycle", row.lifecycle))
    })
}
