//! Questions for tests of this folder.

use std::{collections::HashMap, time::Duration};

use crate::federation::{
    collection::Collection,
    key::{KeyKind, OrderKey},
    question::{Answer, Field, Kind, Member, Question},
    rows::Rows,
};

pub fn field(name: &str, is_nullable: bool, is_list: bool) -> Field {
    Field { name: name.into(), arguments: String::new(), is_nullable, is_list }
}

pub fn scalar(key: &str, kind: Kind) -> Member {
    Member::Scalar { key: key.into(), field: field(key, true, false), kind }
}

pub fn object(key: &str, members: Vec<Member>) -> Member {
    Member::Object { key: key.into(), field: field(key, true, false), members }
}

/// Leads by creation, newest first, with `name`.
pub fn question() -> Question {
    let order = vec![OrderKey {
        field: "CREATED_AT".into(),
        is_descending: true,
        path: "createdAt".into(),
        kind: KeyKind::Instant,
    }];
    let members = vec![scalar("name", Kind::Text), Member::Tenant { key: "tenant".into(), slot: 0 }];
    Question {
        tenant_json: (1..10).map(|tenant| ((0, tenant), format!("{{\"number\":{tenant}}}"))).collect(),
        ..Question::new(Collection::Leads, order, members, 10, Duration::from_secs(2))
    }
}

/// The viewer's number at one company.
pub fn numbers(tenant: i64, number: i64) -> HashMap<i64, i64> {
    HashMap::from([(tenant, number)])
}

/// The finished rows of a page.
pub fn written(rows: &Rows) -> Vec<String> {
    let row = |row| {
        let mut out = String::new();
        rows.copy_row(row, &mut out);
        assert_eq!(out.len(), rows.row_len(row));
        out
    };
    (0..rows.len()).map(row).collect()
}

/// The finished rows of an answer.
pub fn answered(answer: &Answer) -> Vec<String> {
    let row = |row| {
        let mut out = String::new();
        answer.copy_row(row, &mut out);
        out
    };
    (0..answer.len()).map(row).collect()
}
