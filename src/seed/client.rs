//! Clients with contacts, locations, bank accounts and subscriptions. It must not know invoices.

use groupgraph_entities::{
    bank_account, client, client_integration, client_owner, client_subscription, client_user, opt_out,
    subscription_item,
};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::{
    company::{Company, Customer, Due, Human, age_of, domain},
    lead::{Party, custom_fields, note},
    party::{self, Owner},
};

/// Age in days of the oldest client.
const OLDEST: i64 = 330;
const ONBOARDING: [&str; 4] = ["completed", "completed", "documents_pending", "started"];
const INTEGRATIONS: [&str; 3] = ["Web shop", "Accounting", "Warehouse system"];

/// Adds all clients, those that were leads among them.
pub fn clients(company: &mut Company) {
    for index in 0..company.counts.clients {
        let origin = company.won_leads.get(index / 2).filter(|_| index % 2 == 0).cloned();
        let age = age_of(index, company.counts.clients, OLDEST).max(1);
        let (name, person, staff, days_ago, created) = if let Some(from) = &origin {
            (from.company.clone(), from.person.clone(), from.owner, from.days_ago.max(1), from.at)
        } else {
            let name = company.company_name();
            let (person, created) = (company.human(), company.ago(age));
            (name, person, company.sellers[index % company.sellers.len()], age, created)
        };
        let number = company.book.client.next();
        let owner = Owner { prospect: None, client: Some(number), staff, days_ago, created };
        add(company, owner, (&name, index), origin.map(|from| from.lead));
        let contact = people(company, owner, &name, &person, index);
        if index % 4 == 1 {
            bank_account_and_subscription(company, owner, &name, index);
        }
        company.clients.push(Customer { number, name, contact, person: person.name(), owner: staff, days_ago });
    }
    opt_outs(company);
}

fn add(company: &mut Company, owner: Owner, (name, index): (&str, usize), lead: Option<i64>) {
    let (city, phone) = (company.city(), company.phone());
    let updated = company.since(owner.days_ago, owner.created);
    let street = company.street(city);
    let legal_forms = company.base.values("Company Types");
    let branches = company.base.values("Branches");
    let limit = company.profile.deal_low * 100 * company.draw.between(1, 8);
    let tax_number = company.draw.digits(10);
    let row = client::ActiveModel {
        id: Set(company.book.client.next()),
        tenant_id: Set(company.tenant),
        uuid: Set(company.draw.uuid().to_string()),
        kind: Set(if index % 9 == 5 { "OUTLET" } else { "ACCOUNT" }.into()),
        name: Set(name.into()),
        name_key: Set(Some(name.trim().to_lowercase())),
        has_unique_name: Set(false),
        trading_name: Set(Some(name.split_whitespace().take(2).collect::<Vec<_>>().join(" "))),
        code: Set(Some(format!("C-{:05}", 10_000 + index))),
        legal_form_id: Set(Some(legal_forms[index % 3])),
        registration_number: Set(Some(format!("RC {}", company.draw.digits(7)))),
        tax_number: Set(Some(tax_number)),
        is_taxable: Set(Some(true)),
        default_tax_id: Set(company.base.value("Taxes", "Standard rate")),
        email: Set(Some(format!("info@{}", domain(name)))),
        phone: Set(Some(phone.e164)),
        phone_raw: Set(Some(phone.raw)),
        website: Set(Some(format!("https://{}", domain(name)))),
        language_id: Set(company.base.value("Languages", "English")),
        address_line1: Set(Some(street)),
        address_city: Set(Some(city.name.clone())),
        address_region: Set(Some(city.region.clone())),
        address_postal_code: Set(Some(company.draw.pick(&city.postal_codes).clone())),
        address_country_id: Set(Some(company.country)),
        owner_id: Set(Some(owner.staff)),
        branch_id: Set(Some(*company.draw.pick(&branches))),
        project_id: Set(company.base.value("Projects", "General")),
        is_active: Set(index % 17 != 16),
        is_blacklisted: Set(false),
        balance_minor: Set(Some(0)),
        balance_currency: Set(Some(company.currency())),
        credit_limit_minor: Set(Some(limit)),
        credit_limit_currency: Set(Some(company.currency())),
        default_billing_day: Set(Some(company.draw.small(1, 28))),
        onboarding_status: Set(Some(ONBOARDING[index % ONBOARDING.len()].into())),
        onboarding_answers: Set(Some(json!({ "team_size": company.draw.between(3, 240), "city": city.name }))),
        lead_id: Set(lead),
        custom_fields: Set(Some(custom_fields(company, "CLIENT"))),
        created_by_id: Set(Some(owner.staff)),
        created_at: Set(owner.created),
        updated_at: Set(updated),
        ..Default::default()
    };
    let number = company.book.client.push(row);
    company.book.client_owner.push(client_owner::ActiveModel { client_id: Set(number), staff_id: Set(owner.staff) });
    if index % 5 == 0 {
        let id = company.book.client_integration.next();
        company.book.client_integration.push(client_integration::ActiveModel {
            id: Set(id),
            client_id: Set(number),
            name: Set(INTEGRATIONS[index % INTEGRATIONS.len()].into()),
            is_active: Set(true),
            details: Set(Some(json!({ "url": format!("https://shop.{}", domain(name)) }))),
        });
    }
}

/// Adds contacts, locations, a follow-up and a note. Returns the number of the primary contact.
fn people(company: &mut Company, owner: Owner, name: &str, person: &Human, index: usize) -> i64 {
    let primary = party::contact(company, owner, name, person, true);
    if !index.is_multiple_of(3) {
        let second = company.human();
        party::contact(company, owner, name, &second, false);
    }
    for place in 0..=index % 2 {
        let city = company.city();
        party::location(company, owner, city, place);
    }
    let category = if index % 6 == 5 { 5 } else { 6 };
    party::follow_up(company, owner, category);
    let at = company.since(owner.days_ago, owner.created);
    note(company, Party::Client(owner.client.unwrap_or_default()), person, owner.staff, at);
    if index % 3 == 1 {
        let id = company.book.client_user.next();
        company.book.client_user.push(client_user::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            client_id: Set(owner.client),
            name: Set(person.name()),
            email: Set(Some(format!("portal@{}", domain(name)))),
            phone: Set(Some(person.phone.e164.clone())),
            phone_raw: Set(Some(person.phone.raw.clone())),
            created_at: Set(owner.created),
            updated_at: Set(owner.created),
        });
    }
    primary
}

fn bank_account_and_subscription(company: &mut Company, owner: Owner, name: &str, index: usize) {
    let client = owner.client.unwrap_or_default();
    let banks = company.base.banks(&company.region.country);
    let (bank, branch_code) = company.draw.pick(banks).clone();
    let account = company.book.bank_account.next();
    company.book.bank_account.push(bank_account::ActiveModel {
        id: Set(account),
        tenant_id: Set(company.tenant),
        client_id: Set(client),
        bank_id: Set(Some(bank)),
        branch_code: Set(branch_code),
        holder_name: Set(name.into()),
        account_number: Set(company.draw.digits(company.region.account_digits)),
        kind_id: Set(company.base.value("Bank Account Types", "Current (cheque)")),
        verification: Set("UNVERIFIED".into()),
        is_active: Set(true),
        created_at: Set(owner.created),
        updated_at: Set(owner.created),
        ..Default::default()
    });
    let subscription = company.book.client_subscription.next();
    let start_on = owner.created.date_naive();
    company.book.client_subscription.push(client_subscription::ActiveModel {
        id: Set(subscription),
        tenant_id: Set(company.tenant),
        uuid: Set(company.draw.uuid().to_string()),
        client_id: Set(client),
        status: Set(if index % 12 == 9 { "PENDING" } else { "ACTIVE" }.into()),
        payment_method_id: Set(company.base.value("Payment Methods", "Debit order")),
        bank_account_id: Set(Some(account)),
        billing_day: Set(company.draw.small(1, 28)),
        start_on: Set(start_on),
        created_at: Set(owner.created),
        updated_at: Set(owner.created),
        ..Default::default()
    });
    let mut amount = 0;
    for _ in 0..=index % 2 {
        let article = company.draw.pick(&company.products).clone();
        amount += article.price;
        let id = company.book.subscription_item.next();
        company.book.subscription_item.push(subscription_item::ActiveModel {
            id: Set(id),
            subscription_id: Set(subscription),
            product_id: Set(article.number),
            unit_id: Set(company.base.value("Product Units", "Month")),
            price_minor: Set(article.price),
            currency: Set(company.currency()),
            agent_id: Set(Some(owner.staff)),
            reference_number: Set(Some(format!("S-{:06}", 100_000 + id))),
            ..Default::default()
        });
    }
    company.collections.push(Due { subscription, client, amount });
}

/// Adds numbers that must not be called or written to.
fn opt_outs(company: &mut Company) {
    for index in 0..8 {
        let (person, days) = (company.human(), company.draw.between(5, 200));
        let id = company.book.opt_out.next();
        company.book.opt_out.push(opt_out::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            channel: Set(if index % 2 == 0 { "SMS" } else { "PHONE" }.into()),
            name: Set(Some(person.name())),
            phone: Set(person.phone.e164),
            phone_raw: Set(Some(person.phone.raw)),
            flagged_on: Set(company.calendar.day(days)),
            ..Default::default()
        });
    }
}
