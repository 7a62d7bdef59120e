//! Numbers of clients that refuse marketing on a channel, or are blacklisted: rows of the list of opt-outs that
//! follow the client. It must not know how a client is written.

use chrono::NaiveDate;
use groupgraph_entities::{client, opt_out};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use crate::{error::Error, events::ChangeKind, verb::Call};

/// Channels, and the consent without which one is refused.
const CHANNELS: [(&str, &str); 2] = [("SMS", "isSmsAllowed"), ("PHONE", "isPhoneAllowed")];

/// A number as it is kept and as it was entered.
type Number = (String, Option<String>);

/// Lists a client's number on each channel that it refuses, from the day on that it first does; takes it off where it
/// does no more.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn follow(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    client: &client::Model,
    today: NaiveDate,
) -> Result<(), Error> {
    let listed = opt_out::Entity::find().filter(opt_out::Column::ClientId.eq(client.id)).all(tx).await?;
    for (channel, consent) in CHANNELS {
        let known = listed.iter().find(|row| row.channel == channel);
        let number = if refuses(client, consent) { numbers(client) } else { None };
        match (known, number) {
            (Some(row), None) => {
                opt_out::Entity::delete_by_id(row.id).exec(tx).await?;
                call.deleted("OptOut", row.id, Some(client.tenant_id));
            }
            (known, Some((mobile, other))) => {
                let row = opt_out::ActiveModel {
                    tenant_id: Set(client.tenant_id),
                    channel: Set(channel.to_owned()),
                    phone: Set(mobile.0),
                    phone_raw: Set(mobile.1),
                    contact_phone: Set(other.and_then(|(kept, raw)| raw.or(Some(kept)))),
                    name: Set(Some(client.name.clone())),
                    client_id: Set(Some(client.id)),
                    ..Default::default()
                };
                write(call, tx, known, row, today).await?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

fn refuses(client: &client::Model, consent: &str) -> bool {
    let said = client.consent.as_ref().and_then(|consents| consents.get(consent)).and_then(serde_json::Value::as_bool);
    client.is_blacklisted || said == Some(false)
}

/// The mobile number, or the only one; and the other one.
fn numbers(client: &client::Model) -> Option<(Number, Option<Number>)> {
    let number =
        |kept: &Option<String>, raw: &Option<String>| Some((kept.clone().or_else(|| raw.clone())?, raw.clone()));
    let (mobile, phone) = (number(&client.mobile, &client.mobile_raw), number(&client.phone, &client.phone_raw));
    match (mobile, phone) {
        (Some(mobile), phone) => Some((mobile, phone)),
        (None, phone) => Some((phone?, None)),
    }
}

async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    known: Option<&opt_out::Model>,
    row: opt_out::ActiveModel,
    today: NaiveDate,
) -> Result<(), Error> {
    let (kind, number) = if let Some(known) = known {
        (ChangeKind::Updated, opt_out::ActiveModel { id: Set(known.id), ..row }.update(tx).await?.id)
    } else {
        let new = opt_out::ActiveModel { flagged_on: Set(today), ..row };
        (ChangeKind::Created, new.insert(tx).await?.id)
    };
    call.changed(kind, "OptOut", number);
    Ok(())
}
