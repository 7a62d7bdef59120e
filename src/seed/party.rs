//! What clients and prospects have in common: contacts, locations and follow-ups.

use chrono::{DateTime, Utc};
use groupgraph_entities::{contact, follow_up, follow_up_role_holder, location};
use sea_orm::ActiveValue::Set;

use super::{
    company::{Company, Human},
    words::City,
};

const LOCATIONS: [(&str, &str); 4] =
    [("Head office", "HEADQUARTERS"), ("Warehouse", "WAREHOUSE"), ("Branch", "BRANCH"), ("Shop", "RETAIL")];
const ACCOUNT_TYPES: [&str; 5] = ["SME", "SME", "STARTUP", "ENTERPRISE", "CORPORATE"];

/// The client or prospect that a row belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub prospect: Option<i64>,
    pub client: Option<i64>,
    /// Who of the staff looks after it.
    pub staff: i64,
    /// Age in days.
    pub days_ago: i64,
    pub created: DateTime<Utc>,
}

/// Adds a contact; the first one of a party is the primary one.
pub fn contact(company: &mut Company, owner: Owner, firm: &str, person: &Human, is_primary: bool) -> i64 {
    let id = company.book.contact.next();
    company.book.contact.push(contact::ActiveModel {
        id: Set(id),
        tenant_id: Set(company.tenant),
        prospect_id: Set(owner.prospect),
        client_id: Set(owner.client),
        name: Set(person.name()),
        given_name: Set(Some(person.given.clone())),
        family_name: Set(Some(person.family.clone())),
        title: Set(Some(company.draw.pick(&company.desk.titles).clone())),
        job_title: Set(Some(company.draw.pick(&company.desk.job_titles).clone())),
        email: Set(Some(person.email(firm))),
        phone: Set(Some(person.phone.e164.clone())),
        phone_raw: Set(Some(person.phone.raw.clone())),
        is_primary: Set(is_primary),
        is_active: Set(true),
        created_at: Set(owner.created),
        updated_at: Set(owner.created),
        ..Default::default()
    })
}

/// Adds a location; the first one is the primary one.
pub fn location(company: &mut Company, owner: Owner, city: &City, index: usize) {
    let (name, kind) = LOCATIONS[index % LOCATIONS.len()];
    let street = company.street(city);
    // A few kilometres around the centre.
    let (north, east) = (company.draw.small(-40, 40), company.draw.small(-40, 40));
    let id = company.book.location.next();
    company.book.location.push(location::ActiveModel {
        id: Set(id),
        tenant_id: Set(company.tenant),
        prospect_id: Set(owner.prospect),
        client_id: Set(owner.client),
        name: Set(format!("{name} {}", city.name)),
        kind: Set(kind.into()),
        address_line1: Set(Some(street)),
        address_city: Set(Some(city.name.clone())),
        address_region: Set(Some(city.region.clone())),
        address_postal_code: Set(Some(company.draw.pick(&city.postal_codes).clone())),
        address_country_id: Set(Some(company.country)),
        latitude: Set(Some(city.latitude + f64::from(north) / 1000.0)),
        longitude: Set(Some(city.longitude + f64::from(east) / 1000.0)),
        is_primary: Set(index == 0),
        created_at: Set(owner.created),
        updated_at: Set(owner.created),
        ..Default::default()
    });
}

/// Adds the follow-up data of a party in a category.
pub fn follow_up(company: &mut Company, owner: Owner, category: i64) {
    let changed = company.since(owner.days_ago, owner.created);
    let shipments = company.draw.small(1, 60) * 10;
    let (next, close) = (company.draw.between(1, 25), company.draw.between(10, 90));
    let value = company.deal_value();
    let id = company.book.follow_up.next();
    let pick = |company: &mut Company, category: &str| {
        let values = company.base.values(category);
        Some(*company.draw.pick(&values))
    };
    let row = follow_up::ActiveModel {
        id: Set(id),
        tenant_id: Set(company.tenant),
        prospect_id: Set(owner.prospect),
        client_id: Set(owner.client),
        category_id: Set(Some(category)),
        category_changed_at: Set(Some(changed)),
        channel: Set(Some(company.draw.pick(&company.desk.channels).clone())),
        account_type: Set(Some((*company.draw.pick(&ACCOUNT_TYPES)).into())),
        account_value_minor: Set(Some(value)),
        account_value_currency: Set(Some(company.currency())),
        monthly_shipments: Set(Some(shipments)),
        ecommerce_type_id: Set(pick(company, "Ecommerce Types")),
        weight_range_id: Set(pick(company, "Weight Ranges")),
        content_type_id: Set(pick(company, "Content Types")),
        plan_type_id: Set(pick(company, "Plan Types")),
        campaign_id: Set(pick(company, "Campaigns")),
        locale_id: Set(pick(company, "Locales")),
        annotations: Set(Some(company.draw.pick(&company.desk.annotations).clone())),
        has_recharge: Set(owner.client.is_some()),
        first_contact_at: Set(Some(owner.created)),
        last_contact_at: Set(Some(changed)),
        next_contact_on: Set(Some(company.due(next))),
        estimated_close_on: Set(Some(company.due(close))),
        ..Default::default()
    };
    company.book.follow_up.push(row);
    for role in company.base.values("Account Roles").into_iter().take(2) {
        let row = company.book.follow_up_role_holder.next();
        let staff = if row % 2 == 0 { owner.staff } else { *company.draw.pick(&company.supporters) };
        company.book.follow_up_role_holder.push(follow_up_role_holder::ActiveModel {
            id: Set(row),
            follow_up_id: Set(id),
            role_id: Set(role),
            staff_id: Set(staff),
        });
    }
}
