//! Limits on guessing, per account and per address. It must not know what is guessed.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::sign_in_failure::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};

use crate::{
    error::Code,
    verb::{Call, Failure, fault},
};

const PURPOSE: &str = "attempts";
/// No window is longer; older rows count for nothing.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(1);

/// How often something may fail.
pub(super) struct Limit {
    /// What is guessed, and for whom: `sign-in:ada@example.com`. Stored as a keyed hash.
    pub subject: String,
    pub most: u64,
    pub window: TimeDelta,
}

impl Limit {
    /// For an account, over the window of the settings.
    pub fn account(call: &Call<'_>, what: &str, who: &str) -> Self {
        let auth = &call.hub.settings.auth;
        let most = auth.sign_in_attempts_per_account.into();
        Self { subject: format!("{what}:{who}"), most, window: window(call) }
    }

    /// For the address of the caller, if it is known.
    pub fn address(call: &Call<'_>, what: &str) -> Option<Self> {
        let most = call.hub.settings.auth.sign_in_attempts_per_address.into();
        let network = network(call.address?);
        Some(Self { subject: format!("{what} from:{network}"), most, window: window(call) })
    }
}

/// An attempt that is counted as failed until it is forgiven.
pub(super) struct Attempt {
    rows: Vec<i64>,
    /// Hash of the first subject.
    account: String,
}

impl Attempt {
    /// Counts an attempt before its outcome is known, so that many at once cannot slip through.
    ///
    /// # Errors
    /// Too early: there were too many within the window. Such an attempt does not count.
    pub async fn begin(call: &Call<'_>, account: Limit, address: Option<Limit>) -> Result<Self, Failure> {
        let limits: Vec<Limit> = [Some(account), address].into_iter().flatten().collect();
        let attempt = Self::count(call, &limits).await?;
        for limit in &limits {
            let since = call.now() - limit.window;
            let failures = Entity::find().filter(Column::Subject.eq(hash(call, &limit.subject)));
            let failures = failures.filter(Column::OccurredAt.gt(since));
            if failures.count(&call.hub.database.read).await? > limit.most {
                Entity::delete_many().filter(Column::Id.is_in(attempt.rows)).exec(&call.hub.database.write).await?;
                let minutes = limit.window.num_minutes();
                let message = format!("Too many attempts. Try again in {minutes} minutes.");
                return Err(fault(Code::TooEarly, "", message));
            }
        }
        Ok(attempt)
    }

    async fn count(call: &Call<'_>, limits: &[Limit]) -> Result<Self, DbErr> {
        let transaction = call.hub.database.write.begin().await?;
        let mut rows = Vec::new();
        for limit in limits {
            let subject = Set(hash(call, &limit.subject));
            let row = ActiveModel { subject, occurred_at: Set(call.now()), ..Default::default() };
            rows.push(row.insert(&transaction).await?.id);
        }
        transaction.commit().await?;
        Ok(Self { rows, account: hash(call, &limits[0].subject) })
    }

    /// It succeeded: the account starts afresh, and the address loses this one.
    pub async fn forgive(self, call: &Call<'_>, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        let expired = Column::OccurredAt.lt(call.now() - LONGEST_WINDOW);
        let forgiven = Column::Subject.eq(self.account).or(Column::Id.is_in(self.rows)).or(expired);
        Entity::delete_many().filter(forgiven).exec(connection).await.map(drop)
    }
}

/// When a subject was last counted.
pub(super) async fn last(call: &Call<'_>, subject: &str) -> Result<Option<DateTime<Utc>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::OccurredAt)
        .filter(Column::Subject.eq(hash(call, subject)))
        .order_by_desc(Column::OccurredAt)
        .into_tuple()
        .one(&call.hub.database.read)
        .await
}

fn hash(call: &Call<'_>, subject: &str) -> String {
    call.hub.sealing.sign(PURPOSE, subject.as_bytes())
}

fn window(call: &Call<'_>) -> TimeDelta {
    TimeDelta::minutes(call.hub.settings.auth.sign_in_window_minutes.into())
}

/// Whoever has an IPv6 address has a network of 2^64 of them.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_an_ipv6_network_count_as_one() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
