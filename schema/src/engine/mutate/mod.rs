//! Generic mutations: create, update, save and delete rows of any type by what the schema says of it.
//! What a noun does beyond that stands in its own folder, as rules.

mod draft;
mod look_up;
mod payload;
mod ruled;
mod violation;
mod write;

use async_graphql::{Value, indexmap::IndexMap};
use sea_orm::DatabaseTransaction;

use super::{
    collect::Selected,
    find::{self, Asked, Found},
    model::{Action, Binding, Object, Table, capitalized},
    request::Request,
    resolve::authorize,
};
use crate::{
    error::{Code, Error},
    registry,
    rule::Draft,
    verb::{Call, Failure, Outcome, Payload, fault},
};

pub use draft::{Target, draft};
pub(crate) use payload::{plain, row_member, value};
pub use ruled::{remove, save};
pub use write::write;

/// One root field of a mutation, as JSON.
///
/// # Errors
/// Rights, bad arguments, or a fault. Expected failures are data.
pub async fn run(request: &Request<'_>, call: &Call<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    authorize(request, selected.field)?;
    let name = selected.field.name.as_str();
    let outcome = match (&selected.field.binding, registry::verb(name)) {
        (Binding::Write { action, of }, _) => generic(call, name, *action, of).await,
        (Binding::Record { action, of }, _) => crate::record::change(call, name, *action, of).await,
        (_, Some(verb)) => verb(call).await,
        _ => return Err(Error::internal(format!("nothing does {name}"))),
    };
    payload::write(request, selected, outcome).await
}

async fn generic(call: &Call<'_>, mutation: &str, action: Action, of: &'static str) -> Outcome {
    let (object, table) = call.request().model().rows(of).expect("checked by bind");
    let tx = call.begin().await?;
    let (member, number) = identity(call, &tx, mutation, action, object).await?;
    if action == Action::Delete {
        let number = number.ok_or_else(|| fault(Code::Required, &member, "Say which row."))?;
        return delete(call, tx, (object, table), (mutation, number)).await;
    }
    let tenant = match number {
        Some(number) => write::tenant_of(call, &tx, table, number).await?,
        None => own_tenant(call, &tx, table).await?,
    };
    let input = capitalized(mutation) + "Input";
    let Value::Object(members) = call.input else { return Err(fault(Code::Required, "input", "Give an input.")) };
    let members: IndexMap<_, _> = members
        .iter()
        .filter(|(name, _)| **name != member)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut draft = draft(call, &tx, Target { of, input: &input, tenant, number }, &members).await?;
    let number = save(call, &tx, mutation, &mut draft).await?;
    call.commit(tx).await?;
    Ok(Payload::new().row(row_member(mutation, of), number))
}

/// The input member that names the row, and the row's number if there is one.
async fn identity(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    mutation: &str,
    action: Action,
    object: &'static Object,
) -> Result<(String, Option<i64>), Failure> {
    if action == Action::Create {
        return Ok((String::new(), None));
    }
    let member = match action {
        Action::Delete => payload::only_member(mutation),
        _ => row_member(mutation, &object.name),
    };
    let number = match call.member(member) {
        // unmapStaff names its row by a bare id.
        Some(Value::String(id)) => {
            let reference =
                Value::Object(IndexMap::from([(async_graphql::Name::new("id"), Value::String(id.clone()))]));
            Some(call.resolve(tx, &reference, member, &object.name).await?)
        }
        _ => call.reference(tx, member, &object.name).await?,
    };
    if number.is_none() && action == Action::Update {
        return Err(fault(Code::Required, member, "Say which row."));
    }
    Ok((member.to_owned(), number))
}

/// The company that a new row belongs to: the given one, the viewer's own, or the head office.
async fn own_tenant(call: &Call<'_>, tx: &DatabaseTransaction, table: &Table) -> Result<Option<i64>, Failure> {
    if table.reach.as_deref() != Some("tenant_id") {
        return Ok(None);
    }
    if let Some(tenant) = call.reference(tx, "tenant", "Tenant").await? {
        return Ok(Some(tenant));
    }
    let tenant = call.viewer.tenant.or_else(|| call.hub.directory.head_office());
    tenant.map(Some).ok_or_else(|| fault(Code::Required, "tenant", "Say which company owns the row."))
}

async fn delete(
    call: &Call<'_>,
    tx: DatabaseTransaction,
    (object, table): (&'static Object, &Table),
    (mutation, number): (&str, i64),
) -> Outcome {
    let tenant = write::tenant_of(call, &tx, table, number).await?;
    let mut draft = Draft::new(&object.name, Some(number), tenant);
    remove(call, &tx, mutation, &mut draft).await?;
    call.commit(tx).await?;
    let id = super::id::encode(&object.name, call.hub.instance, number);
    Ok(Payload::new().plain("deletedId", id))
}

impl Call<'_> {
    /// The surroundings of reading rows for the mutation's own use.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        Request::bare(self.hub, self.viewer)
    }

    /// The row that a coerced `Reference` names, by its name within one company.
    ///
    /// # Errors
    /// `NOT_FOUND` naming the field if there is no such row or it is hidden; `INVALID` if it names none or several.
    pub(crate) async fn resolve_in<C: sea_orm::ConnectionTrait>(
        &self,
        db: &C,
        (value, field): (&Value, &str),
        of: &str,
        tenant: Option<i64>,
    ) -> Result<Found, Failure> {
        match find::find(&self.request(), db, Asked { of, reference: value, tenant }).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                let is_look_up = matches!(of, "LookupValue" | "Country" | "LookupCategory");
                let code = if is_look_up { Code::UnknownValue } else { Code::NotFound };
                Err(fault(code, field, "There is no such row, or you may not see it."))
            }
            Err(Error::Client(error)) => Err(fault(Code::Invalid, field, error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}
