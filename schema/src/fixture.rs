//! An instance for tests: a fresh database with one company, and a viewer who may do everything.

use async_graphql::Request;
use chrono::{DateTime, Utc};
use groupgraph_entities::{follow_up_category, lookup_category, lookup_value, staff, tenant};
use groupgraph_migrations::Migrator;
use sea_orm::{ActiveModelTrait, Set};
use sea_orm_migration::MigratorTrait;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Schema,
    database::Database,
    directory::Directory,
    events::Events,
    federation::Federation,
    files::Files,
    hub::{Clock, Hub, Parts},
    identity::Identity,
    mail::Mailer,
    schema,
    sealing::Sealing,
    settings::{Mail, MailTransport, Settings},
    viewer::{Permissions, Reach, Viewer},
};

/// An instance, and who uses it.
pub(crate) struct Fixture {
    pub schema: Schema,
    pub viewer: Viewer,
}

impl Fixture {
    /// A company in Lagos with one administrator, two columns of the board and a few look-ups; it is 19 May 2026.
    pub async fn new() -> Self {
        let database = Database::connect("sqlite::memory:", 1).await.expect("a memory database");
        Migrator::up(&database.write, None).await.expect("migrations");
        let hub = hub(database);
        let (tenant, staff) = seed(&hub).await;
        hub.directory.load(&hub.database.read).await.expect("companies");
        let viewer = Viewer {
            staff: Some(staff),
            tenant: Some(tenant),
            tenants: Reach::All,
            permissions: Permissions::All,
            ..Viewer::default()
        };
        Self { schema: schema(hub), viewer }
    }

    /// The answer to an operation that must not have GraphQL errors.
    pub async fn run(&self, operation: &str) -> Value {
        let request = Request::new(operation).data(self.viewer.clone());
        let response = self.schema.execute(request).await;
        assert!(response.errors.is_empty(), "{operation}\n{:?}", response.errors);
        response.data.into_json().expect("plain data")
    }

    /// The payload of one mutation without user errors.
    pub async fn done(&self, mutation: &str, input: &str, selection: &str) -> Value {
        let payload = self.mutate(mutation, input, selection).await;
        assert_eq!(payload["errors"], serde_json::json!([]), "{mutation}({input})");
        payload
    }

    /// The code and field of the first user error of one mutation.
    pub async fn refused(&self, mutation: &str, input: &str) -> (String, String) {
        let payload = self.mutate(mutation, input, "__typename").await;
        let error = &payload["errors"][0];
        let field =
            error["field"].as_array().map(|parts| parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."));
        (error["code"].as_str().unwrap_or("NONE").to_owned(), field.unwrap_or_default())
    }

    /// The payload of one mutation.
    pub async fn mutate(&self, mutation: &str, input: &str, selection: &str) -> Value {
        let operation =
            format!("mutation {{ it: {mutation}(input: {input}) {{ {selection} errors {{ code field message }} }} }}");
        self.run(&operation).await["it"].take()
    }
}

fn hub(database: Database) -> Hub {
    let folder = std::env::temp_dir().join("groupgraph-fixture").join(Uuid::new_v4().to_string());
    let mail = Mail { transport: MailTransport::Folder, folder: folder.join("mail"), ..Mail::default() };
    let files = crate::settings::Files { directory: folder.join("files"), ..Default::default() };
    let settings = Settings { public_url: "https://hub.example".into(), mail, files, ..Settings::default() };
    let sealing = Sealing::new(b"the secret of the tests");
    Hub::new(Parts {
        directory: Directory::default(),
        federation: Federation::new(&crate::settings::Sources::default(), Clock::system()),
        outside: crate::outside::Outside::new(&crate::settings::Outside::default()),
        database,
        instance: Uuid::nil(),
        events: Events::default(),
        clock: Clock::from_fn(now),
        identity: Identity::default(),
        mailer: Mailer::new(&settings.mail).expect("a mailer"),
        files: Files::new(&settings.files, sealing.clone()).expect("files"),
        sealing,
        settings,
    })
}

/// The instant that counts as now.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-05-19T12:00:00Z".parse().expect("an instant")
}

async fn seed(hub: &Hub) -> (i64, i64) {
    let db = &hub.database.write;
    let tenant = tenant::ActiveModel {
        name: Set("Sahel Group".to_owned()),
        namespace: Set("sahel".to_owned()),
        base_currency: Set("NGN".to_owned()),
        time_zone: Set("Africa/Lagos".to_owned()),
        is_head_office: Set(true),
        is_active: Set(true),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let tenant = tenant.insert(db).await.expect("a company").id;
    let staff = staff::ActiveModel {
        tenant_id: Set(tenant),
        name: Set("Ada Obi".to_owned()),
        email: Set(Some("ada@sahel.example".to_owned())),
        is_active: Set(true),
        is_administrator: Set(true),
        session_epoch: Set(0),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    let staff = staff.insert(db).await.expect("staff").id;
    for (key, position) in [("contacted", 2), ("new_lead", 1)] {
        let category = follow_up_category::ActiveModel {
            tenant_id: Set(tenant),
            key: Set(key.to_owned()),
            name: Set(key.to_owned()),
            position: Set(Some(position)),
            ..Default::default()
        };
        category.insert(db).await.expect("a category");
    }
    for (list, values) in [
        ("Banks", ["Standard Bank", "Absa"]),
        ("Bank Account Types", ["Current", "Savings"]),
        ("Product Units", ["Monthly", "Yearly"]),
        ("Campaigns", ["Spring", "Autumn"]),
        ("Account Roles", ["kae", "csr"]),
    ] {
        let row = lookup_category::ActiveModel { name: Set(list.to_owned()), ..Default::default() };
        let category_id = row.insert(db).await.expect("a list").id;
        for name in values {
            let value = lookup_value::ActiveModel {
                category_id: Set(category_id),
                name: Set(name.to_owned()),
                is_active: Set(true),
                ..Default::default()
            };
            value.insert(db).await.expect("a value");
        }
    }
    (tenant, staff)
}
