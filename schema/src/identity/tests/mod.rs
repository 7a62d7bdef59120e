//! The folder as its callers see it, on a fresh database and with a clock that the tests move.

mod administration;
mod graph;
mod new_password;
mod rights;
mod sessions;
mod signed_tokens;
mod storage;
mod token_verbs;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_graphql::Value;
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::{activity_log, role, staff, tenant};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use self::storage::Storage;
use super::{AuthenticateError, Identity, authenticate, verbs};
use crate::{
    database::Database,
    error::Code,
    files::Files,
    hub::{Clock, Hub, Parts},
    mail::Mailer,
    sealing::Sealing,
    settings::{Mail, MailTransport, Settings},
    verb::{Call, Failure, Outcome, Part},
    viewer::Viewer,
};

const PASSWORD: &str = "correct horse";
const EMAIL: &str = "ada@example.com";

/// A hub with Ada, who has ordinary rights, and Grace, who administrates.
struct Fixture {
    hub: Hub,
    now: Arc<Mutex<DateTime<Utc>>>,
    mail: PathBuf,
    ada: i64,
    grace: i64,
    _storage: Storage,
}

impl Fixture {
    async fn new() -> Self {
        let storage = Storage::new().await;
        let now = Arc::new(Mutex::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let folder = std::env::temp_dir().join("groupgraph-identity").join(Uuid::new_v4().to_string());
        let mail = folder.join("mail");
        let hub = hub(storage.database.clone(), now.clone(), &folder);
        let (ada, grace) = seed(&hub).await;
        Self { hub, now, mail, ada, grace, _storage: storage }
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    /// Calls a mutation by its GraphQL name.
    async fn call(&self, viewer: &Viewer, verb: &str, input: serde_json::Value) -> Outcome {
        self.call_from("192.0.2.1", viewer, verb, input).await
    }

    async fn call_from(&self, address: &str, viewer: &Viewer, verb: &str, input: serde_json::Value) -> Outcome {
        let (_, run) = verbs().iter().find(|(name, _)| *name == verb).unwrap();
        let input = Value::from_json(input).unwrap();
        let address = Some(address.parse().unwrap());
        let call = Call {
            hub: &self.hub,
            viewer,
            input: &input,
            uploads: &[],
            arrived: None,
            address,
            changes: Mutex::default(),
            events: Mutex::default(),
        };
        run(&call).await
    }

    async fn anonymous(&self, verb: &str, input: serde_json::Value) -> Outcome {
        self.call(&Viewer::default(), verb, input).await
    }

    async fn sign_in(&self, email: &str, password: &str) -> Outcome {
        self.anonymous("signIn", json!({"email": email, "password": password, "format": "SIGNED"})).await
    }

    /// Access and refresh token of a new session of Ada.
    async fn session(&self) -> (String, String) {
        let payload = self.sign_in(EMAIL, PASSWORD).await;
        (text(&payload, "accessToken"), text(&payload, "refreshToken"))
    }

    async fn viewer(&self, token: &str) -> Result<Viewer, AuthenticateError> {
        authenticate(&self.hub, Some(token)).await
    }

    async fn ada(&self) -> Viewer {
        self.viewer(&self.session().await.0).await.unwrap()
    }

    async fn grace(&self) -> Viewer {
        let payload = self.sign_in("grace@example.com", PASSWORD).await;
        self.viewer(&text(&payload, "accessToken")).await.unwrap()
    }

    async fn last_log(&self) -> activity_log::Model {
        let lines = activity_log::Entity::find().order_by_desc(activity_log::Column::Id);
        lines.one(&self.hub.database.read).await.unwrap().unwrap()
    }

    /// Texts of all mails that have left or are due, the oldest first.
    async fn mails(&self) -> Vec<String> {
        crate::delivery::Runner::new(self.hub.clone()).drain().await.unwrap();
        let mut paths: Vec<_> = std::fs::read_dir(&self.mail).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

fn hub(database: Database, now: Arc<Mutex<DateTime<Utc>>>, folder: &Path) -> Hub {
    let mail = Mail { transport: MailTransport::Folder, folder: folder.join("mail"), ..Mail::default() };
    let files = crate::settings::Files { directory: folder.join("files"), ..Default::default() };
    let settings = Settings { public_url: "https://hub.example".into(), mail, files, ..Settings::default() };
    let sealing = Sealing::new(b"the secret of the tests");
    Hub::new(Parts {
        directory: crate::directory::Directory::default(),
        federation: crate::federation::Federation::new(&crate::settings::Sources::default(), Clock::system()),
        outside: crate::outside::Outside::new(&crate::settings::Outside::default()),
        database,
        instance: Uuid::nil(),
        events: crate::events::Events::default(),
        clock: Clock::from_fn(move || *now.lock().unwrap()),
        identity: Identity::default(),
        mailer: Mailer::new(&settings.mail).unwrap(),
        files: Files::new(&settings.files, sealing.clone()).unwrap(),
        sealing,
        settings,
    })
}

async fn seed(hub: &Hub) -> (i64, i64) {
    let connection = &hub.database.write;
    for name in ["Head Office", "Daughter", "Sister"] {
        company(hub, name).await;
    }
    let permissions = Set(json!(["leads.read", "leads.write", "tokens.manage"]));
    role::ActiveModel { name: Set("Sales".into()), permissions, ..Default::default() }
        .insert(connection)
        .await
        .unwrap();
    let hash = hub.identity.hash_password(PASSWORD).await.unwrap();
    let ada = person(hub, "Ada", &hash, false).await;
    let grace = person(hub, "Grace", &hash, true).await;
    (ada, grace)
}

async fn company(hub: &Hub, name: &str) {
    let row = tenant::ActiveModel {
        name: Set(name.into()),
        namespace: Set(name.to_lowercase().replace(' ', "-")),
        base_currency: Set("EUR".into()),
        time_zone: Set("Europe/Berlin".into()),
        is_head_office: Set(name == "Head Office"),
        is_active: Set(true),
        created_at: Set(hub.clock.now()),
        updated_at: Set(hub.clock.now()),
        ..Default::default()
    };
    row.insert(&hub.database.write).await.unwrap();
}

async fn person(hub: &Hub, name: &str, password_hash: &str, is_administrator: bool) -> i64 {
    let row = staff::ActiveModel {
        tenant_id: Set(1),
        name: Set(name.into()),
        email: Set(Some(format!("{name}@Example.com"))),
        role_id: Set(Some(1)),
        is_active: Set(true),
        is_administrator: Set(is_administrator),
        password_hash: Set(Some(password_hash.into())),
        session_epoch: Set(0),
        created_at: Set(hub.clock.now()),
        updated_at: Set(hub.clock.now()),
        ..Default::default()
    };
    row.insert(&hub.database.write).await.unwrap().id
}

/// A member of a payload that is a plain value.
fn plain(outcome: &Outcome, member: &str) -> serde_json::Value {
    let payload = outcome.as_ref().unwrap();
    match payload.members.iter().find(|(name, _)| *name == member) {
        Some((_, Part::Plain(value))) => value.clone(),
        other => panic!("{member} is {other:?}"),
    }
}

fn text(outcome: &Outcome, member: &str) -> String {
    plain(outcome, member).as_str().unwrap().to_owned()
}

/// The number of a row in a payload.
fn row(outcome: &Outcome, member: &str) -> i64 {
    let payload = outcome.as_ref().unwrap();
    match payload.members.iter().find(|(name, _)| *name == member) {
        Some((_, Part::Row(number))) => *number,
        other => panic!("{member} is {other:?}"),
    }
}

/// Code, field and message of the one expected failure.
fn failure(outcome: Outcome) -> (Code, String, String) {
    match outcome {
        Err(Failure::User(mut errors)) if errors.len() == 1 => {
            let error = errors.remove(0);
            (error.code, error.field.join("."), error.message)
        }
        other => panic!("{other:?}"),
    }
}

fn code(outcome: Outcome) -> Code {
    failure(outcome).0
}
