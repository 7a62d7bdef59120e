//! What the hub does with the answers of sources, without network: read, merge and write one page.
//!
//! `cargo bench -p groupgraph-schema --bench data_plane`. `scan` is how answers that keep to the question are read,
//! `parse` how all others are; `N` sources with `R` rows of ten fields each.

use std::{collections::HashMap, fmt::Write, hint::black_box, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use groupgraph_schema::federation::{
    collection::Collection,
    document::Document,
    key::{KeyKind, OrderKey},
    question::{Answer, Field, Kind, LeftPlaces, Member, Question},
    read::{Reading, parsed, scanned},
};

const FIELDS: [(&str, Kind); 10] = [
    ("id", Kind::Text),
    ("employeeNo", Kind::Text),
    ("fullName", Kind::Text),
    ("email", Kind::Text),
    ("phone", Kind::Text),
    ("jobTitle", Kind::Text),
    ("department", Kind::Text),
    ("location", Kind::Text),
    ("hiredAt", Kind::Text),
    ("active", Kind::Boolean),
];

fn question(sources: i64, rows: usize) -> Question {
    let field = |name: &str| Field { name: name.into(), arguments: String::new(), is_nullable: true, is_list: false };
    let scalar =
        |(name, kind): &(&str, Kind)| Member::Scalar { key: (*name).into(), field: field(name), kind: kind.clone() };
    let tenant = Member::Tenant { key: "tenant".into(), slot: 0 };
    let order = vec![OrderKey { field: "NAME".into(), is_descending: false, path: "name".into(), kind: KeyKind::Text }];
    let members = FIELDS.iter().map(scalar).chain([tenant]).collect();
    let first = rows * usize::try_from(sources).expect("few");
    Question {
        tenant_json: (1..=sources)
            .map(|tenant| ((0, tenant), format!("{{\"namespace\":\"s{tenant}\"}}")))
            .collect::<HashMap<_, _>>(),
        ..Question::new(Collection::Staff, order, members, first, Duration::from_secs(2))
    }
}

fn answer(source: i64, rows: usize) -> Arc<String> {
    let mut out = String::from(r#"{"data":{"staff":{"nodes":["#);
    for row in 0..rows {
        let comma = if row == 0 { "" } else { "," };
        write!(
            out,
            r#"{comma}{{"_n":{row},"_0":"Person {row:04} García {source}","id":"s{source}-{row}","employeeNo":"E{row:06}","fullName":"Person {row:04} García {source}","email":"user{row}@subsidiary-{source}.example.com","phone":"+49 30 {row:07}","jobTitle":"Sales \"L{level}\" specialist","department":"Engineering","location":"Berlin","hiredAt":"2020-01-02T08:00:00Z","active":true}}"#,
            level = row % 5,
        )
        .expect("a String takes all text");
    }
    out.push_str(r#"],"pageInfo":{"hasNextPage":false}}}}"#);
    Arc::new(out)
}

fn page(readings: Vec<Reading>, question: &Question) -> String {
    let pages = readings.into_iter().map(|reading| (reading.rows, reading.has_more)).collect();
    let answer = Answer::merge(pages, (question, LeftPlaces::default()), None, Vec::new());
    let mut out = String::with_capacity(answer.rows_len() + answer.len());
    for row in 0..answer.len() {
        out.push(',');
        answer.copy_row(row, &mut out);
    }
    out
}

fn data_plane(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("data_plane");
    for (sources, rows) in [(3, 20), (3, 100), (12, 20), (12, 100), (50, 20), (50, 100)] {
        let question = question(sources, rows);
        let document = Document::write(&question, 1, &[]);
        let answers: Vec<(i64, Arc<String>)> = (1..=sources).map(|source| (source, answer(source, rows))).collect();
        group.throughput(Throughput::Elements((answers.len() * rows) as u64));
        let case = format!("{sources}x{rows}");
        group.bench_function(BenchmarkId::new("scan", &case), |bencher| {
            bencher.iter(|| {
                let read = |(source, body)| scanned(body, &question, &document, source).expect("as asked");
                page(answers.iter().map(|(source, body)| read((*source, black_box(body)))).collect(), &question)
            });
        });
        group.bench_function(BenchmarkId::new("parse", &case), |bencher| {
            bencher.iter(|| {
                let read = |(source, body)| parsed(body, &question, &document, source).expect("as asked");
                page(answers.iter().map(|(source, body)| read((*source, black_box(body)))).collect(), &question)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, data_plane);
criterion_main!(benches);
