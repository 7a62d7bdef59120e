//! The walk accepts what a JSON parser accepts.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

fn is_accepted(text: &str) -> bool {
    let mut walk = Walk::of(text);
    walk.value().is_some() && walk.end().is_some()
}

#[test]
fn syntax_is_that_of_json() {
    let good = [
        r#"{"a":[1,-0,0.5,1e9,-1.5E+3,true,false,null,"é\u00e9\n\"\\/"],"b":{}}"#,
        " [ ] ",
        "\t{ \"a\" : [ 1 , 2 ] }\r\n",
        "\"0123456789abcdef\"",
        "0",
    ];
    for text in good {
        assert!(is_accepted(text), "{text}");
    }
    let bad = [
        "",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "tru",
        "nul",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"0123456\u{1}\"",
        "\"\n\"",
        "1 2",
        "[1",
        "]",
        "'a'",
    ];
    for text in bad {
        assert!(!is_accepted(text), "{text}");
    }
    assert!(!is_accepted(&"[".repeat(200_000)));
}

#[test]
fn whole_numbers_are_read() {
    let table = [
        ("0", Some(0)),
        ("-17", Some(-17)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("1.0", None),
        ("1e3", None),
        ("\"1\"", None),
    ];
    for (text, number) in table {
        assert_eq!(Walk::of(text).whole(), number, "{text}");
    }
}

proptest! {
    #[test]
    fn it_agrees_with_serde(text in r#"[\[\]{}:,"\\a0-9eE+.tfn\u{1}\u{e9} u-]{0,24}"#) {
        prop_assert_eq!(is_accepted(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok());
    }

    #[test]
    fn it_finds_the_end_of_any_string(text in any::<String>()) {
        let json = serde_json::to_string(&text).expect("texts are JSON");
        let found = Walk::of(&json).string().map(<[u8]>::len);
        prop_assert_eq!(found, Some(json.len() - 2));
    }
}
