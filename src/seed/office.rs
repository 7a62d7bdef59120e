//! The company itself: its lists, departments, teams and staff. It must not know its customers.

use groupgraph_entities::{
    custom_field, department, follow_up_category, lead_source, lead_status, pipeline, position, staff,
    staff_department, staff_mapping, stage, team, team_member, tenant,
};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::{
    company::{Company, Named},
    words::{Person, Profile},
};

/// Roles of staff whose names are made up, with their positions; sales people are the most.
const ROLES: [(&str, &str); 8] = [
    ("Sales representative", "Sales executive"),
    ("Support agent", "Customer service officer"),
    ("Sales representative", "Account manager"),
    ("Field representative", "Territory representative"),
    ("Support agent", "Technical support officer"),
    ("Finance", "Credit controller"),
    ("Sales representative", "Sales executive"),
    ("Sales manager", "Head of sales"),
];

/// Adds the companies, the first one being the company itself.
pub fn tenants(company: &mut Company) {
    let below = company.profile.companies.iter().filter_map(|name| Profile::named(name));
    let profiles: Vec<Profile> = std::iter::once(company.profile.clone()).chain(below).collect();
    for (index, profile) in profiles.into_iter().enumerate() {
        let founded = company.ago(400);
        let country = company.base.country(&profile.region().country);
        let number = company.book.tenant.next();
        company.book.tenant.push(tenant::ActiveModel {
            id: Set(number),
            name: Set(profile.name),
            namespace: Set(profile.namespace),
            url: Set(Some(profile.url)),
            base_currency: Set(profile.base_currency),
            time_zone: Set(profile.time_zone),
            country_id: Set(country),
            is_head_office: Set(index == 0),
            is_active: Set(true),
            created_at: Set(founded),
            updated_at: Set(founded),
        });
        if index == 0 {
            company.tenant = number;
            company.country = country.unwrap_or(1);
        }
    }
}

/// Adds positions, departments, teams, and the lists that sort leads, deals and follow-ups.
pub fn lists(company: &mut Company) {
    let (desk, tenant) = (company.desk, company.tenant);
    for name in &desk.positions {
        let id = company.book.position.next();
        company.book.position.push(position::ActiveModel { id: Set(id), name: Set(name.clone()) });
    }
    for row in &desk.departments {
        let id = company.book.department.next();
        company.book.department.push(department::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            name: Set(row.name.clone()),
            email: Set(Some(format!("{}@{}", row.mailbox, company.profile.domain))),
            is_hidden_from_clients: Set(row.is_hidden),
        });
    }
    for name in &desk.teams {
        let (id, made) = (company.book.team.next(), company.ago(380));
        company.book.team.push(team::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            name: Set(name.clone()),
            is_active: Set(true),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        });
    }
    for row in &desk.custom_fields {
        let id = company.book.custom_field.next();
        company.book.custom_field.push(custom_field::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            name: Set(row.name.clone()),
            kind: Set(row.kind.clone()),
            subject: Set(row.subject.clone()),
        });
    }
    sales_lists(company);
    pipelines(company);
}

fn sales_lists(company: &mut Company) {
    let (desk, tenant) = (company.desk, company.tenant);
    for (name, position) in desk.lead_statuses.iter().zip(1..) {
        let id = company.book.lead_status.next();
        company.statuses.push(company.book.lead_status.push(lead_status::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            name: Set(name.clone()),
            position: Set(Some(position)),
            is_client_status: Set(usize::try_from(position).is_ok_and(|last| last == desk.lead_statuses.len())),
        }));
    }
    for name in &desk.lead_sources {
        let id = company.book.lead_source.next();
        let row = lead_source::ActiveModel { id: Set(id), tenant_id: Set(tenant), name: Set(name.clone()) };
        company.sources.push(company.book.lead_source.push(row));
    }
    for (row, position) in desk.follow_up_categories.iter().zip(1..) {
        let id = company.book.follow_up_category.next();
        company.book.follow_up_category.push(follow_up_category::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            key: Set(row.key.clone()),
            name: Set(row.name.clone()),
            position: Set(Some(position)),
        });
    }
}

fn pipelines(company: &mut Company) {
    for (row, position) in company.desk.pipelines.iter().zip(1..) {
        let number = company.book.pipeline.next();
        company.book.pipeline.push(pipeline::ActiveModel {
            id: Set(number),
            tenant_id: Set(company.tenant),
            name: Set(row.name.clone()),
            description: Set(Some(row.description.clone())),
            position: Set(Some(position)),
        });
        let mut stages = Vec::new();
        for ((name, phase), place) in row.stages.iter().zip(1..) {
            let id = company.book.stage.next();
            stages.push(company.book.stage.push(stage::ActiveModel {
                id: Set(id),
                pipeline_id: Set(number),
                name: Set(name.clone()),
                position: Set(Some(place)),
                phase: Set(Some(phase.clone())),
            }));
        }
        company.pipelines.push((number, stages));
    }
}

/// Adds the staff: those that the profile names, then others.
pub fn staff(company: &mut Company) {
    let profile = company.profile;
    for person in &profile.people {
        company.take(&person.name);
    }
    for person in &profile.people {
        member(company, person);
    }
    for (role, position) in ROLES.iter().cycle().take(profile.counts.staff.saturating_sub(profile.people.len())) {
        let name = company.human().name();
        let person = Person { name, role: (*role).into(), position: (*position).into(), is_administrator: false };
        member(company, &person);
    }
    mappings(company);
}

fn member(company: &mut Company, person: &Person) {
    let joined = company.draw.between(30, 390);
    let (created, phone) = (company.ago(joined), company.phone());
    let seen = company.draw.between(1, 6);
    let (updated, last) = (company.since(joined, created), company.ago(seen));
    let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let place = company.desk.positions.iter().zip(1..).find(|(name, _)| **name == person.position);
    let number = company.book.staff.next();
    company.book.staff.push(staff::ActiveModel {
        id: Set(number),
        tenant_id: Set(company.tenant),
        name: Set(person.name.clone()),
        given_name: Set(Some(given.into())),
        family_name: Set(Some(family.into())),
        email: Set(Some(company.profile.email(&person.name))),
        phone: Set(Some(phone.e164)),
        phone_raw: Set(Some(phone.raw)),
        social_links: Set(Some(json!({ "linkedin": super::words::letters(&person.name) }))),
        role_id: Set(company.base.role(&person.role)),
        position_id: Set(place.map(|(_, number)| number)),
        is_active: Set(true),
        is_administrator: Set(person.is_administrator),
        last_signed_in_at: Set(Some(last)),
        password_hash: Set(company.password_hash.clone()),
        session_epoch: Set(0),
        created_at: Set(created),
        updated_at: Set(updated),
        ..Default::default()
    });
    let (department, team) = match person.role.as_str() {
        "Sales representative" | "Sales manager" => {
            company.sellers.push(number);
            (1, 1 + number % 2)
        }
        "Support agent" => {
            company.supporters.push(number);
            (2 + number % 2, 3)
        }
        "Field representative" => {
            company.supporters.push(number);
            (3, 4)
        }
        "Finance" => (4, 5),
        _ => (5, 5),
    };
    company
        .book
        .staff_department
        .push(staff_department::ActiveModel { staff_id: Set(number), department_id: Set(department) });
    company.book.team_member.push(team_member::ActiveModel { team_id: Set(team), staff_id: Set(number) });
    company.staff.push(Named { number, name: person.name.clone() });
}

fn mappings(company: &mut Company) {
    for mapping in &company.profile.mappings {
        let person = company.staff.iter().find(|person| person.name == mapping.person);
        let place = company.profile.companies.iter().position(|name| *name == mapping.namespace);
        let (Some(person), Some(place)) = (person, place) else { continue };
        let id = company.book.staff_mapping.next();
        company.book.staff_mapping.push(staff_mapping::ActiveModel {
            id: Set(id),
            staff_id: Set(person.number),
            // The company itself comes first.
            tenant_id: Set(company.tenant + 1 + i64::try_from(place).unwrap_or(0)),
            remote_staff_number: Set(mapping.number),
            role: Set(Some(mapping.role.clone())),
        });
    }
}
