//! Leads with their notes and reminders. It must not know what becomes of them later.

use chrono::{DateTime, Utc};
use groupgraph_entities::{lead, note, reminder};
use sea_orm::ActiveValue::Set;

use super::{
    company::{Company, Human, Origin, age_of},
    words::CustomField,
};

const ACTIONS: [&str; 5] = ["CALL", "WHATSAPP", "EMAIL", "MEETING", "OTHER"];
/// Age in days of the oldest lead.
const OLDEST: i64 = 240;

/// What a note is about: exactly one of them.
#[derive(Clone, Copy, Debug)]
pub enum Party {
    Lead(i64),
    Prospect(i64),
    Client(i64),
}

/// Adds all leads, the oldest first.
pub fn leads(company: &mut Company) {
    for index in 0..company.counts.leads {
        let age = age_of(index, company.counts.leads, OLDEST).max(1);
        // The newest leads are still open; of the others one in eight each becomes a client or a prospect.
        let state = match index % 8 {
            _ if age < 14 => "OPEN",
            0 | 4 => "CONVERTED",
            2 if company.draw.chance(60) => "LOST",
            6 if company.draw.chance(30) => "JUNK",
            _ => "OPEN",
        };
        let origin = add(company, age, state, index);
        match (state, index % 8) {
            ("CONVERTED", 0) => company.won_leads.push(origin),
            ("CONVERTED", _) => company.worked_leads.push(origin),
            _ => {}
        }
    }
}

fn add(company: &mut Company, age: i64, state: &str, index: usize) -> Origin {
    let (person, name) = (company.human(), company.company_name());
    let created = company.ago(age);
    let updated = company.since(age - 1, created);
    let owner = company.sellers[index % company.sellers.len()];
    let (value, pipeline) = (company.deal_value(), company.pipelines[0].clone());
    let is_public = state == "OPEN" && company.draw.chance(12);
    let last = company.statuses.len() - 1;
    let status = match state {
        "CONVERTED" => company.statuses[last],
        _ => company.statuses[index % last],
    };
    let custom_fields = custom_fields(company, "LEAD");
    let number = company.book.lead.next();
    company.book.lead.push(lead::ActiveModel {
        id: Set(number),
        tenant_id: Set(company.tenant),
        name: Set(person.name()),
        given_name: Set(Some(person.given.clone())),
        family_name: Set(Some(person.family.clone())),
        job_title: Set(Some(company.draw.pick(&company.desk.job_titles).clone())),
        company_name: Set(Some(name.clone())),
        email: Set(Some(person.email(&name))),
        phone: Set(Some(person.phone.e164.clone())),
        phone_raw: Set(Some(person.phone.raw.clone())),
        country_id: Set(Some(company.country)),
        value_minor: Set(Some(value)),
        value_currency: Set(Some(company.currency())),
        state: Set(state.into()),
        status_id: Set(Some(status)),
        source_id: Set(Some(*company.draw.pick(&company.sources))),
        pipeline_id: Set(Some(pipeline.0)),
        stage_id: Set(Some(*company.draw.pick(&pipeline.1))),
        owner_id: Set((!is_public).then_some(owner)),
        is_public: Set(is_public),
        custom_fields: Set(Some(custom_fields)),
        last_contacted_at: Set((!index.is_multiple_of(3)).then_some(updated)),
        converted_at: Set((state == "CONVERTED").then_some(updated)),
        created_by_id: Set(Some(owner)),
        created_at: Set(created),
        updated_at: Set(updated),
        ..Default::default()
    });
    if !index.is_multiple_of(3) {
        note(company, Party::Lead(number), &person, owner, updated);
    }
    if state == "OPEN" && index.is_multiple_of(2) {
        remind(company, number, &person, owner);
    }
    let days_ago = (company.calendar.now() - updated).num_days();
    Origin { lead: number, company: name, person, owner, at: updated, days_ago }
}

/// Values of the custom fields of such rows.
pub fn custom_fields(company: &mut Company, subject: &str) -> serde_json::Value {
    let mut values = serde_json::Map::new();
    for CustomField { name, kind, values: choices, .. } in
        company.desk.custom_fields.iter().filter(|field| field.subject == subject)
    {
        let text = company.draw.pick(choices);
        let value = if kind == "TEXT" { text.as_str().into() } else { serde_json::from_str(text).unwrap_or_default() };
        values.insert(name.clone(), value);
    }
    values.into()
}

/// Adds a note of the owner.
pub fn note(company: &mut Company, party: Party, person: &Human, author: i64, at: DateTime<Utc>) {
    let text = company.draw.pick(&company.desk.notes).replace("{person}", &person.name());
    let is_planned = company.draw.chance(30);
    let ahead = company.draw.between(1, 20);
    let scheduled = is_planned.then(|| company.calendar.ahead(ahead, &mut company.draw));
    let category = company.draw.between(1, 4);
    let number = |found: bool, number: i64| found.then_some(number);
    let (Party::Lead(id) | Party::Prospect(id) | Party::Client(id)) = party;
    let row = company.book.note.next();
    company.book.note.push(note::ActiveModel {
        id: Set(row),
        tenant_id: Set(company.tenant),
        lead_id: Set(number(matches!(party, Party::Lead(_)), id)),
        prospect_id: Set(number(matches!(party, Party::Prospect(_)), id)),
        client_id: Set(number(matches!(party, Party::Client(_)), id)),
        text: Set(text),
        action: Set(Some((*company.draw.pick(&ACTIONS)).into())),
        follow_up_category_id: Set((!matches!(party, Party::Lead(_))).then_some(category)),
        scheduled_at: Set(scheduled),
        created_by_id: Set(Some(author)),
        created_at: Set(at),
    });
}

fn remind(company: &mut Company, lead: i64, person: &Human, owner: i64) {
    let days = company.draw.between(-6, 21);
    let row = company.book.reminder.next();
    company.book.reminder.push(reminder::ActiveModel {
        id: Set(row),
        tenant_id: Set(company.tenant),
        lead_id: Set(Some(lead)),
        staff_id: Set(owner),
        text: Set(company.draw.pick(&company.desk.reminders).replace("{person}", &person.name())),
        due_on: Set(company.due(days)),
        is_notified: Set(days < 0),
    });
}
