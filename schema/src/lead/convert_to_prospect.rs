//! The mutation convertLeadToProspect.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{client_user, lead, prospect, prospect_lifecycle_change};
use rust_decimal::Decimal;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, Set,
    sea_query::{Expr, Func},
};

use super::{budget, close, rules};
use crate::{
    deal::open::{self, Opening},
    error::{Code, UserError},
    error_log::{self, Entry},
    events::ChangeKind,
    money,
    notification::{self, To},
    prospect::follow_up,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// What a conversion made; the words are those of `ImportAction`.
pub(super) struct Conversion {
    pub prospect: i64,
    pub deal: Option<i64>,
    pub actions: Vec<&'static str>,
}

/// What qualifies the prospect, as far as it was said.
#[derive(Default)]
struct Qualification {
    pain_points: Option<String>,
    budget_range: Option<String>,
    is_decision_maker: Option<bool>,
    fit_score: Option<i32>,
}

/// Makes a prospect of an open lead, with a deal if asked for, and closes the lead.
pub(super) fn convert_lead_to_prospect<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let transaction = call.begin().await?;
        let lead = call.required(&transaction, "lead", "Lead").await?;
        let done = match convert(call, &transaction, lead).await {
            Err(Failure::User(errors)) => {
                drop(transaction);
                refused(call, lead, &errors).await;
                return Err(Failure::User(errors));
            }
            done => done?,
        };
        call.commit(transaction).await?;
        let mut payload = Payload::new().row("lead", lead).row("prospect", done.prospect);
        if let Some(deal) = done.deal {
            payload = payload.row("deal", deal);
        }
        Ok(payload.plain("actions", done.actions))
    })
}

/// Keeps that a conversion was refused.
async fn refused(call: &Call<'_>, lead: i64, errors: &[UserError]) {
    let found = lead::Entity::find_by_id(lead).one(&call.hub.database.read).await;
    let Ok(Some(row)) = found else { return };
    let (tenant, message) = (row.tenant_id, "Failed to convert lead");
    let entry = Entry { tenant, level: "ERROR", message, source: None, lead: Some(lead), code: "INVALID" };
    error_log::note_refusal(call.hub, entry, errors).await;
}

pub(super) async fn convert(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    number: i64,
) -> Result<Conversion, Failure> {
    let qualification = Qualification::read(call)?;
    if call.flag("isDealCreated") && !qualification.is_enough() {
        return Err(fault(Code::Required, "qualification", "A deal needs a prospect that something qualifies."));
    }
    let lead = close::close(call, transaction, number).await?;
    free_email(transaction, &lead).await?;
    let prospect = insert_prospect(call, transaction, &lead, &qualification).await?;
    close::link(transaction, number, lead::Column::ProspectId, prospect.id).await?;
    let mut done =
        Conversion { prospect: prospect.id, deal: None, actions: vec!["LEAD_CONVERTED", "PROSPECT_CREATED"] };
    if call.flag("isDealCreated") {
        let value = expected_value(call, lead.tenant_id, qualification.budget_range.as_deref())?;
        let opening = Opening {
            tenant: lead.tenant_id,
            prospect: prospect.id,
            prospect_name: prospect.name.clone(),
            owner: prospect.owner_id,
            source: lead.source_id,
            value,
        };
        done.deal = Some(open::open(call, transaction, opening).await?);
        done.actions.push("DEAL_CREATED");
    }
    if let (true, Some(owner)) = (call.flag("isTeamNotified"), prospect.owner_id) {
        let text = format!("{} became a prospect.", prospect.name);
        let subject = ("Prospect", prospect.id);
        if notification::notify(call, transaction, To::TeamsOf(owner), &text, subject).await? > 0 {
            done.actions.push("TEAM_NOTIFIED");
        }
    }
    Ok(done)
}

impl Qualification {
    fn read(call: &Call<'_>) -> Result<Self, Failure> {
        let Some(Value::Object(input)) = call.member("qualification") else {
            return Ok(Self::default());
        };
        let text = |name: &str| match input.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        };
        let found = Self {
            pain_points: text("painPoints"),
            budget_range: text("budgetRange"),
            is_decision_maker: match input.get("isDecisionMaker") {
                Some(Value::Boolean(is)) => Some(*is),
                _ => None,
            },
            fit_score: match input.get("fitScore") {
                Some(Value::Number(score)) => {
                    let score = score.as_i64().filter(|score| (0..=100).contains(score));
                    let wrong = || fault(Code::Invalid, "qualification.fitScore", "A fit score is 0 to 100.");
                    Some(score.and_then(|score| i32::try_from(score).ok()).ok_or_else(wrong)?)
                }
                _ => None,
            },
        };
        if found.budget_range.as_deref().is_some_and(|range| budget::upper_end(range).is_none()) {
            let message = "A budget is two whole numbers with a hyphen, such as 50000-100000.";
            return Err(fault(Code::Invalid, "qualification.budgetRange", message));
        }
        Ok(found)
    }

    /// Anything said qualifies; an empty object only tells that there was contact.
    fn is_enough(&self) -> bool {
        self.pain_points.is_some()
            || self.budget_range.is_some()
            || self.is_decision_maker.is_some()
            || self.fit_score.is_some()
    }
}

async fn free_email(transaction: &DatabaseTransaction, lead: &lead::Model) -> Result<(), Failure> {
    let Some(email) = lead.email.as_deref().map(str::to_lowercase) else { return Ok(()) };
    let taken = prospect::Entity::find()
        .filter(prospect::Column::TenantId.eq(lead.tenant_id))
        .filter(Expr::expr(Func::lower(Expr::col(prospect::Column::Email))).eq(email.as_str()))
        .filter(prospect::Column::DeletedAt.is_null())
        .one(transaction)
        .await?;
    if let Some(prospect) = taken {
        return Err(close::duplicate_email("Prospect", prospect.id));
    }
    let user = client_user::Entity::find()
        .filter(client_user::Column::TenantId.eq(lead.tenant_id))
        .filter(Expr::expr(Func::lower(Expr::col(client_user::Column::Email))).eq(email))
        .one(transaction)
        .await?;
    user.map_or(Ok(()), |user| Err(close::duplicate_email("ClientUser", user.id)))
}

async fn insert_prospect(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    lead: &lead::Model,
    qualification: &Qualification,
) -> Result<prospect::Model, Failure> {
    let lifecycle = if qualification.is_enough() { "QUALIFIED" } else { "CONTACTED" };
    let parts = [lead.given_name.as_deref(), lead.middle_name.as_deref(), lead.family_name.as_deref()];
    let row = prospect::ActiveModel {
        tenant_id: Set(lead.tenant_id),
        name: Set(lead.name.clone()),
        contact_name: Set(rules::person(parts)),
        company_name: Set(lead.company_name.clone()),
        email: Set(lead.email.clone()),
        phone: Set(lead.phone.clone()),
        phone_raw: Set(lead.phone_raw.clone()),
        owner_id: Set(lead.owner_id.or(call.viewer.staff)),
        lead_id: Set(Some(lead.id)),
        lifecycle: Set(lifecycle.to_owned()),
        qualification_pain_points: Set(qualification.pain_points.clone()),
        qualification_budget_range: Set(qualification.budget_range.clone()),
        qualification_is_decision_maker: Set(qualification.is_decision_maker),
        qualification_fit_score: Set(qualification.fit_score),
        created_at: Set(call.now()),
        updated_at: Set(call.now()),
        ..Default::default()
    };
    let prospect = row.insert(transaction).await?;
    let change = prospect_lifecycle_change::ActiveModel {
        prospect_id: Set(prospect.id),
        to: Set(lifecycle.to_owned()),
        changed_by_id: Set(call.viewer.staff),
        changed_at: Set(call.now()),
        ..Default::default()
    };
    change.insert(transaction).await?;
    follow_up::of_prospect(transaction, prospect.id).await?;
    call.changed(ChangeKind::Created, "Prospect", prospect.id);
    if qualification.is_enough() {
        call.happened("PROSPECT_QUALIFIED", prospect.id);
    }
    Ok(prospect)
}

/// The upper end of the budget in the base currency of the company, in minor units.
fn expected_value(call: &Call<'_>, tenant: i64, budget_range: Option<&str>) -> Result<Option<(i64, String)>, Failure> {
    let Some(amount) = budget_range.and_then(budget::upper_end) else { return Ok(None) };
    let currency = call.hub.directory.base_currency(Some(tenant));
    let exponent = money::exponent(&currency).unwrap_or(2);
    let too_large = || fault(Code::Invalid, "qualification.budgetRange", "The budget is too large.");
    let minor = money::to_minor(Decimal::from(amount), exponent).ok_or_else(too_large)?;
    Ok(Some((minor, currency)))
}
