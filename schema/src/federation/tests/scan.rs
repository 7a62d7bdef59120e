//! The scan agrees with the parser, byte for byte, on random selections and data, well-formed or damaged.

use std::{collections::HashMap, fmt::Write, sync::Arc};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::federation::{
    document::Document,
    key::KeyKind,
    question::{Field, Kind, Member, Question},
    read::{Reading, parsed, scanned},
    sample::{question, written},
};

const LEAST_ROWS: usize = 0;
const MOST_ROWS: usize = 5;

fn kinds() -> impl Strategy<Value = Kind> {
    let words: Arc<[String]> = ["OPEN".to_owned(), "SHUT".to_owned()].into();
    prop_oneof![
        4 => Just(Kind::Text),
        2 => Just(Kind::Int),
        1 => Just(Kind::Long),
        1 => Just(Kind::Float),
        1 => Just(Kind::Boolean),
        1 => Just(Kind::Enum(words)),
        1 => Just(Kind::Json),
    ]
}

/// Members whose keys are all different, so that a row could be asked for them.
fn members() -> impl Strategy<Value = Vec<Member>> {
    let field = |is_nullable, is_list| Field { name: "f".into(), arguments: String::new(), is_nullable, is_list };
    let leaf = (kinds(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(move |(kind, is_nullable, is_list)| {
        Member::Scalar { key: String::new(), field: field(is_nullable, is_list), kind }
    });
    let own = prop_oneof![
        Just(Member::Typename { key: String::new(), name: "Lead".into() }),
        (0..2_usize).prop_map(|slot| Member::Tenant { key: String::new(), slot }),
        Just(Member::Missing { key: String::new() }),
    ];
    let single = prop_oneof![3 => leaf, 1 => own].boxed();
    let nested = single.prop_recursive(3, 24, 5, move |inner| {
        (prop::collection::vec(inner, 0..5), any::<bool>(), prop::bool::weighted(0.3)).prop_map(
            move |(members, is_nullable, is_list)| Member::Object {
                key: String::new(),
                field: field(is_nullable, is_list),
                members,
            },
        )
    });
    prop::collection::vec(nested, 0..7).prop_map(|mut members| {
        name(&mut members);
        members
    })
}

fn name(members: &mut [Member]) {
    for (index, member) in members.iter_mut().enumerate() {
        let own = format!("k{index}");
        match member {
            Member::Scalar { key, field, .. } => (*key, field.name) = (own.clone(), own),
            Member::Object { key, field, members } => {
                (*key, field.name) = (own.clone(), own);
                name(members);
            }
            Member::Typename { key, .. }
            | Member::Tenant { key, .. }
            | Member::Missing { key }
            | Member::Made { key, .. } => *key = own,
        }
    }
}

/// Writes what a source would answer.
struct Source {
    random: StdRng,
    /// Between tokens.
    has_space: bool,
    out: String,
}

impl Source {
    fn sign(&mut self, sign: &str) {
        self.space();
        self.out.push_str(sign);
        self.space();
    }

    fn space(&mut self) {
        if self.has_space && self.random.random_bool(0.2) {
            self.out.push_str(["", " ", "\n", "\t  "][self.random.random_range(0..4)]);
        }
    }

    fn key(&mut self, key: &str) {
        if !self.out.trim_end().ends_with('{') {
            self.sign(",");
        }
        write!(self.out, "\"{key}\"").expect("a String takes all text");
        // Keys with space before the colon are for the parser.
        self.out.push(':');
        self.space();
    }

    fn object(&mut self, members: &[Member]) {
        self.sign("{");
        let start = self.out.len();
        self.members(members);
        if self.out.len() == start {
            self.key("__typename");
            self.out.push_str("\"Thing\"");
        }
        self.sign("}");
    }

    fn members(&mut self, members: &[Member]) {
        for member in members {
            match member {
                Member::Scalar { key, field, kind } => {
                    self.key(key);
                    self.formed(field, |source| source.leaf(kind));
                }
                Member::Object { key, field, members } => {
                    self.key(key);
                    self.formed(field, |source| source.object(members));
                }
                _ => {}
            }
        }
    }

    fn formed(&mut self, field: &Field, value: impl Fn(&mut Self)) {
        if field.is_nullable && self.random.random_bool(0.2) {
            self.out.push_str("null");
            return;
        }
        if !field.is_list {
            return value(self);
        }
        self.sign("[");
        for index in 0..self.random.random_range(0..4) {
            if index > 0 {
                self.sign(",");
            }
            value(self);
        }
        self.sign("]");
    }

    fn leaf(&mut self, kind: &Kind) {
        let of = |random: &mut StdRng, texts: &[&'static str]| texts[random.random_range(0..texts.len())];
        let text = match kind {
            Kind::Text => of(
                &mut self.random,
                &[r#""""#, r#""Ana \"L1\" \\ \u00e9\n""#, "\"Chloé García 漢字\"", "\"0123456789012345678\""],
            ),
            Kind::Int => of(&mut self.random, &["0", "-5", "2147483647", "-2147483648"]),
            Kind::Long => of(&mut self.random, &["0", "9007199254740993", "-9223372036854775808"]),
            Kind::Float => of(&mut self.random, &["0", "-1.5", "1e9", "2.5E-3", "-0"]),
            Kind::Boolean => of(&mut self.random, &["true", "false"]),
            Kind::Enum(_) => of(&mut self.random, &["\"OPEN\"", "\"SHUT\""]),
            Kind::Json => of(&mut self.random, &["1", "\"x\"", r#"{"a": [1, {"b":null}]}"#, "[]", "false"]),
        };
        self.out.push_str(text);
    }

    fn page(&mut self, question: &Question, rows: usize) {
        self.sign("{");
        if self.random.random_bool(0.1) {
            self.key("extensions");
            self.out.push_str(r#"{"took":[1]}"#);
        }
        self.key("data");
        self.sign("{");
        self.key(question.collection.root_field());
        self.sign("{");
        self.key("nodes");
        self.sign("[");
        for row in 0..rows {
            if row > 0 {
                self.sign(",");
            }
            self.sign("{");
            self.key("_n");
            write!(self.out, "{}", row + 1).expect("a String takes all text");
            self.key("_0");
            let amount = rows - row;
            match self.random.random_range(0..3) {
                0 => write!(self.out, "{{\"amountMinor\": {amount} }}"),
                1 => write!(self.out, "{amount}"),
                _ => write!(self.out, "\"{amount}.50\""),
            }
            .expect("a String takes all text");
            self.members(&question.members);
            self.sign("}");
        }
        self.sign("]");
        self.key("pageInfo");
        self.sign("{");
        self.key("hasNextPage");
        self.out.push_str("false");
        self.sign("}");
        self.key("totalCount");
        self.out.push_str(["7", "null"][self.random.random_range(0..2)]);
        self.sign("}");
        self.sign("}");
        self.sign("}");
    }
}

fn asked(members: Vec<Member>) -> Question {
    let mut question = Question { members, wants_total: true, ..question() };
    question.order[0].kind = KeyKind::Number;
    question.order[0].path = "value { amountMinor }".into();
    question.tenant_json =
        HashMap::from([((0, 3), r#"{"number":3,"name":"Dau,ghter"}"#.to_owned()), ((1, 3), "{}".to_owned())]);
    question
}

fn answered(question: &Question, seed: u64, has_space: bool) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let rows = random.random_range(LEAST_ROWS..=MOST_ROWS);
    let mut source = Source { random, has_space, out: String::new() };
    source.page(question, rows);
    source.out
}

/// Rows and everything else of a page.
type Told = (Vec<String>, Vec<String>, bool, Option<i64>);

fn told(reading: &Reading, question: &Question) -> Told {
    let cursors = (0..reading.rows.len()).map(|row| reading.rows.cursor(row, &question.order).write()).collect();
    (written(&reading.rows), cursors, reading.has_more, reading.total)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_keeps_to_the_question_is_scanned_as_it_is_parsed(
        members in members(), seed in any::<u64>(), has_space in any::<bool>(),
    ) {
        let question = asked(members);
        let document = Document::write(&question, 3, &[]);
        let body = Arc::new(answered(&question, seed, has_space));
        let parsed = parsed(&body, &question, &document, 3).expect("by the contract");
        let scanned = scanned(&body, &question, &document, 3);
        prop_assert!(scanned.is_some(), "left to the parser: {body}");
        prop_assert_eq!(told(&scanned.expect("just seen"), &question), told(&parsed, &question), "{}", body);
    }

    #[test]
    fn what_is_scanned_of_a_damaged_answer_is_what_is_parsed(
        members in members(), seed in any::<u64>(), damages in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
    ) {
        const LETTERS: &[u8] = b"\"{}[],:\\0129-.eEtrufalsn \t\x01kK_";
        let question = asked(members);
        let document = Document::write(&question, 3, &[]);
        let mut bytes = answered(&question, seed, false).into_bytes();
        for (place, letter) in damages {
            let place = place.index(bytes.len());
            match letter.index(LETTERS.len() + 4) {
                letter if letter < LETTERS.len() => bytes.insert(place, LETTERS[letter]),
                _ => { bytes.remove(place); }
            }
        }
        let Ok(body) = String::from_utf8(bytes) else { return Ok(()) };
        let body = Arc::new(body);
        if let Some(scanned) = scanned(&body, &question, &document, 3) {
            let parsed = parsed(&body, &question, &document, 3);
            let parsed = parsed.map_err(|fault| TestCaseError::fail(format!("{fault}: {body}")))?;
            prop_assert_eq!(told(&scanned, &question), told(&parsed, &question), "{}", body);
        }
    }
}
