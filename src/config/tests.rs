//! Layering, names and redaction of the configuration.

use std::fs;

use super::{Config, ConfigError, Layers, json_schema, secret, sections::redacted_url};

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn file(name: &str, text: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("groupgraph-config-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("groupgraph.toml");
    fs::write(&path, text).unwrap();
    path
}

fn problems(layers: Layers) -> String {
    match Config::from_layers(layers) {
        Err(ConfigError::Wrong(problems)) => problems.join("\n"),
        other => panic!("expected problems, got {other:?}"),
    }
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let path = file("order", "[server]\nlisten = '1.1.1.1:1'\nmax_body_bytes = 1\nrequest_timeout_seconds = 7\n");
    let layers = Layers::default()
        .file(&path)
        .unwrap()
        .environment(variables(&[
            ("GROUPGRAPH_SERVER__LISTEN", "2.2.2.2:2"),
            ("GROUPGRAPH_SERVER__MAX_BODY_BYTES", "2"),
        ]))
        .flags([("server.listen", "3.3.3.3:3")]);
    let server = Config::from_layers(layers).unwrap().server;
    assert_eq!((server.listen.as_str(), server.max_body_bytes, server.request_timeout_seconds), ("3.3.3.3:3", 2, 7));
}

#[test]
fn text_is_read_by_the_type_of_the_setting() {
    let layers = Layers::default().environment(variables(&[
        ("GROUPGRAPH_SERVER__PRODUCTION", "true"),
        ("GROUPGRAPH_SOURCES__ALLOWED_HOSTS", "a.example, b.example"),
        ("GROUPGRAPH_MAIL__TRANSPORT", "folder"),
        ("GROUPGRAPH_CONFIG", "elsewhere.toml"),
        ("PATH", "/bin"),
    ]));
    let config = Config::from_layers(layers).unwrap();
    assert!(config.server.production);
    assert_eq!(config.sources.allowed_hosts, ["a.example", "b.example"]);
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let path = file("unknown", "[server]\nlissten = 'x'\n[graphql]\nmax_page = 0\n");
    let layers = Layers::default()
        .file(&path)
        .unwrap()
        .environment(variables(&[("GROUPGRAPH_DATABSE__URL", "x"), ("GROUPGRAPH_SERVER__PRODUCTION", "perhaps")]))
        .flags([("max_body_bytes", "1")]);
    let text = problems(layers);
    let name = path.display();
    for expected in [
        &format!("unknown setting `server.lissten` in {name}; did you mean `server.listen` in {name}?"),
        &format!("`graphql.max_page` in {name} must be at least 1"),
        "unknown setting GROUPGRAPH_DATABSE__URL; did you mean GROUPGRAPH_DATABASE__URL?",
        "GROUPGRAPH_SERVER__PRODUCTION must be of type boolean",
        "unknown setting --set max_body_bytes=…; did you mean --set server.max_body_bytes=…?",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
}

#[test]
fn paths_follow_the_data_folder_unless_they_are_set() {
    let config =
        Config::from_layers(Layers::default().flags([("data_dir", "/srv/hub"), ("mail.folder", "/mail")])).unwrap();
    assert_eq!(config.database.url, "sqlite:///srv/hub/groupgraph.db?mode=rwc");
    assert_eq!(config.files.directory.to_str(), Some("/srv/hub/files"));
    assert_eq!(config.mail.folder.to_str(), Some("/mail"));
}

#[test]
fn a_wrong_type_in_the_file_names_the_setting() {
    for text in ["[server]\nlisten = 8080\n", "server = 1\n"] {
        let layers = Layers::default().file(&file("type", text)).unwrap();
        let message = Config::from_layers(layers).unwrap_err().to_string();
        assert!(message.contains("server"), "{message}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let layers = Layers::default().flags([
        ("auth.secret", "s3cret"),
        ("mail.smtp_password", "s3cret"),
        ("database.url", "postgres://hub:s3cret@db/hub"),
    ]);
    let config = Config::from_layers(layers).unwrap();
    let printed = config.to_redacted_toml();
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(printed.contains("postgres://hub:redacted@db/hub"), "{printed}");
    assert!(!format!("{:?}", config.auth).contains("s3cret"));
    assert_eq!(redacted_url("postgres://h/d?password=s3cret"), "postgres://h/d");
}

#[test]
fn printed_settings_are_a_valid_file() {
    let printed = Config::from_layers(Layers::default()).unwrap().to_redacted_toml();
    let again = Config::from_layers(Layers::default().file(&file("printed", &printed)).unwrap()).unwrap();
    assert_eq!(again.to_redacted_toml(), printed);
}

#[test]
fn the_secret_is_made_once() {
    let folder = file("secret", "").parent().unwrap().to_owned();
    let _ = fs::remove_file(folder.join("secret"));
    let config = Config { data_dir: folder, ..Config::default() };
    let first = secret::obtain(&config).unwrap();
    assert_eq!(secret::obtain(&config).unwrap().expose(), first.expose());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(secret::path(&config)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::write(secret::path(&config), "short").unwrap();
    assert!(secret::obtain(&config).is_err());
}

/// After a change of the settings: `cargo run -- config schema > config.schema.json`.
#[test]
fn the_committed_schema_is_current() {
    let printed = format!("{:#}\n", json_schema());
    assert_eq!(
        printed,
        include_str!("../../config.schema.json"),
        "run `cargo run -- config schema > config.schema.json`"
    );
}
