//! Pay of the people whom the hub knows at subsidiaries, pushed as any client would push it. It arrives by the outbox,
//! at a subsidiary that is not served as soon as somebody serves it.

use chrono::{Datelike, Months};
use serde_json::{Value, json};

use super::{DemoError, place::Place};
use crate::seed::Mapping;

/// Months before the present one.
const MONTHS: u32 = 2;
const NAMES: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const PUSH: &str = "mutation($input: PushPayrollInput!) { pushPayroll(input: $input) { errors { message } } }";

/// Pushes the pay of the last months. The same pay at the next start is not sent again.
///
/// # Errors
/// The hub cannot be reached.
pub async fn push(hub: &Place, subsidiaries: &[Place], token: &str, client: &reqwest::Client) -> Result<(), DemoError> {
    let today = hub.hub.clock.now().date_naive();
    for back in (1..=MONTHS).rev() {
        let day = today - Months::new(back);
        for (place, mapping) in hub.profile.mappings.iter().enumerate() {
            let Some(company) = subsidiaries.iter().find(|other| other.profile.namespace == mapping.namespace) else {
                continue;
            };
            // Nobody earns quite the same.
            let basic = company.profile.deal_low * (98 + 4 * i64::try_from(place).unwrap_or(0));
            let mut input = pay(&company.profile.name, mapping, basic);
            input["month"] = NAMES[day.month0() as usize].into();
            input["year"] = day.year().into();
            let body = json!({ "query": PUSH, "variables": { "input": input } });
            let url = format!("{}/graphql", hub.url());
            let answer: Value = client.post(url).bearer_auth(token).json(&body).send().await?.json().await?;
            let errors = &answer["data"]["pushPayroll"]["errors"];
            if errors.as_array().is_none_or(|errors| !errors.is_empty()) {
                tracing::warn!(%answer, company = mapping.namespace, "pay was not taken");
            }
        }
    }
    Ok(())
}

/// Basic pay in minor units, with what is usual added and taken off.
fn pay(company: &str, mapping: &Mapping, basic: i64) -> Value {
    let part = |title: &str, percent: i64| (title.to_owned(), basic * percent / 100);
    let bonuses = [part("Transport", 6), part("Commission", 11)];
    let deductions = [part("Pension", 8), part("Income tax", 14)];
    let sum = |lines: &[(String, i64)]| lines.iter().map(|(_, amount)| amount).sum::<i64>();
    let net = basic + sum(&bonuses) - sum(&deductions);
    let lines = |lines: &[(String, i64)]| {
        let lines = lines.iter().map(|(title, amount)| json!({ "title": title, "amount": { "amountMinor": amount } }));
        lines.collect::<Vec<_>>()
    };
    json!({
        "tenant": { "name": company },
        "remoteStaffNumber": mapping.number,
        "netSalary": { "amountMinor": net },
        "bonuses": lines(&bonuses),
        "deductions": lines(&deductions),
    })
}
