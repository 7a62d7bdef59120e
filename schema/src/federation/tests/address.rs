//! Public and private addresses, in all their spellings.

use super::*;

fn check(rules: &AddressRules, address: &str) -> Option<AddressFault> {
    rules.check(address).err()
}

#[test]
fn inner_addresses_are_refused_however_they_are_written() {
    let rules = AddressRules::default();
    let inner = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::]",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
        "[2001::1]",
        "[::127.0.0.1]",
    ];
    for host in inner {
        let found = check(&rules, &format!("https://{host}/graphql"));
        assert!(matches!(found, Some(AddressFault::NotPublic(_))), "{host}: {found:?}");
    }
    for host in ["93.184.215.14", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "crm.example.com"] {
        assert_eq!(check(&rules, &format!("https://{host}/graphql")), None, "{host}");
    }
}

#[test]
fn only_plain_https_addresses_are_taken() {
    let rules = AddressRules::default();
    let table = [
        ("http://crm.example.com/", AddressFault::NotHttps),
        ("file:///etc/passwd", AddressFault::Malformed),
        ("crm.example.com", AddressFault::Malformed),
        ("https://user:secret@crm.example.com/", AddressFault::HasExtras),
        ("https://crm.example.com/#part", AddressFault::HasExtras),
    ];
    for (address, fault) in table {
        assert_eq!(check(&rules, address), Some(fault), "{address}");
    }
}

#[test]
fn hosts_can_be_allowed_by_name_and_port() {
    let allowed_hosts = vec!["inside.example:8443".to_owned(), "10.0.0.5".to_owned(), "[::1]:4000".to_owned()];
    let rules = AddressRules { allowed_hosts, allows_private: false };
    for address in ["http://inside.example:8443/", "https://10.0.0.5/", "http://[::1]:4000/graphql"] {
        assert_eq!(check(&rules, address), None, "{address}");
    }
    for address in ["http://inside.example/", "https://10.0.0.5:444/", "http://[::1]:4001/"] {
        assert!(check(&rules, address).is_some(), "{address}");
    }
    let rules = AddressRules { allowed_hosts: Vec::new(), allows_private: true };
    assert_eq!(check(&rules, "http://127.0.0.1:8081/graphql"), None);
}

#[tokio::test]
async fn a_name_that_points_inside_is_refused_at_the_connect() {
    let client = |allows_private| {
        let rules = AddressRules { allowed_hosts: Vec::new(), allows_private };
        reqwest::Client::builder().no_proxy().dns_resolver(CheckedResolver(rules)).build().expect("a client")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://localhost:{}/", listener.local_addr().expect("bound").port());
    let error = client(false).get(&url).send().await.expect_err("refused");
    assert!(matches!(refusal(&error), Some(AddressFault::NotPublic(_))), "{error:?}");
    let accepted = tokio::spawn(async move { listener.accept().await.map(drop) });
    let error = client(true).get(&url).send().await.expect_err("closed without an answer");
    assert_eq!(refusal(&error), None);
    accepted.await.expect("no panic").expect("one connection");
}
