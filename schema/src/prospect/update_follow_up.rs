//! `updateFollowUp`: the follow-up data of exactly one prospect or client.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{client, follow_up, follow_up_category, follow_up_role_holder, prospect};
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use super::{
    follow_up::{of_client, of_prospect},
    naming::{Names, display_name},
    prospect_rules::locked,
};
use crate::{
    amount::{self, Amount},
    choice::{choice_column, choose},
    company::Company,
    error::Code,
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Changes follow-up data.
pub fn update_follow_up<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let party = Party::read(call, &tx).await?;
        let row = match party {
            Party::Prospect(number) => of_prospect(&tx, number).await?,
            Party::Client(number) => of_client(&tx, number).await?,
        };
        let number = row.id;
        change(call, &tx, row).await?;
        replace_role_holders(call, &tx, number).await?;
        rename(call, &tx, party).await?;
        let payload = Payload::new().row("followUp", number);
        let payload = match party {
            Party::Prospect(number) => payload.row("prospect", number),
            Party::Client(number) => payload.row("client", number),
        };
        call.changed(ChangeKind::Updated, party.of(), party.number());
        call.commit(tx).await?;
        Ok(payload)
    })
}

/// Whose follow-up data it is.
#[derive(Clone, Copy)]
enum Party {
    Prospect(i64),
    Client(i64),
}

impl Party {
    async fn read(call: &Call<'_>, tx: &DatabaseTransaction) -> Result<Self, Failure> {
        let prospect = call.reference(tx, "prospect", "Prospect").await?;
        let client = call.reference(tx, "client", "Client").await?;
        match (prospect, client) {
            (Some(prospect), None) => Ok(Self::Prospect(prospect)),
            (None, Some(client)) => Ok(Self::Client(client)),
            (None, None) => Err(fault(Code::Required, "prospect", "Say which prospect or client.")),
            (Some(_), Some(_)) => Err(fault(Code::Invalid, "client", "Name a prospect or a client, not both.")),
        }
    }

    fn of(self) -> &'static str {
        match self {
            Self::Prospect(_) => "Prospect",
            Self::Client(_) => "Client",
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::Prospect(number) | Self::Client(number) => number,
        }
    }
}

async fn change(call: &Call<'_>, tx: &DatabaseTransaction, row: follow_up::Model) -> Result<(), Failure> {
    let input = call.input;
    let company = Company::find(tx, row.tenant_id).await?;
    let value = account_value(input, &company)?;
    let (minor, currency) = value.map(|value| (value.minor, value.currency)).unzip();
    let shipments = members::integer(input, "monthlyShipments").map(shipments).transpose()?;
    let mut changed = follow_up::ActiveModel {
        id: Set(row.id),
        channel: members::text_column(input, "channel"),
        account_type: members::text_column(input, "accountType"),
        account_value_minor: members::column(input, "accountValue", minor),
        account_value_currency: members::column(input, "accountValue", currency),
        monthly_shipments: members::column(input, "monthlyShipments", shipments),
        monthly_shipments_label: members::column(input, "monthlyShipments", shipments.map(|count| count.to_string())),
        ecommerce_type_id: choice_column(call, tx, input, "ecommerceType", "Ecommerce Types").await?,
        weight_range_id: choice_column(call, tx, input, "weightRange", "Weight Ranges").await?,
        content_type_id: choice_column(call, tx, input, "contentType", "Content Types").await?,
        plan_type_id: choice_column(call, tx, input, "planType", "Plan Types").await?,
        campaign_id: choice_column(call, tx, input, "campaign", "Campaigns").await?,
        locale_id: choice_column(call, tx, input, "locale", "Locales").await?,
        lead_status: members::text_column(input, "leadStatus"),
        annotations: members::text_column(input, "annotations"),
        next_contact_on: members::day_column(input, "nextContactOn")?,
        estimated_close_on: members::day_column(input, "estimatedCloseOn")?,
        commercial_offer_on: members::day_column(input, "commercialOfferOn")?,
        // Something must be set, or there is nothing to update.
        tenant_id: Set(row.tenant_id),
        ..Default::default()
    };
    let category = category(call, tx, row.tenant_id).await?;
    if category.is_some_and(|category| Some(category) != row.category_id) {
        changed.category_id = Set(category);
        changed.category_changed_at = Set(Some(call.now()));
    }
    changed.update(tx).await?;
    Ok(())
}

fn account_value(input: &Value, company: &Company) -> Result<Option<Amount>, Failure> {
    members::present(input, "accountValue")
        .map(|value| amount::read(value, "accountValue", &company.currency))
        .transpose()
}

fn shipments(count: i64) -> Result<i32, Failure> {
    i32::try_from(count)
        .ok()
        .filter(|count| *count >= 0)
        .ok_or_else(|| fault(Code::Invalid, "monthlyShipments", "Shipments are zero or more."))
}

async fn category(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64) -> Result<Option<i64>, Failure> {
    let Some(number) = call.reference(tx, "category", "FollowUpCategory").await? else { return Ok(None) };
    let row = follow_up_category::Entity::find_by_id(number).one(tx).await?;
    match row.filter(|row| row.tenant_id == tenant) {
        Some(row) => Ok(Some(row.id)),
        None => Err(fault(Code::NotFound, "category", "The board has no such column.")),
    }
}

async fn replace_role_holders(call: &Call<'_>, tx: &DatabaseTransaction, follow_up: i64) -> Result<(), Failure> {
    let Some(inputs) = members::list(call.input, "roleHolders") else { return Ok(()) };
    let mut holders = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let field = |member: &str| format!("roleHolders.{index}.{member}");
        let role = required(input, "role", &field("role"))?;
        let role = choose(call, tx, role, &field("role"), "Account Roles").await?;
        let staff = required(input, "staff", &field("staff"))?;
        let staff = call.resolve(tx, staff, &field("staff"), "Staff").await?;
        if !holders.contains(&(role, staff)) {
            holders.push((role, staff));
        }
    }
    let of_row = follow_up_role_holder::Column::FollowUpId.eq(follow_up);
    follow_up_role_holder::Entity::delete_many().filter(of_row).exec(tx).await?;
    for (role, staff) in holders {
        let row = follow_up_role_holder::ActiveModel {
            id: NotSet,
            follow_up_id: Set(follow_up),
            role_id: Set(role),
            staff_id: Set(staff),
        };
        row.insert(tx).await?;
    }
    Ok(())
}

fn required<'a>(input: &'a Value, member: &str, field: &str) -> Result<&'a Value, Failure> {
    members::present(input, member).ok_or_else(|| fault(Code::Required, field, format!("Say which {member}.")))
}

async fn rename(call: &Call<'_>, tx: &DatabaseTransaction, party: Party) -> Result<(), Failure> {
    let now = call.now();
    match (party, members::words(call.input, "name")) {
        (Party::Prospect(number), Some(name)) => {
            let row = locked(tx, number).await?;
            let names = Names { contact: Some(name), company: row.company_name.as_deref(), ..Names::default() };
            let changed = prospect::ActiveModel {
                id: Set(number),
                contact_name: Set(Some(name.to_owned())),
                name: display_name(names).map_or(NotSet, |name| Set(name.to_owned())),
                updated_at: Set(now),
                ..Default::default()
            };
            changed.update(tx).await?;
        }
        (Party::Client(number), Some(name)) => {
            let changed = client::ActiveModel {
                id: Set(number),
                name: Set(name.to_owned()),
                updated_at: Set(now),
                ..Default::default()
            };
            changed.update(tx).await?;
        }
        (_, None) => {}
    }
    Ok(())
}
