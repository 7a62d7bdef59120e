//! One row becomes a lead, or changes one. What may be refused is refused before anything is written, so that rows of
//! a bulk import need no savepoints.

use async_graphql::Value;
use groupgraph_entities::{lead, lead_source};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Set,
    sea_query::{Expr, Func},
};

use super::{row::Row, settings::ImportSettings};
use crate::{
    company,
    compare::same,
    error::{Code, Error, UserError},
    events::ChangeKind,
    halopsa, lead as leads, members, phone, quota,
    verb::{Call, Failure, fault},
};

/// Seconds of the window of a provider's limit.
const HOUR: i64 = 3_600;

/// How rows are imported, and for whom.
pub(super) struct Import<'a> {
    pub tenant: i64,
    pub provider: &'a str,
    is_deduplicated: bool,
    is_existing_updated: bool,
    has_custom_fields: bool,
    source: Option<i64>,
    status: Option<i64>,
    pushes: Option<halopsa::Pushes>,
}

/// What was done.
pub(super) struct Applied {
    pub lead: i64,
    pub actions: Vec<&'static str>,
}

impl<'a> Import<'a> {
    /// Checks provider and options.
    ///
    /// # Errors
    /// `UNKNOWN_VALUE` for a provider that may not be used, `TOO_EARLY` if its limit is used up.
    pub async fn begin(call: &'a Call<'a>) -> Result<Self, Failure> {
        let tenant = company::own(call.hub, call.viewer)?;
        let provider = call.text("provider").unwrap_or_default();
        let db = &call.hub.database.read;
        let settings = ImportSettings::load(db, tenant).await?;
        let known = settings.provider(provider).ok_or_else(|| {
            fault(Code::UnknownValue, "provider", "This is not the key of a provider that is configured and enabled.")
        })?;
        if let Some(limit) = known.hourly_limit {
            let scope = format!("provider {tenant} {provider}");
            let limit = (u64::try_from(limit).unwrap_or_default(), HOUR);
            if quota::take(&call.hub.database.write, call.now(), &scope, limit).await?.is_exceeded {
                return Err(fault(Code::TooEarly, "provider", "The provider has used up its requests of this hour."));
            }
        }
        let options = members::present(call.input, "options").unwrap_or(&Value::Null);
        let is = |name: &str, usual: bool| members::flag(options, name).unwrap_or(usual);
        Ok(Self {
            tenant,
            provider,
            is_deduplicated: is("isDeduplicated", true),
            is_existing_updated: is("isExistingUpdated", false),
            has_custom_fields: is("hasCustomFields", true) && settings.has_custom_fields,
            source: None,
            status: None,
            pushes: halopsa::Pushes::of(call.hub, &settings),
        })
    }

    /// Looks up what all rows of a transaction get; whoever imports for the same company waits until its end.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn prepare(&mut self, tx: &DatabaseTransaction) -> Result<(), Error> {
        company::lock(tx, self.tenant).await?;
        self.source = Some(source(tx, self.tenant, self.provider).await?);
        self.status = leads::first_status(tx, self.tenant, false).await?;
        Ok(())
    }

    /// Imports a row; `wait` is how many seconds the system of record is left alone.
    ///
    /// # Errors
    /// All faults of the row, `path` being where it is in the input.
    pub async fn apply(
        &self,
        call: &Call<'_>,
        tx: &DatabaseTransaction,
        (row, path): (&Row, &str),
        wait: f64,
    ) -> Result<Applied, Failure> {
        let faults = row.faults(path);
        if !faults.is_empty() {
            return Err(Failure::User(faults));
        }
        let known = if self.is_deduplicated { known(tx, self.tenant, row).await? } else { None };
        let applied = match known {
            None => self.create(call, tx, row).await?,
            Some(known) if self.is_existing_updated => self.update(call, tx, row, &known).await?,
            Some(known) => {
                let field = if path.is_empty() { "email".to_owned() } else { format!("{path}.email") };
                let error = UserError::new(Code::DuplicateEmail, &field, "Duplicate email address");
                return Err(UserError { conflicts_with: Some(("Lead", known.id)), ..error }.into());
            }
        };
        if let Some(pushes) = &self.pushes {
            pushes.push(call, tx, (self.tenant, "Lead", applied.lead), wait).await?;
        }
        Ok(applied)
    }

    async fn create(&self, call: &Call<'_>, tx: &DatabaseTransaction, row: &Row) -> Result<Applied, Failure> {
        let custom = self.custom(row, None);
        let mut actions = vec!["LEAD_CREATED"];
        actions.extend(custom.is_some().then_some("CUSTOM_FIELDS_POPULATED"));
        actions.extend(self.status.map(|_| "LIST_ASSIGNED"));
        let new = lead::ActiveModel {
            tenant_id: Set(self.tenant),
            email: Set(row.email.clone()),
            state: Set("OPEN".to_owned()),
            status_id: Set(self.status),
            source_id: Set(self.source),
            owner_id: Set(call.viewer.staff),
            // What a machine imports is nobody's yet.
            is_public: Set(call.viewer.staff.is_none()),
            created_by_id: Set(call.viewer.staff),
            created_at: Set(call.now()),
            ..self.columns(call, row, custom)
        };
        let lead = new.insert(tx).await?.id;
        call.changed(ChangeKind::Created, "Lead", lead);
        Ok(Applied { lead, actions })
    }

    async fn update(
        &self,
        call: &Call<'_>,
        tx: &DatabaseTransaction,
        row: &Row,
        known: &lead::Model,
    ) -> Result<Applied, Failure> {
        let custom = self.custom(row, known.custom_fields.as_ref());
        let mut actions = vec!["DUPLICATE_DETECTED", "LEAD_UPDATED"];
        actions.extend((row.custom_fields.is_some() && custom.is_some()).then_some("CUSTOM_FIELDS_POPULATED"));
        let changed = lead::ActiveModel { id: Set(known.id), ..self.columns(call, row, custom) };
        changed.update(tx).await?;
        call.changed(ChangeKind::Updated, "Lead", known.id);
        Ok(Applied { lead: known.id, actions })
    }

    /// What the row says; what it does not say is left alone.
    fn columns(&self, call: &Call<'_>, row: &Row, custom: Option<serde_json::Value>) -> lead::ActiveModel {
        let mut columns = lead::ActiveModel { updated_at: Set(call.now()), ..Default::default() };
        let given = row.given_name.clone().unwrap_or_default();
        let name = row.family_name.as_ref().map_or_else(|| given.clone(), |family| format!("{given} {family}"));
        columns.name = Set(name);
        columns.given_name = Set(row.given_name.clone());
        if row.family_name.is_some() {
            columns.family_name = Set(row.family_name.clone());
        }
        if row.company_name.is_some() {
            columns.company_name = Set(row.company_name.clone());
        }
        if row.job_title.is_some() {
            columns.job_title = Set(row.job_title.clone());
        }
        if let Some(number) = &row.phone {
            let country = call.hub.directory.company(Some(self.tenant)).and_then(|company| company.country);
            columns.phone = Set(phone::parse(number, None, country.as_deref()).ok());
            columns.phone_raw = Set(Some(number.clone()));
        }
        if custom.is_some() {
            columns.custom_fields = Set(custom);
        }
        columns
    }

    /// Custom fields after the row: its own over those that there are.
    fn custom(&self, row: &Row, stored: Option<&serde_json::Value>) -> Option<serde_json::Value> {
        let given = row.custom_fields.as_ref().filter(|_| self.has_custom_fields)?.as_object()?;
        let mut all = stored.and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
        all.extend(given.clone());
        Some(all.into())
    }
}

/// The lead that has the row's address already, ignoring case; the oldest of several.
pub(super) async fn known<C: sea_orm::ConnectionTrait>(
    db: &C,
    tenant: i64,
    row: &Row,
) -> Result<Option<lead::Model>, Error> {
    let Some(email) = row.key() else { return Ok(None) };
    let found = lead::Entity::find()
        .filter(lead::Column::TenantId.eq(tenant))
        .filter(lead::Column::DeletedAt.is_null())
        .filter(Expr::expr(Func::lower(Expr::col(lead::Column::Email))).eq(email))
        .order_by_asc(lead::Column::Id);
    Ok(found.one(db).await?)
}

/// The source of a provider's leads, made with the first of them.
async fn source(tx: &DatabaseTransaction, tenant: i64, provider: &str) -> Result<i64, Error> {
    let found = lead_source::Entity::find()
        .filter(lead_source::Column::TenantId.eq(tenant))
        .filter(same(lead_source::Column::Name, provider))
        .one(tx)
        .await?;
    if let Some(row) = found {
        Ok(row.id)
    } else {
        let row =
            lead_source::ActiveModel { tenant_id: Set(tenant), name: Set(provider.to_owned()), ..Default::default() };
        Ok(row.insert(tx).await?.id)
    }
}
