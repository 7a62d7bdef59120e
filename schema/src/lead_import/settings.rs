//! What a company says of its imports: the system of record, and which providers may send leads. Read anew by every
//! call, so that a change counts at once.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{import_provider, import_setting};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, Set,
};
use serde_json::{Value as Json, json};

use crate::{
    company,
    engine::{collect::Selected, mutate::value, request::Request},
    error::{Code, Error, UserError},
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Providers of one company.
const MOST: usize = 100;
const LONGEST_NAME: usize = 50;

/// The settings of one company.
#[derive(Clone, Debug)]
pub struct ImportSettings {
    /// Address of the system of record.
    pub instance_url: Option<String>,
    pub has_custom_fields: bool,
    /// By name.
    pub providers: Vec<import_provider::Model>,
}

impl ImportSettings {
    /// Reads the settings of a company.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn load<C: ConnectionTrait>(db: &C, tenant: i64) -> Result<Self, Error> {
        let row = import_setting::Entity::find().filter(import_setting::Column::TenantId.eq(tenant)).one(db).await?;
        let providers = import_provider::Entity::find()
            .filter(import_provider::Column::TenantId.eq(tenant))
            .order_by_asc(import_provider::Column::Name);
        Ok(Self {
            has_custom_fields: row.as_ref().is_none_or(|row| row.has_custom_fields),
            instance_url: row.and_then(|row| row.instance_url),
            providers: providers.all(db).await?,
        })
    }

    /// The provider of that name, if it may be used.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&import_provider::Model> {
        self.providers.iter().find(|provider| provider.name == name && provider.is_enabled)
    }

    fn json(&self) -> Json {
        let provider = |row: &import_provider::Model| json!({ "name": row.name, "isEnabled": row.is_enabled, "hourlyLimit": row.hourly_limit });
        json!({
            "instanceUrl": self.instance_url,
            "hasCustomFields": self.has_custom_fields,
            "providers": self.providers.iter().map(provider).collect::<Vec<_>>(),
        })
    }
}

/// The answer of query `importSettings`.
///
/// # Errors
/// The viewer has no company, or the database failed.
pub async fn import_settings(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let tenant = own(request)?;
    let settings = ImportSettings::load(&request.hub.database.read, tenant).await?;
    value(request, selected, &settings.json()).await
}

/// The company whose imports a viewer asks about.
///
/// # Errors
/// There is none.
pub(super) fn own(request: &Request<'_>) -> Result<i64, Error> {
    let none = |_| Error::bad_input("You belong to no company.");
    company::own(request.hub, request.viewer).map_err(none)
}

/// `updateImportSettings`: only what is given changes.
pub(super) fn update<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tenant = company::own(call.hub, call.viewer)?;
        let providers = members::list(call.input, "providers").unwrap_or_default();
        let faults = faults(call.input, providers);
        if !faults.is_empty() {
            return Err(Failure::User(faults));
        }
        let tx = call.begin().await?;
        company::lock(&tx, tenant).await?;
        write_own(call, &tx, tenant).await?;
        for provider in providers {
            write_provider(&tx, tenant, provider).await?;
        }
        let settings = ImportSettings::load(&tx, tenant).await?;
        if settings.providers.len() > MOST {
            return Err(fault(Code::TooLarge, "providers", format!("There are at most {MOST} providers.")));
        }
        call.commit(tx).await?;
        Ok(Payload::new().plain("settings", settings.json()))
    })
}

fn faults(input: &Value, providers: &[Value]) -> Vec<UserError> {
    let mut faults = Vec::new();
    if let Some(url) = members::words(input, "instanceUrl") {
        let is_good = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_good {
            faults.push(UserError::new(Code::Invalid, "instanceUrl", "This is no http or https address."));
        }
    }
    for (index, provider) in providers.iter().enumerate() {
        let name = members::text(provider, "name").unwrap_or_default();
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
            let message =
                format!("A provider is named by at most {LONGEST_NAME} letters, digits, hyphens, underscores.");
            faults.push(UserError::new(Code::Invalid, &format!("providers.{index}.name"), message));
        }
        if members::integer(provider, "hourlyLimit").is_some_and(|limit| limit < 1) {
            let path = format!("providers.{index}.hourlyLimit");
            faults.push(UserError::new(Code::OutOfRange, &path, "A limit is at least 1."));
        }
    }
    faults
}

async fn write_own(call: &Call<'_>, tx: &DatabaseTransaction, tenant: i64) -> Result<(), Error> {
    let known = import_setting::Entity::find().filter(import_setting::Column::TenantId.eq(tenant)).one(tx).await?;
    let mut row = import_setting::ActiveModel {
        instance_url: members::text_column(call.input, "instanceUrl"),
        has_custom_fields: match members::flag(call.input, "hasCustomFields") {
            Some(is) => Set(is),
            None => NotSet,
        },
        ..Default::default()
    };
    let is_empty = !row.instance_url.is_set() && !row.has_custom_fields.is_set();
    match known {
        _ if is_empty => {}
        Some(known) => {
            row.id = Set(known.id);
            row.update(tx).await?;
        }
        None => {
            row.tenant_id = Set(tenant);
            row.insert(tx).await?;
        }
    }
    Ok(())
}

async fn write_provider(tx: &DatabaseTransaction, tenant: i64, input: &Value) -> Result<(), Error> {
    let name = members::text(input, "name").unwrap_or_default();
    let known = import_provider::Entity::find()
        .filter(import_provider::Column::TenantId.eq(tenant))
        .filter(import_provider::Column::Name.eq(name))
        .one(tx)
        .await?;
    let limit = members::integer(input, "hourlyLimit").and_then(|limit| i32::try_from(limit).ok());
    let mut row = import_provider::ActiveModel {
        hourly_limit: members::column(input, "hourlyLimit", limit),
        is_enabled: match members::flag(input, "isEnabled") {
            Some(is) => Set(is),
            None => NotSet,
        },
        ..Default::default()
    };
    match known {
        Some(known) if row.hourly_limit.is_set() || row.is_enabled.is_set() => {
            row.id = Set(known.id);
            row.update(tx).await?;
        }
        Some(_) => {}
        None => {
            row.tenant_id = Set(tenant);
            row.name = Set(name.to_owned());
            row.insert(tx).await?;
        }
    }
    Ok(())
}
