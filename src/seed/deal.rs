//! Deals with their members, spread over stages and outcomes. It must not know invoices.

use groupgraph_entities::{deal, deal_member};
use sea_orm::ActiveValue::Set;

use super::company::{Company, age_of};

/// Age in days of the oldest deal.
const OLDEST: i64 = 200;
/// Chance in percent by stage, from the first to the last.
const CHANCES: [i32; 5] = [10, 25, 45, 65, 85];

/// Adds all deals.
pub fn deals(company: &mut Company) {
    for index in 0..company.counts.deals {
        let age = age_of(index, company.counts.deals, OLDEST).max(1);
        // A deal younger than three weeks is still open.
        let status = match index % 5 {
            1 if age > 20 => "WON",
            3 if age > 20 => "LOST",
            _ => "OPEN",
        };
        add(company, index, age, status);
    }
}

fn add(company: &mut Company, index: usize, age: i64, status: &str) {
    let created = company.ago(age);
    let updated = company.since(age - 1, created);
    let (pipeline, stages) = company.pipelines[usize::from(index % 4 == 3)].clone();
    let place = if status == "WON" { stages.len() - 1 } else { index % stages.len() };
    let owner = company.sellers[index % company.sellers.len()];
    // Deals of prospects are those of new business.
    let prospect = (index % 3 == 2 && status != "WON").then(|| company.draw.pick(&company.prospects).clone());
    let client = prospect.is_none().then(|| company.draw.pick(&company.clients).clone());
    let party = prospect.as_ref().map_or_else(String::new, |row| row.name.clone());
    let party = client.as_ref().map_or(party, |row| row.name.clone());
    let close = if status == "OPEN" { company.draw.between(3, 100) } else { -company.draw.between(0, age) };
    let probability = match status {
        "WON" => 100,
        "LOST" => 0,
        _ => CHANCES[place * CHANCES.len() / stages.len()],
    };
    let value = company.deal_value();
    let title = company.draw.pick(&company.profile.words.deals).replace("{client}", &party);
    let number = company.book.deal.next();
    company.book.deal.push(deal::ActiveModel {
        id: Set(number),
        tenant_id: Set(company.tenant),
        title: Set(title),
        description: Set(Some(company.draw.pick(&company.desk.annotations).clone())),
        value_minor: Set(Some(value)),
        value_currency: Set(Some(company.currency())),
        status: Set(status.into()),
        pipeline_id: Set(Some(pipeline)),
        stage_id: Set(Some(stages[place])),
        source_id: Set(Some(*company.draw.pick(&company.sources))),
        owner_id: Set(Some(owner)),
        client_id: Set(client.map(|row| row.number)),
        prospect_id: Set(prospect.map(|row| row.number)),
        probability: Set(Some(probability)),
        competitors: Set(index.is_multiple_of(3).then(|| company.draw.pick(&company.desk.competitors).clone())),
        expected_close_on: Set(Some(company.due(close))),
        closed_at: Set((status != "OPEN").then_some(updated)),
        created_by_id: Set(Some(owner)),
        created_at: Set(created),
        updated_at: Set(updated),
    });
    let second = company.sellers[(index + 1) % company.sellers.len()];
    let members = if owner == second || index.is_multiple_of(3) { vec![owner] } else { vec![owner, second] };
    for staff in members {
        company.book.deal_member.push(deal_member::ActiveModel { deal_id: Set(number), staff_id: Set(staff) });
    }
}
