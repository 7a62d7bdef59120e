//! Collects rows before they are written, so that rows can refer to one another by number and writing takes one
//! statement a batch. It must not know what the rows say.

use groupgraph_entities as entities;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityName, EntityTrait, Iterable,
    PrimaryKeyTrait,
};

/// Values bound in one statement at most: SQLite takes 32,766, PostgreSQL 65,535.
const MAX_VALUES: usize = 30_000;

/// Rows of one table, numbered from 1.
pub struct Rows<A>(Vec<A>);

impl<A> Default for Rows<A> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<A> Rows<A> {
    /// The number of the next row.
    ///
    /// # Panics
    /// Never: memory holds fewer rows.
    #[must_use]
    pub fn next(&self) -> i64 {
        i64::try_from(self.0.len() + 1).expect("memory holds fewer rows")
    }

    /// Adds the next row and returns its number.
    pub fn push(&mut self, row: A) -> i64 {
        let number = self.next();
        self.0.push(row);
        number
    }

    /// The row of a number.
    ///
    /// # Panics
    /// There is none.
    pub fn row(&mut self, number: i64) -> &mut A {
        let index = usize::try_from(number - 1).expect("numbers begin at 1");
        &mut self.0[index]
    }
}

/// Makes the book from the tables, those first that others refer to.
macro_rules! book {
    ($($table:ident),+ $(,)?) => {
        /// All rows of one instance.
        #[derive(Default)]
        pub struct Book {
            $(pub $table: Rows<entities::$table::ActiveModel>,)+
        }

        impl Book {
            /// Writes all rows into empty tables. Returns how many each table got.
            ///
            /// # Errors
            /// The database failed, or a row breaks a rule of its table.
            pub async fn write(self, transaction: &DatabaseTransaction) -> Result<Vec<(&'static str, usize)>, DbErr> {
                let counts = vec![$((stringify!($table), self.$table.0.len()),)+];
                $(insert(transaction, self.$table.0).await?;)+
                Ok(counts)
            }
        }
    };
}

book! {
    country,
    lookup_category,
    lookup_value,
    role,
    position,
    tenant,
    department,
    team,
    staff,
    staff_department,
    team_member,
    staff_mapping,
    custom_field,
    lead_status,
    lead_source,
    pipeline,
    stage,
    follow_up_category,
    price_list,
    product_category,
    product,
    variant,
    price,
    lead,
    reminder,
    client,
    client_owner,
    client_user,
    client_integration,
    bank_account,
    client_subscription,
    subscription_item,
    opt_out,
    prospect,
    prospect_lifecycle_change,
    contact,
    location,
    follow_up,
    follow_up_role_holder,
    partner_profile,
    note,
    deal,
    deal_member,
    ticket,
    invoice,
    invoice_line,
    payment,
    payment_allocation,
    task,
    task_assignee,
    announcement,
    notification,
    goal,
    activity_log,
    wallet,
    wallet_entry,
    record,
}

async fn insert<A>(transaction: &DatabaseTransaction, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + Send,
{
    let batch = MAX_VALUES / <A::Entity as EntityTrait>::Column::iter().count();
    let is_empty = rows.is_empty();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows.by_ref().take(batch).collect();
        A::Entity::insert_many(some).exec_without_returning(transaction).await?;
    }
    let is_numbered = <A::Entity as EntityTrait>::PrimaryKey::auto_increment();
    if is_empty || !is_numbered { Ok(()) } else { renumber(transaction, A::Entity::default().table_name()).await }
}

/// Lets the numbers of a table follow on: rows came with theirs, which PostgreSQL does not notice by itself.
///
/// # Errors
/// The database refused.
pub async fn renumber(transaction: &DatabaseTransaction, table: &str) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), (SELECT MAX(id) FROM \"{table}\"))");
    transaction.execute_unprepared(&sql).await.map(drop)
}
