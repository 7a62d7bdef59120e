//! A fresh instance for tests of nouns: mutations go in as GraphQL and come out as JSON. On `SQLite` in memory, or
//! with `TEST_DATABASE_URL` in a schema of its own on `PostgreSQL`.

use std::sync::{Arc, Mutex};

use async_graphql::Request;
use chrono::{DateTime, Utc};
use groupgraph_entities::{country, lead_status, pipeline, role, staff, stage, tenant};
use groupgraph_migrations::Migrator;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Schema,
    database::Database,
    directory::Directory,
    events::{Change, Events},
    federation::Federation,
    files::Files,
    hub::{Clock, Hub, Parts},
    identity::Identity,
    mail::Mailer,
    outside::Outside,
    sealing::Sealing,
    settings::Settings,
    viewer::{Permissions, Reach, Viewer},
};

/// An instance with two companies. Numbers of rows: companies 1 and 2 (the other one); staff 1 (Ada), 2 (Bola, in a
/// team with Ada once a test says so), 3 (Grace, administrator), 4 (gone), 5 (at the other company); pipeline 1 with
/// stages 1 DISCOVERY, 2 PROPOSAL, 3 NEGOTIATION; pipeline 2 with stage 4; pipeline 3 of the other company with
/// stage 5; lead statuses 1 (new) and 2 (client).
pub(crate) struct Trial {
    pub hub: Hub,
    schema: Schema,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Trial {
    pub async fn new() -> Self {
        Self::with(Outside::new(&crate::settings::Outside::default())).await
    }

    /// With these services outside.
    pub async fn with(outside: Outside) -> Self {
        let database = database().await;
        let now = Arc::new(Mutex::new("2026-05-19T23:30:00Z".parse().unwrap()));
        let settings = Settings::default();
        let sealing = Sealing::new(b"the secret of the tests");
        let directory = std::env::temp_dir().join("groupgraph-trial").join(Uuid::new_v4().to_string());
        let files = Files::new(&crate::settings::Files { directory, ..Default::default() }, sealing.clone()).unwrap();
        let clock = {
            let now = now.clone();
            Clock::from_fn(move || *now.lock().unwrap())
        };
        let hub = Hub::new(Parts {
            database,
            instance: Uuid::nil(),
            events: Events::default(),
            files,
            directory: Directory::default(),
            sealing,
            identity: Identity::default(),
            mailer: Mailer::new(&settings.mail).unwrap(),
            federation: Federation::new(&settings.sources, clock.clone()),
            outside,
            clock,
            settings,
        });
        seed(&hub.database.write, hub.clock.now()).await;
        hub.directory.load(&hub.database.read).await.unwrap();
        let schema = crate::schema(hub.clone());
        Self { hub, schema, now }
    }

    pub fn set_now(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }

    /// Ada, with these permissions.
    pub fn ada(words: &[&str]) -> Viewer {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let permissions = Permissions::Words(words);
        Viewer { staff: Some(1), tenant: Some(1), tenants: Reach::Some(vec![1]), permissions, ..Viewer::default() }
    }

    /// Grace, who administrates.
    pub fn grace() -> Viewer {
        let permissions = Permissions::All;
        Viewer { staff: Some(3), tenant: Some(1), tenants: Reach::All, permissions, ..Viewer::default() }
    }

    /// What Grace reads.
    pub async fn read(&self, query: &str) -> Value {
        self.execute(&Self::grace(), &format!("{{ it: {query} }}")).await
    }

    /// What Grace's mutation answers; it must succeed.
    pub async fn done(&self, mutation: &str) -> Value {
        self.done_by(&Self::grace(), mutation).await
    }

    /// What a mutation answers; it must succeed.
    pub async fn done_by(&self, viewer: &Viewer, mutation: &str) -> Value {
        let payload = self.execute(viewer, &with_errors(mutation)).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
        payload
    }

    /// Code and field of the failure of Grace's mutation.
    pub async fn refused(&self, mutation: &str) -> String {
        self.refused_by(&Self::grace(), mutation).await
    }

    /// Code and field of the failure of a mutation.
    pub async fn refused_by(&self, viewer: &Viewer, mutation: &str) -> String {
        let payload = self.execute(viewer, &with_errors(mutation)).await;
        let error = &payload["errors"][0];
        let field: Vec<_> = error["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} {}", error["code"].as_str().unwrap_or("nothing"), field.join(".")).trim_end().to_owned()
    }

    /// Changes that watchers were told, as `KIND Type number`.
    pub fn told(watch: &mut tokio::sync::broadcast::Receiver<Change>) -> Vec<String> {
        let mut told = Vec::new();
        while let Ok(change) = watch.try_recv() {
            told.push(format!("{:?} {} {}", change.kind, change.of, change.number));
        }
        told
    }

    async fn execute(&self, viewer: &Viewer, document: &str) -> Value {
        let response = self.schema.execute(Request::new(document).data(viewer.clone())).await;
        assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
        let json: Value = serde_json::from_str(&serde_json::to_string(&response).unwrap()).unwrap();
        json["data"]["it"].clone()
    }
}

/// `createLead(…) { … }` with the errors selected.
fn with_errors(mutation: &str) -> String {
    let end = mutation.rfind('}').unwrap();
    format!("mutation {{ it: {} errors {{ code field message }} }} }}", &mutation[..end])
}

/// An empty database of its own.
pub(crate) async fn database() -> Database {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        let database = Database::connect("sqlite::memory:", 1).await.unwrap();
        Migrator::up(&database.write, None).await.unwrap();
        return database;
    };
    let name = format!("trial_{}", Uuid::new_v4().simple());
    let admin = Database::connect(&url, 1).await.unwrap();
    admin.write.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
    admin.write.close().await.unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };
    let database = Database::connect(&format!("{url}{mark}options[search_path]={name}"), 4).await.unwrap();
    Migrator::up(&database.write, None).await.unwrap();
    database
}

async fn seed(db: &impl ConnectionTrait, now: DateTime<Utc>) {
    country::ActiveModel { code: Set("NG".into()), name: Set("Nigeria".into()), ..Default::default() }
        .insert(db)
        .await
        .unwrap();
    for (name, zone) in [("Head Office", "Africa/Lagos"), ("Other", "Africa/Johannesburg")] {
        let row = tenant::ActiveModel {
            name: Set(name.into()),
            namespace: Set(name.to_lowercase().replace(' ', "-")),
            base_currency: Set("NGN".into()),
            time_zone: Set(zone.into()),
            country_id: Set(Some(1)),
            is_head_office: Set(name == "Head Office"),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(db).await.unwrap();
    }
    let permissions = Set(json!(["leads.read", "leads.write"]));
    role::ActiveModel { name: Set("Sales".into()), permissions, ..Default::default() }.insert(db).await.unwrap();
    for (name, company, is_active) in
        [("Ada", 1, true), ("Bola", 1, true), ("Grace", 1, true), ("Gone", 1, false), ("Far", 2, true)]
    {
        let row = staff::ActiveModel {
            tenant_id: Set(company),
            name: Set(format!("{name} Okafor")),
            given_name: Set(Some(name.into())),
            family_name: Set(Some("Okafor".into())),
            email: Set(Some(format!("{}@example.com", name.to_lowercase()))),
            role_id: Set(Some(1)),
            is_active: Set(is_active),
            is_administrator: Set(name == "Grace"),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(db).await.unwrap();
    }
    for (name, company, phases) in [
        ("Sales", 1, &[Some("DISCOVERY"), Some("PROPOSAL"), Some("NEGOTIATION")][..]),
        ("Partners", 1, &[None][..]),
        ("Far", 2, &[None][..]),
    ] {
        let row = pipeline::ActiveModel { tenant_id: Set(company), name: Set(name.into()), ..Default::default() };
        let pipeline = row.insert(db).await.unwrap().id;
        for (position, phase) in phases.iter().enumerate() {
            let row = stage::ActiveModel {
                pipeline_id: Set(pipeline),
                name: Set(format!("Stage {position}")),
                position: Set(i32::try_from(position).ok()),
                phase: Set(phase.map(str::to_owned)),
                ..Default::default()
            };
            row.insert(db).await.unwrap();
        }
    }
    for (name, is_client_status) in [("New", false), ("Customer", true)] {
        let row = lead_status::ActiveModel {
            tenant_id: Set(1),
            name: Set(name.into()),
            position: Set(Some(1)),
            is_client_status: Set(is_client_status),
            ..Default::default()
        };
        row.insert(db).await.unwrap();
    }
}
