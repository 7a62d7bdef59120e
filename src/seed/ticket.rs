//! Tickets and field jobs. It must not know sales.

use groupgraph_entities::ticket;
use sea_orm::ActiveValue::Set;

use super::company::{Company, age_of};

/// Age in days of the oldest ticket.
const OLDEST: i64 = 75;
const STATUSES: [&str; 8] = ["CLOSED", "OPEN", "CLOSED", "IN_PROGRESS", "ANSWERED", "CLOSED", "ON_HOLD", "OPEN"];

/// Adds all tickets; every fourth is a field job.
pub fn tickets(company: &mut Company) {
    for index in 0..company.counts.tickets {
        let age = age_of(index, company.counts.tickets, OLDEST).max(1);
        let is_job = index % 4 == 3;
        let words = &company.profile.words;
        let (subject, message) = company.draw.pick(if is_job { &words.field_jobs } else { &words.tickets }).clone();
        let status = if age < 3 { "OPEN" } else { STATUSES[index % STATUSES.len()] };
        let client = company.draw.pick(&company.clients).clone();
        let created = company.ago(age);
        let updated = company.since(age - 1, created);
        let due = company.draw.between(1, 10) - age;
        let due_at = company.calendar.ahead(due, &mut company.draw);
        let assignee = *company.draw.pick(&company.supporters);
        let id = company.book.ticket.next();
        company.book.ticket.push(ticket::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            kind: Set(if is_job { "FIELD_JOB" } else { "SUPPORT" }.into()),
            key: Set(company.draw.uuid().simple().to_string()),
            subject: Set(subject),
            message: Set(Some(message)),
            status: Set(status.into()),
            priority: Set(Some(company.draw.small(1, 4))),
            department_id: Set(Some(if is_job { 3 } else { 2 })),
            client_id: Set(Some(client.number)),
            contact_id: Set(Some(client.contact)),
            assignee_id: Set((status != "OPEN" || index % 2 == 0).then_some(assignee)),
            opened_by_id: Set(Some(client.owner)),
            due_at: Set(Some(due_at)),
            closed_at: Set((status == "CLOSED").then_some(updated)),
            created_at: Set(created),
            updated_at: Set(updated),
            ..Default::default()
        });
    }
}
