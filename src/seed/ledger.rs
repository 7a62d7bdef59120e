//! Invoices and the payments on them; sums and statuses follow from the lines and payments.

use chrono::{Days, NaiveDate};
use groupgraph_entities::{invoice, invoice_line, payment, payment_allocation};
use groupgraph_schema::invoice::status::{self, Standing};
use sea_orm::ActiveValue::Set;

use super::company::{Company, Customer, Due, age_of};

/// Age in days of the oldest invoice.
const OLDEST: i64 = 270;
/// Days in which an invoice is to be paid.
const TERM: u64 = 30;
const MILLIONTHS: i64 = 1_000_000;
const METHODS: [&str; 4] = ["Bank transfer", "Bank transfer", "Cash", "Mobile money"];

/// Sums of an invoice in minor units.
#[derive(Clone, Copy, Default)]
struct Sums {
    subtotal: i64,
    tax: i64,
    paid: i64,
}

impl Sums {
    fn total(self) -> i64 {
        self.subtotal + self.tax
    }
}

/// Adds all invoices with their payments, and the balances of the clients that follow.
pub fn invoices(company: &mut Company) {
    for index in 0..company.counts.invoices {
        let age = age_of(index, company.counts.invoices, OLDEST).max(1);
        // A client is older than its invoices.
        let known: Vec<&Customer> = company.clients.iter().filter(|client| client.days_ago >= age).collect();
        let client = match known.as_slice() {
            [] => company.clients[0].clone(),
            known => (*company.draw.pick(known)).clone(),
        };
        let issued_on = company.calendar.day(age);
        let number = company.book.invoice.next();
        let mut sums = lines(company, number);
        let standing = match index % 25 {
            12 => "CANCELLED",
            _ if age < 4 && index % 3 == 0 => "DRAFT",
            _ => "UNPAID",
        };
        let parts = if standing == "UNPAID" { parts(company, age, sums.total()) } else { Vec::new() };
        sums.paid = parts.iter().sum();
        let due_on = issued_on + Days::new(TERM);
        let standing = Standing { status: standing, total: sums.total(), paid: sums.paid, due_on: Some(due_on) };
        let status = status::follow(standing, company.calendar.today());
        write(company, &client, (age, issued_on, due_on), (status, sums));
        // After the invoice: payments refer to it.
        for amount in parts {
            pay(company, &client, (number, issued_on), amount);
        }
        balance(company, client.number, status, sums);
    }
    collections(company);
}

fn lines(company: &mut Company, invoice: i64) -> Sums {
    let mut sums = Sums::default();
    let dear = company.profile.deal_low * 100 / 10;
    let first = company.draw.between(0, 9_999);
    for position in 1..=company.draw.small(1, 4) {
        // Apart from each other, so that no product comes twice.
        let place = usize::try_from(first + i64::from(position) * 5).unwrap_or(0) % company.products.len();
        let article = company.products[place].clone();
        let quantity = company.draw.between(1, if article.price > dear { 3 } else { 24 });
        let total = article.price * quantity;
        let tax = (total * company.region.tax_basis_points + 5_000) / 10_000;
        let id = company.book.invoice_line.next();
        company.book.invoice_line.push(invoice_line::ActiveModel {
            id: Set(id),
            invoice_id: Set(invoice),
            position: Set(position),
            description: Set(article.name),
            product_id: Set(Some(article.number)),
            quantity_millionths: Set(quantity * MILLIONTHS),
            unit_price_minor: Set(article.price),
            tax_minor: Set(tax),
            total_minor: Set(total),
            currency: Set(company.currency()),
        });
        sums.subtotal += total;
        sums.tax += tax;
    }
    sums
}

/// What was paid on an invoice of this age, in one or two parts.
fn parts(company: &mut Company, age: i64, total: i64) -> Vec<i64> {
    let patience = company.draw.between(1, 100);
    let is_paid = patience <= (age * 2).min(82);
    let first = total * company.draw.between(3, 7) / 10;
    match company.draw.between(1, 6) {
        _ if !is_paid && patience > 92 => vec![first],
        _ if !is_paid => Vec::new(),
        1 => vec![first, total - first],
        _ => vec![total],
    }
}

fn write(
    company: &mut Company,
    client: &Customer,
    (age, issued_on, due_on): (i64, NaiveDate, NaiveDate),
    (status, sums): (&str, Sums),
) {
    let created = company.ago(age);
    let updated = company.since(age - 1, created);
    let balance = if status == "CANCELLED" { 0 } else { sums.total() - sums.paid };
    let row = invoice::ActiveModel {
        id: Set(company.book.invoice.next()),
        tenant_id: Set(company.tenant),
        uuid: Set(company.draw.uuid().to_string()),
        document_number: Set(format!("INV-{:06}", company.book.invoice.next())),
        status: Set(status.into()),
        client_id: Set(Some(client.number)),
        client_name: Set(Some(client.name.clone())),
        owner_id: Set(Some(client.owner)),
        subtotal_minor: Set(sums.subtotal),
        tax_total_minor: Set(sums.tax),
        total_minor: Set(sums.total()),
        paid_total_minor: Set(sums.paid),
        balance_minor: Set(balance),
        currency: Set(company.currency()),
        issued_on: Set(issued_on),
        due_on: Set(Some(due_on)),
        created_at: Set(created),
        updated_at: Set(updated),
        ..Default::default()
    };
    company.book.invoice.push(row);
}

fn pay(company: &mut Company, client: &Customer, (invoice, issued_on): (i64, NaiveDate), amount: i64) {
    let days = (company.calendar.today() - issued_on).num_days();
    let ago = company.draw.between((days - 40).max(1), days);
    let (paid_on, created) = (company.calendar.day(ago).max(issued_on), company.ago(ago));
    let method = (*company.draw.pick(&METHODS)).to_owned();
    let number = company.book.payment.next();
    company.book.payment.push(payment::ActiveModel {
        id: Set(number),
        tenant_id: Set(company.tenant),
        uuid: Set(company.draw.uuid().to_string()),
        amount_minor: Set(amount),
        currency: Set(company.currency()),
        status: Set("SETTLED".into()),
        invoice_id: Set(Some(invoice)),
        client_id: Set(Some(client.number)),
        subscription_id: Set(None),
        method: Set(Some(method)),
        reference: Set(Some(format!("TRF-{}", company.draw.digits(8)))),
        description: Set(Some(format!("Payment on INV-{invoice:06}"))),
        received_by_id: Set(Some(client.owner)),
        paid_on: Set(paid_on),
        created_at: Set(created),
        updated_at: Set(created),
        ..Default::default()
    });
    let id = company.book.payment_allocation.next();
    company.book.payment_allocation.push(payment_allocation::ActiveModel {
        id: Set(id),
        payment_id: Set(number),
        invoice_id: Set(invoice),
        amount_minor: Set(amount),
        currency: Set(company.currency()),
    });
}

/// What a client owes grows by an invoice and shrinks by its payments.
fn balance(company: &mut Company, client: i64, status: &str, sums: Sums) {
    if matches!(status, "DRAFT" | "CANCELLED") {
        return;
    }
    let row = company.book.client.row(client);
    let before = row.balance_minor.clone().take().flatten().unwrap_or(0);
    row.balance_minor = Set(Some(before + sums.total() - sums.paid));
}

/// Adds the debit orders that are to be collected next for each active subscription.
fn collections(company: &mut Company) {
    for Due { subscription, client, amount } in company.collections.clone() {
        let days = company.draw.between(1, 27);
        let created = company.ago(1);
        let id = company.book.payment.next();
        company.book.payment.push(payment::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            uuid: Set(company.draw.uuid().to_string()),
            amount_minor: Set(amount),
            currency: Set(company.currency()),
            status: Set("PENDING".into()),
            invoice_id: Set(None),
            client_id: Set(Some(client)),
            subscription_id: Set(Some(subscription)),
            method: Set(Some("Debit order".into())),
            reference: Set(Some(format!("DO-{}", company.draw.digits(8)))),
            description: Set(Some("Monthly collection".into())),
            received_by_id: Set(None),
            paid_on: Set(company.due(days)),
            created_at: Set(created),
            updated_at: Set(created),
            ..Default::default()
        });
    }
}
