//! Messages to people inside the product: written by the verbs of other nouns, read and ticked off by whom they
//! are for. It must not know what they are about.

mod mark_read;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

use crate::{
    events::ChangeKind,
    verb::{Call, Verb},
};

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[("markNotificationsRead", mark_read::mark_notifications_read)];

/// Whom a message is for; only those who work here at the moment get it.
#[derive(Clone, Copy, Debug)]
pub enum To {
    /// One person.
    Staff(i64),
    /// This person and everybody in a team with that person.
    TeamsOf(i64),
    /// The staff of a company.
    Tenant(i64),
    /// Those of a company who hold a permission word: by their role, or as administrators.
    Holders(&'static str, i64),
}

/// Writes a message to each, in one statement, and notes the changes. `subject` is the type and number of the row it
/// is about. Returns how many people get it.
///
/// # Errors
/// The database is out of reach.
pub async fn notify(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    to: To,
    text: &str,
    subject: (&str, i64),
) -> Result<usize, DbErr> {
    let (number, condition) = match to {
        To::Staff(number) => (number, "staff.id = $5".to_owned()),
        To::Tenant(number) => (number, "staff.tenant_id = $5".to_owned()),
        To::Holders(word, number) => (
            number,
            // Words are plain, and stand in a JSON list.
            format!(
                "(staff.tenant_id = $5 AND (staff.is_administrator OR EXISTS (SELECT 1 FROM role \
                 WHERE role.id = staff.role_id AND CAST(role.permissions AS text) LIKE '%\"{word}\"%')))"
            ),
        ),
        To::TeamsOf(number) => (
            number,
            "(staff.id = $5 OR staff.id IN (SELECT mate.staff_id FROM team_member own \
             JOIN team ON team.id = own.team_id AND team.deleted_at IS NULL \
             JOIN team_member mate ON mate.team_id = own.team_id WHERE own.staff_id = $5))"
                .to_owned(),
        ),
    };
    let sql = format!(
        "INSERT INTO notification (tenant_id, recipient_id, text, subject_type, subject_id, is_read, created_at) \
         SELECT staff.tenant_id, staff.id, $1, $2, $3, FALSE, $4 FROM staff \
         WHERE {condition} AND staff.is_active AND staff.deleted_at IS NULL RETURNING id"
    );
    let values = [text.into(), subject.0.into(), subject.1.into(), call.now().into(), number.into()];
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    let rows = transaction.query_all_raw(statement).await?;
    for row in &rows {
        call.changed(ChangeKind::Created, "Notification", row.try_get_by_index(0)?);
    }
    Ok(rows.len())
}
