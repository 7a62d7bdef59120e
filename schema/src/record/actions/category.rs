//! Categories of work orders as a tree, which stays one.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use super::{each, resource};
use crate::{
    company,
    engine::{coerce::Arguments, request::Request},
    error::{Code, Error},
    record::store::{self, Row},
    verb::{Call, Failure, fault},
};

/// The member that names the category above.
const PARENT: &str = "parent_category";

/// Refuses to put a category below itself or below what is below it.
pub fn refuse_cycle<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    row: &'a mut Row,
    _: Option<&'a Map<String, Value>>,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        // A category that is not there yet has nothing below it.
        if row.number == 0 {
            return Ok(());
        }
        // Two moves at once could make a circle that neither of them sees.
        company::lock(tx, row.tenant).await?;
        let mut above = row.text(PARENT).map(str::to_owned);
        let mut seen = HashSet::new();
        while let Some(id) = above {
            if id == row.object_id {
                return Err(fault(Code::Invalid, PARENT, "A category cannot be below itself."));
            }
            if !seen.insert(id.clone()) {
                break;
            }
            let next = store::find(call, tx, resource("WorkorderCategory"), &id).await?;
            above = next.and_then(|next| next.text(PARENT).map(str::to_owned));
        }
        Ok(())
    })
}

/// `workorderCategoryHierarchy`: the categories that stand below none, with all that is below them.
#[must_use]
pub fn hierarchy<'a>(request: &'a Request<'a>, _: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let (mut known, mut below, mut counts) = (Vec::new(), HashMap::<String, Vec<Row>>::new(), HashMap::new());
        each(request, "WorkorderCategory", None, |row| known.push(row)).await?;
        each(request, "Workorder", None, |row| {
            if let Some(category) = row.text("category") {
                *counts.entry(category.to_owned()).or_insert(0_u64) += 1;
            }
        })
        .await?;
        let ids: HashSet<String> = known.iter().map(|row| row.object_id.clone()).collect();
        let mut roots = Vec::new();
        for row in known {
            match row.text(PARENT).filter(|parent| ids.contains(*parent)).map(str::to_owned) {
                Some(parent) => below.entry(parent).or_default().push(row),
                None => roots.push(row),
            }
        }
        Ok(roots.iter().map(|row| node(row, &mut below, &counts)).collect())
    })
}

fn node(row: &Row, below: &mut HashMap<String, Vec<Row>>, counts: &HashMap<String, u64>) -> Value {
    // Each is taken out once, so that nothing goes in circles.
    let children = below.remove(&row.object_id).unwrap_or_default();
    let children: Vec<Value> = children.iter().map(|child| node(child, below, counts)).collect();
    let mut node = json!({
        "_id": row.object_id,
        "children": children,
        "workorder_count": counts.get(&row.object_id).copied().unwrap_or_default(),
    });
    for name in ["name", "description", "code", "color", "icon"] {
        if let Some(value) = row.body.get(name) {
            node[name] = value.clone();
        }
    }
    node
}
