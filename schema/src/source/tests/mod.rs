//! Joining and managing sources, on a fresh database.

mod instance;
mod verbs;

use std::sync::{Arc, Mutex};

use async_graphql::Value;
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::tenant;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use uuid::Uuid;

use super::VERBS;
use crate::{
    directory::Directory,
    events::Events,
    federation::Federation,
    files::Files,
    hub::{Clock, Hub, Parts},
    identity::{self, Identity},
    mail::Mailer,
    sealing::Sealing,
    settings::{self, Settings},
    trial,
    verb::{Call, Outcome, Part},
    viewer::{Permissions, Reach, Viewer},
};

/// An instance with a head office and two other companies, whose clock the test moves.
struct Fixture {
    hub: Hub,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Fixture {
    async fn new() -> Self {
        let sources = settings::Sources { allow_private_addresses: true, ..settings::Sources::default() };
        Self::with(sources).await
    }

    async fn with(sources: settings::Sources) -> Self {
        let database = trial::database().await;
        let now = Arc::new(Mutex::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let moved = now.clone();
        let clock = Clock::from_fn(move || *moved.lock().unwrap());
        let folder = std::env::temp_dir().join("groupgraph-source").join(Uuid::new_v4().to_string());
        let files = settings::Files { directory: folder, ..Default::default() };
        let settings = Settings { public_url: "https://hub.example".into(), sources, files, ..Settings::default() };
        let sealing = Sealing::new(b"the secret of the tests");
        let hub = Hub::new(Parts {
            database,
            instance: Uuid::new_v4(),
            events: Events::default(),
            directory: Directory::default(),
            federation: Federation::new(&settings.sources, clock.clone()),
            outside: crate::outside::Outside::new(&settings.outside),
            identity: Identity::default(),
            mailer: Mailer::new(&settings.mail).unwrap(),
            files: Files::new(&settings.files, sealing.clone()).unwrap(),
            clock,
            sealing,
            settings,
        });
        for name in ["Head Office", "Daughter", "Sister"] {
            company(&hub, name).await;
        }
        identity::start(&hub).await.unwrap();
        hub.directory.load(&hub.database.read).await.unwrap();
        Self { hub, now }
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    async fn call(&self, viewer: &Viewer, verb: &str, input: serde_json::Value) -> Outcome {
        let (_, run) = VERBS.iter().find(|(name, _)| *name == verb).unwrap();
        let input = Value::from_json(input).unwrap();
        let call = Call {
            hub: &self.hub,
            viewer,
            input: &input,
            uploads: &[],
            arrived: None,
            address: None,
            changes: Mutex::default(),
            events: Mutex::default(),
        };
        run(&call).await
    }

    async fn administrate(&self, verb: &str, input: serde_json::Value) -> Outcome {
        self.call(&administrator(), verb, input).await
    }
}

fn administrator() -> Viewer {
    Viewer { token: Some(1), tenant: Some(1), tenants: Reach::All, permissions: Permissions::All, ..Viewer::default() }
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
