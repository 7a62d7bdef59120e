//! `updatePartnerProfile`: data that only prospects of kind PARTNER have.

use futures_util::future::BoxFuture;
use groupgraph_entities::partner_profile;
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use super::prospect_rules::locked;
use crate::{
    choice::choice_column,
    error::{Code, UserError},
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Changes the partner data of a prospect.
pub fn update_partner_profile<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        check(call)?;
        let tx = call.begin().await?;
        let number = call.required(&tx, "prospect", "Prospect").await?;
        let row = locked(&tx, number).await?;
        if row.kind != "PARTNER" {
            return Err(fault(Code::WrongState, "prospect", "Only partners have these data."));
        }
        write(call, &tx, number).await?;
        call.changed(ChangeKind::Updated, "Prospect", number);
        call.commit(tx).await?;
        Ok(Payload::new().row("prospect", number))
    })
}

fn check(call: &Call<'_>) -> Result<(), Failure> {
    let mut errors = Vec::new();
    if members::integer(call.input, "rating").is_some_and(|rating| !(1..=5).contains(&rating)) {
        errors.push(UserError::new(Code::Invalid, "rating", "A rating is 1 to 5."));
    }
    if call.text("socialNetwork").is_some_and(|text| text.chars().count() > 150) {
        errors.push(UserError::new(Code::Invalid, "socialNetwork", "At most 150 characters."));
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::User(errors)) }
}

async fn write(call: &Call<'_>, tx: &DatabaseTransaction, prospect: i64) -> Result<(), Failure> {
    let input = call.input;
    let found =
        partner_profile::Entity::find().filter(partner_profile::Column::ProspectId.eq(prospect)).one(tx).await?;
    let rating = members::integer(input, "rating").and_then(|rating| i32::try_from(rating).ok());
    let row = partner_profile::ActiveModel {
        id: found.as_ref().map_or(NotSet, |row| Set(row.id)),
        prospect_id: Set(Some(prospect)),
        client_id: NotSet,
        url: members::text_column(input, "url"),
        partner_type_id: choice_column(call, tx, input, "partnerType", "Partner Types").await?,
        partner_origin_id: choice_column(call, tx, input, "partnerOrigin", "Partner Origins").await?,
        locale_id: choice_column(call, tx, input, "locale", "Locales").await?,
        rating: members::column(input, "rating", rating),
        social_network: members::text_column(input, "socialNetwork"),
    };
    match found {
        Some(_) => row.update(tx).await?,
        None => row.insert(tx).await?,
    };
    Ok(())
}
