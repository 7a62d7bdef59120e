//! Prospects and partners with their follow-ups. It must not know deals.

use chrono::{DateTime, Utc};
use groupgraph_entities::{partner_profile, prospect, prospect_lifecycle_change};
use sea_orm::ActiveValue::Set;

use super::{
    company::{Company, Named, Origin, age_of, domain},
    lead::{Party, note},
    party::{self, Owner},
};

/// Age in days of the oldest prospect.
const OLDEST: i64 = 150;
/// Lifecycles with the follow-up category that goes with each.
const LIFECYCLES: [(&str, i64); 6] =
    [("NEW", 1), ("CONTACTED", 2), ("NURTURING", 3), ("QUALIFIED", 4), ("CONTACTED", 2), ("DISQUALIFIED", 7)];
const TIERS: [&str; 3] = ["A", "B", "C"];

/// Adds all prospects; every tenth is a partner.
pub fn prospects(company: &mut Company) {
    for index in 0..company.counts.prospects {
        let origin = company.worked_leads.get(index / 2).filter(|_| index % 2 == 0).cloned();
        let was_lead = origin.is_some();
        let age = age_of(index, company.counts.prospects, OLDEST).max(1);
        let origin = origin.unwrap_or_else(|| Origin {
            lead: 0,
            company: company.company_name(),
            person: company.human(),
            owner: company.sellers[index % company.sellers.len()],
            at: company.ago(age),
            days_ago: age,
        });
        let is_partner = index % 10 == 9;
        let (lifecycle, category) = LIFECYCLES[index % LIFECYCLES.len()];
        let number = add(company, &origin, lifecycle, was_lead, is_partner);
        let owner = Owner {
            prospect: Some(number),
            client: None,
            staff: origin.owner,
            days_ago: origin.days_ago.max(1),
            created: origin.at,
        };
        party::contact(company, owner, &origin.company, &origin.person, true);
        let city = company.city();
        party::location(company, owner, city, 0);
        party::follow_up(company, owner, category);
        let at = company.since(owner.days_ago, owner.created);
        note(company, Party::Prospect(number), &origin.person, origin.owner, at);
        moved(company, number, lifecycle, origin.owner, at);
        if is_partner {
            partner(company, number, &origin.company);
        } else {
            company.prospects.push(Named { number, name: origin.company });
        }
    }
}

fn add(company: &mut Company, origin: &Origin, lifecycle: &str, was_lead: bool, is_partner: bool) -> i64 {
    let updated = company.since(origin.days_ago.max(1), origin.at);
    let next = company.draw.between(1, 20);
    let is_qualified = lifecycle == "QUALIFIED";
    let desk = company.desk;
    let row = prospect::ActiveModel {
        id: Set(company.book.prospect.next()),
        tenant_id: Set(company.tenant),
        kind: Set(if is_partner { "PARTNER" } else { "PROSPECT" }.into()),
        name: Set(origin.company.clone()),
        contact_name: Set(Some(origin.person.name())),
        company_name: Set(Some(origin.company.clone())),
        email: Set(Some(origin.person.email(&origin.company))),
        phone: Set(Some(origin.person.phone.e164.clone())),
        phone_raw: Set(Some(origin.person.phone.raw.clone())),
        locale_id: Set(company.base.value("Locales", "English")),
        is_active: Set(lifecycle != "DISQUALIFIED"),
        is_verified: Set(is_qualified),
        tier: Set(Some((*company.draw.pick(&TIERS)).into())),
        owner_id: Set(Some(origin.owner)),
        lead_id: Set(was_lead.then_some(origin.lead)),
        lifecycle: Set(lifecycle.into()),
        qualification_pain_points: Set(is_qualified.then(|| company.draw.pick(&desk.pain_points).clone())),
        qualification_budget_range: Set(is_qualified.then(|| company.draw.pick(&desk.budget_ranges).clone())),
        qualification_is_decision_maker: Set(is_qualified.then(|| company.draw.chance(60))),
        qualification_fit_score: Set(is_qualified.then(|| company.draw.small(55, 98))),
        next_action: Set(Some(company.draw.pick(&desk.next_actions).clone())),
        next_action_on: Set(Some(company.due(next))),
        created_at: Set(origin.at),
        updated_at: Set(updated),
        ..Default::default()
    };
    company.book.prospect.push(row)
}

fn moved(company: &mut Company, prospect: i64, to: &str, by: i64, at: DateTime<Utc>) {
    if to == "NEW" {
        return;
    }
    let id = company.book.prospect_lifecycle_change.next();
    company.book.prospect_lifecycle_change.push(prospect_lifecycle_change::ActiveModel {
        id: Set(id),
        prospect_id: Set(prospect),
        from: Set(Some("NEW".into())),
        to: Set(to.into()),
        reason: Set((to == "DISQUALIFIED").then(|| "No budget this year".into())),
        changed_by_id: Set(Some(by)),
        changed_at: Set(at),
    });
}

fn partner(company: &mut Company, prospect: i64, name: &str) {
    let (kinds, origins) = (company.base.values("Partner Types"), company.base.values("Partner Origins"));
    let id = company.book.partner_profile.next();
    company.book.partner_profile.push(partner_profile::ActiveModel {
        id: Set(id),
        prospect_id: Set(Some(prospect)),
        client_id: Set(None),
        url: Set(Some(format!("https://{}", domain(name)))),
        partner_type_id: Set(Some(*company.draw.pick(&kinds))),
        partner_origin_id: Set(Some(*company.draw.pick(&origins))),
        locale_id: Set(company.base.value("Locales", "English")),
        rating: Set(Some(company.draw.small(2, 5))),
        social_network: Set(Some("LinkedIn".into())),
    });
}
