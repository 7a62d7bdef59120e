//! What a company already has of the e-mail addresses, phones and choices that an import names.

use std::collections::{HashMap, HashSet};

use groupgraph_entities::{client_user, contact, follow_up_category, lookup_category, lookup_value, prospect};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::row::Row;
use crate::{
    compare::same,
    email::Party,
    error::{Code, Error, UserError},
};

/// Values in one statement; databases limit them.
const AT_ONCE: usize = 500;

/// Holders of what the rows name. Addresses are in lower case, phones in E.164.
#[derive(Debug, Default)]
pub struct Known {
    /// Client users and contacts by e-mail.
    pub emails: HashMap<String, Party>,
    /// Client users by phone.
    pub phones: HashMap<String, Party>,
    pub prospects_by_email: HashMap<String, i64>,
    /// Lowest number first.
    pub prospects_by_phone: HashMap<String, Vec<i64>>,
    /// By number within their list.
    pub locales: HashMap<i64, i64>,
    pub categories: HashSet<i64>,
}

impl Known {
    /// Looks up what rows name, in a number of statements that grows with the rows by the five hundred.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn load<C: ConnectionTrait>(db: &C, tenant: i64, rows: &[Row]) -> Result<Self, Error> {
        let mut known = Self::default();
        let emails: Vec<&str> = rows.iter().filter_map(|row| row.email.as_deref()).collect();
        for some in emails.chunks(AT_ONCE) {
            known.load_emails(db, tenant, some).await?;
        }
        let phones: Vec<&str> = rows.iter().filter_map(|row| row.phone.as_deref()).collect();
        for some in phones.chunks(AT_ONCE) {
            known.load_phones(db, tenant, some).await?;
        }
        known.load_choices(db, tenant).await?;
        Ok(known)
    }

    /// The fault of a row that names a locale or a category which is not there.
    #[must_use]
    pub fn unknown_choice(&self, row: &Row) -> Option<UserError> {
        let unknown =
            |field, what: &str| UserError::new(Code::UnknownValue, field, format!("There is no such {what}."));
        if row.locale.is_some_and(|number| !self.locales.contains_key(&number)) {
            return Some(unknown("locale", "locale"));
        }
        if row.category.is_some_and(|number| !self.categories.contains(&number)) {
            return Some(unknown("followUpCategory", "category"));
        }
        None
    }

    async fn load_emails<C: ConnectionTrait>(&mut self, db: &C, tenant: i64, some: &[&str]) -> Result<(), Error> {
        let contacts = contact::Entity::find()
            .select_only()
            .columns([contact::Column::Id, contact::Column::Email])
            .filter(contact::Column::TenantId.eq(tenant))
            .filter(contact::Column::DeletedAt.is_null())
            .filter(lower_in(contact::Column::Email, some));
        self.hold(contacts.into_tuple().all(db).await?, "Contact");
        // A registered user counts before a contact.
        let users = client_user::Entity::find()
            .select_only()
            .columns([client_user::Column::Id, client_user::Column::Email])
            .filter(client_user::Column::TenantId.eq(tenant))
            .filter(lower_in(client_user::Column::Email, some));
        self.hold(users.into_tuple().all(db).await?, "ClientUser");
        let prospects: Vec<(i64, String)> = prospect::Entity::find()
            .select_only()
            .columns([prospect::Column::Id, prospect::Column::Email])
            .filter(prospect::Column::TenantId.eq(tenant))
            .filter(prospect::Column::DeletedAt.is_null())
            .filter(lower_in(prospect::Column::Email, some))
            .into_tuple()
            .all(db)
            .await?;
        self.prospects_by_email.extend(prospects.into_iter().map(|(number, email)| (email.to_lowercase(), number)));
        Ok(())
    }

    fn hold(&mut self, rows: Vec<(i64, String)>, of: &'static str) {
        self.emails.extend(rows.into_iter().map(|(number, email)| (email.to_lowercase(), (of, number))));
    }

    async fn load_phones<C: ConnectionTrait>(&mut self, db: &C, tenant: i64, some: &[&str]) -> Result<(), Error> {
        let users: Vec<(i64, String)> = client_user::Entity::find()
            .select_only()
            .columns([client_user::Column::Id, client_user::Column::Phone])
            .filter(client_user::Column::TenantId.eq(tenant))
            .filter(client_user::Column::Phone.is_in(some.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        self.phones.extend(users.into_iter().map(|(number, phone)| (phone, ("ClientUser", number))));
        let prospects: Vec<(i64, String)> = prospect::Entity::find()
            .select_only()
            .columns([prospect::Column::Id, prospect::Column::Phone])
            .filter(prospect::Column::TenantId.eq(tenant))
            .filter(prospect::Column::DeletedAt.is_null())
            .filter(prospect::Column::Phone.is_in(some.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        for (number, phone) in prospects {
            let numbers = self.prospects_by_phone.entry(phone).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
                numbers.sort_unstable();
            }
        }
        Ok(())
    }

    async fn load_choices<C: ConnectionTrait>(&mut self, db: &C, tenant: i64) -> Result<(), Error> {
        let locales =
            lookup_category::Entity::find().filter(same(lookup_category::Column::Name, "Locales")).one(db).await?;
        if let Some(list) = locales {
            let numbers = lookup_value::Entity::find()
                .select_only()
                .columns([lookup_value::Column::ListNumber, lookup_value::Column::Id])
                .filter(lookup_value::Column::ListNumber.is_not_null())
                .filter(lookup_value::Column::CategoryId.eq(list.id));
            let numbers: Vec<(i32, i64)> = numbers.into_tuple().all(db).await?;
            self.locales = numbers.into_iter().map(|(number, id)| (number.into(), id)).collect();
        }
        let numbers = follow_up_category::Entity::find()
            .select_only()
            .column(follow_up_category::Column::Id)
            .filter(follow_up_category::Column::TenantId.eq(tenant));
        self.categories = numbers.into_tuple::<i64>().all(db).await?.into_iter().collect();
        Ok(())
    }
}

fn lower_in<C: ColumnTrait>(column: C, texts: &[&str]) -> SimpleExpr {
    Func::lower(Expr::col(column.as_column_ref())).is_in(texts.iter().copied())
}
