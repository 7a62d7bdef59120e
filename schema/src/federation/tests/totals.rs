//! Counting and adding up.

use super::*;

fn question(dimensions: &[usize], by_tenant: bool) -> TotalsQuestion {
    TotalsQuestion {
        counted: Counted::of(Collection::Invoices).expect("invoices are counted"),
        filter: Some("{status: {ne: DRAFT}}".into()),
        condition: None,
        dimensions: dimensions.to_vec(),
        sums: vec![0, 1, 2],
        by_tenant,
        visible: None,
        tenants: None,
        deadline: Duration::from_secs(1),
        mode: SourceErrorMode::Partial,
    }
}

fn total(month: &str, currency: &str, count: i64, minor: i64) -> String {
    let sum = format!(r#"{{"amountMinor":{minor},"currency":"{currency}"}}"#);
    format!(r#"{{"count":{count},"month":"{month}","invoiced":{sum},"paid":{sum},"outstanding":{sum}}}"#)
}

fn answer(rows: &[String]) -> String {
    format!(r#"{{"data":{{"invoiceTotals":[{}]}}}}"#, rows.join(","))
}

#[test]
fn it_asks_for_dimensions_and_sums() {
    assert_eq!(
        question(&[0, 1], true).text(None),
        "{invoiceTotals(filter:{status: {ne: DRAFT}},groupBy:[MONTH,STATUS]){count month status \
         invoiced{amountMinor currency} paid{amountMinor currency} outstanding{amountMinor currency}}}"
    );
    let own = TotalsQuestion { filter: None, ..question(&[], true) }.text(Some(3));
    assert!(own.starts_with("{invoiceTotals(filter:{tenant:{number:{eq:3}}},groupBy:[]){count invoiced"), "{own}");
    assert!(question(&[], true).text(Some(3)).contains("filter:{tenant:{number:{eq:3}} status: {ne: DRAFT}},"));
}

#[test]
fn currencies_are_never_added_to_each_other() {
    let question = question(&[0], false);
    let mut all = Totals::new();
    let first = answer(&[total("2026-01", "EUR", 2, 500), total("2026-01", "USD", 1, 7)]);
    let second = answer(&[total("2026-01", "EUR", 3, 50), total("2026-02", "EUR", 1, 1)]);
    for (tenant, body) in [(1, first), (2, second)] {
        add_up(&mut all, question.read(&body, tenant).expect("good totals").0).expect("small sums");
    }
    let found: Vec<_> = all
        .iter()
        .map(|(group, total)| (group.values[0].as_str(), group.currency.as_deref(), total.count, total.sums[0]))
        .collect();
    assert_eq!(
        found,
        [("\"2026-01\"", Some("EUR"), 5, 550), ("\"2026-01\"", Some("USD"), 1, 7), ("\"2026-02\"", Some("EUR"), 1, 1),]
    );
    assert!(all.keys().all(|group| group.tenant.is_none()));
}

#[test]
fn rows_are_counted_where_the_source_counts_nothing() {
    let question = question(&[0, 2], true);
    let amount = r#"{"amountMinor":100,"currency":"EUR"}"#;
    let row = |day: &str, client: &str| {
        format!(r#"{{"issuedOn":"{day}","client":{client},"total":{amount},"paidTotal":null,"balance":{amount}}}"#)
    };
    let rows = [row("2026-01-05", r#"{"name":"A"}"#), row("2026-01-31", r#"{"name":"A"}"#), row("2026-02-01", "null")];
    let totals = question.count(rows.iter().map(String::as_str), 4).expect("good rows");
    let found: Vec<_> =
        totals.into_iter().map(|(group, total)| (group.tenant, group.values, total.count, total.sums)).collect();
    assert_eq!(
        found,
        [
            (Some(4), vec!["\"2026-01\"".to_owned(), "\"A\"".to_owned()], 2, vec![200, 0, 200]),
            (Some(4), vec!["\"2026-02\"".to_owned(), "null".to_owned()], 1, vec![100, 0, 100]),
        ]
    );
    let members = question.of_rows(10).members;
    let keys: Vec<&str> = members.iter().map(Member::key).collect();
    assert_eq!(keys, ["issuedOn", "client", "total", "paidTotal", "balance"]);
}

#[test]
fn totals_of_another_form_are_none() {
    let question = question(&[0], true);
    let mixed = total("2026-01", "EUR", 1, 1).replacen("EUR", "USD", 1);
    for body in [
        "[]".to_owned(),
        r#"{"data":{"invoiceTotals":null}}"#.to_owned(),
        r#"{"data":{"invoiceTotals":[{"month":"2026-01"}]}}"#.to_owned(),
        answer(&[total("2026-01", "EUR", 1, 1).replace("\"2026-01\"", "7")]),
        answer(&[total("2026-01", "EUR", 1, 1).replace("\"amountMinor\":1", "\"amountMinor\":1.5")]),
        answer(&[mixed]),
    ] {
        assert!(question.read(&body, 1).is_err(), "{body}");
    }
    let huge = answer(&[total("2026-01", "EUR", 1, i64::MAX), total("2026-01", "EUR", 1, 1)]);
    assert!(question.read(&huge, 1).is_err());
}
