//! What lies on the desks of the staff: tasks, announcements, notifications, goals and the activity log.

use groupgraph_entities::{activity_log, announcement, goal, notification, task, task_assignee, wallet, wallet_entry};
use sea_orm::ActiveValue::Set;

use super::company::Company;

const STATUSES: [&str; 5] = ["COMPLETE", "IN_PROGRESS", "NOT_STARTED", "AWAITING_FEEDBACK", "TESTING"];
/// Days since each announcement; further ones are drafts.
const ANNOUNCED: [i64; 3] = [3, 21, 48];
const ACTIVITIES: i64 = 120;
/// What a wallet begins with, in minor units.
const FUNDS: i64 = 5_000_000;

/// Adds tasks. Everybody gets open ones first, so that nobody has an empty desk.
pub fn tasks(company: &mut Company) {
    let staff = company.staff.len();
    for index in 0..company.counts.tasks.max(staff) {
        let person = company.staff[index % staff].number;
        let age = company.draw.between(1, 30);
        let (created, ahead) = (company.ago(age), company.draw.between(1, 24));
        let updated = company.since(age - 1, created);
        let status = if index < staff { "NOT_STARTED" } else { STATUSES[index % STATUSES.len()] };
        let client = company.draw.pick(&company.clients).name.clone();
        let id = company.book.task.next();
        company.book.task.push(task::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            title: Set(company.draw.pick(&company.desk.tasks).replace("{client}", &client)),
            description: Set(Some(company.draw.pick(&company.desk.next_actions).clone() + ".")),
            status: Set(status.into()),
            priority: Set(Some(company.draw.small(1, 4))),
            start_on: Set(Some(created.date_naive())),
            due_on: Set(Some(company.due(ahead))),
            created_by_id: Set(Some(company.staff[0].number)),
            created_at: Set(created),
            updated_at: Set(updated),
            ..Default::default()
        });
        let second = company.staff[(index * 7 + 3) % staff].number;
        let assignees = if index % 4 == 0 && second != person { vec![person, second] } else { vec![person] };
        for staff in assignees {
            company.book.task_assignee.push(task_assignee::ActiveModel { task_id: Set(id), staff_id: Set(staff) });
        }
    }
}

/// Adds the announcements; the last one is a draft.
pub fn announcements(company: &mut Company) {
    for (index, (title, text)) in company.profile.words.announcements.iter().enumerate() {
        let published = ANNOUNCED.get(index).map(|days| company.ago(*days));
        let created = published.unwrap_or_else(|| company.ago(1));
        let id = company.book.announcement.next();
        company.book.announcement.push(announcement::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            title: Set(title.clone()),
            body_html: Set(Some(format!("<p>{text}</p>"))),
            body_text: Set(text.clone()),
            is_published: Set(published.is_some()),
            published_at: Set(published),
            created_by_id: Set(Some(company.staff[0].number)),
            created_at: Set(created),
            updated_at: Set(created),
            ..Default::default()
        });
    }
}

/// Adds notifications for everybody who sells, and goals of the quarter.
pub fn notifications_and_goals(company: &mut Company) {
    let sellers = company.sellers.clone();
    for (index, staff) in sellers.iter().enumerate() {
        for (kind, text) in &company.desk.notifications {
            let (age, subject) = (company.draw.between(1, 9), company.draw.between(1, 8));
            let created = company.ago(age);
            let id = company.book.notification.next();
            company.book.notification.push(notification::ActiveModel {
                id: Set(id),
                tenant_id: Set(company.tenant),
                recipient_id: Set(*staff),
                text: Set(text.clone()),
                subject_type: Set(Some(kind.clone())),
                subject_id: Set(Some(subject)),
                is_read: Set(age > 4),
                created_at: Set(created),
            });
        }
        let (subject, measure, target) = &company.desk.goals[index % company.desk.goals.len()];
        let (start_on, end_on) = company.calendar.quarter();
        let id = company.book.goal.next();
        company.book.goal.push(goal::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            staff_id: Set(Some(*staff)),
            subject: Set(subject.clone()),
            measure: Set(measure.clone()),
            start_on: Set(start_on),
            end_on: Set(end_on),
            target: Set(target.parse().unwrap_or(10)),
        });
    }
}

/// Adds the activity log of the last weeks.
pub fn activities(company: &mut Company) {
    for index in 0..ACTIVITIES {
        let occurred = company.ago((ACTIVITIES - index) / 2);
        let (kind, text) = company.draw.pick(&company.desk.activities).clone();
        let person = company.draw.pick(&company.staff).clone();
        let client = company.draw.pick(&company.clients).clone();
        let who = if kind == "staff" { &person.name } else { &client.person };
        let description = text.replace("{client}", &client.name).replace("{person}", who);
        let id = company.book.activity_log.next();
        company.book.activity_log.push(activity_log::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            kind: Set(Some(kind)),
            description: Set(description),
            staff_id: Set(Some(person.number)),
            staff_name: Set(Some(person.name)),
            occurred_at: Set(occurred),
        });
    }
}

/// Adds a wallet for everybody who looks persons up: administrators and those who sell.
pub fn wallets(company: &mut Company) {
    let first = company.staff[0].number;
    let mut people = company.sellers.clone();
    people.retain(|person| *person != first);
    let (now, currency) = (company.ago(1), company.profile.base_currency.clone());
    for person in std::iter::once(first).chain(people) {
        let id = company.book.wallet.next();
        company.book.wallet.push(wallet::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            staff_id: Set(person),
            balance_minor: Set(FUNDS),
            currency: Set(currency.clone()),
            created_at: Set(now),
            updated_at: Set(now),
        });
        let entry = company.book.wallet_entry.next();
        company.book.wallet_entry.push(wallet_entry::ActiveModel {
            id: Set(entry),
            tenant_id: Set(company.tenant),
            wallet_id: Set(id),
            amount_minor: Set(FUNDS),
            currency: Set(currency.clone()),
            reason: Set("Paid in".into()),
            created_at: Set(now),
        });
    }
}
