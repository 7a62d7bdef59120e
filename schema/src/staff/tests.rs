//! Staff, roles, companies and look-ups as callers of the schema meet them.

use groupgraph_entities::staff;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::trial::Trial;

const MANAGER: &[&str] = &["staff.read", "staff.write", "roles.manage", "leads.read", "leads.write"];

fn create(input: &str) -> String {
    format!(
        r#"createStaff(input: {{givenName: "Ngozi", familyName: "Eze", email: "ngozi@example.com", {input}}}) {{ staff {{ name isActive }} }}"#
    )
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_hold() {
    let trial = Trial::new().await;
    let manager = Trial::ada(MANAGER);
    trial.done(r#"saveRole(input: {name: "Boss", permissions: ["tenants.manage", "leads.read", "leads.read"]}) { role { id } }"#).await;
    assert_eq!(
        trial.read("roles { name permissions }").await[0],
        json!({"name": "Boss", "permissions": ["leads.read", "tenants.manage"]})
    );
    for (mutation, expected) in [
        (create("isAdministrator: true"), "FORBIDDEN isAdministrator"),
        (create("role: {number: 2}"), "FORBIDDEN role"),
        ("updateStaff(input: {staff: {number: 3}, givenName: \"X\"}) { staff { id } }".into(), "FORBIDDEN staff"),
        ("deleteStaff(input: {staff: {number: 3}}) { deletedId }".into(), "FORBIDDEN staff"),
        ("deleteStaff(input: {staff: {number: 1}}) { deletedId }".into(), "FORBIDDEN staff"),
        ("updateStaff(input: {staff: {number: 1}, isActive: false}) { staff { id } }".into(), "FORBIDDEN isActive"),
        (
            r#"saveRole(input: {name: "X", permissions: ["leads.read", "deals.read"]}) { role { id } }"#.into(),
            "FORBIDDEN permissions.1",
        ),
        (
            r#"saveRole(input: {name: "X", permissions: ["leads.fly"]}) { role { id } }"#.into(),
            "UNKNOWN_VALUE permissions.0",
        ),
        (r#"saveRole(input: {permissions: ["leads.read"]}) { role { id } }"#.into(), "REQUIRED name"),
    ] {
        assert_eq!(trial.refused_by(&manager, &mutation).await, expected, "{mutation}");
    }
    // Words that a role has stay, whoever changes it.
    let keep =
        r#"saveRole(input: {role: {number: 2}, permissions: ["tenants.manage", "leads.write"]}) { role { id } }"#;
    trial.done_by(&manager, keep).await;
    let done = trial.done_by(&manager, &create("role: {number: 1}")).await;
    assert_eq!(done["staff"], json!({"name": "Ngozi Eze", "isActive": true}));
}

#[tokio::test]
async fn an_ended_account_is_signed_out() {
    let trial = Trial::new().await;
    let manager = Trial::ada(MANAGER);
    let row = async |number: i64| {
        let row = staff::Entity::find_by_id(number).one(&trial.hub.database.read).await.unwrap().unwrap();
        (row.name, row.is_active, row.session_epoch, row.deleted_at.is_some())
    };
    let update = r#"updateStaff(input: {staff: {number: 2}, familyName: "Bello", isActive: false}) { staff { id } }"#;
    trial.done_by(&manager, update).await;
    assert_eq!(row(2).await, ("Bola Bello".into(), false, 1, false));
    trial.done_by(&manager, "deleteStaff(input: {staff: {number: 2}}) { deletedId }").await;
    assert_eq!(row(2).await, ("Bola Bello".into(), false, 2, true));
}

#[tokio::test]
async fn people_keep_their_own_profile() {
    let trial = Trial::new().await;
    let ada = Trial::ada(&[]);
    let update = |input: &str| {
        format!(
            "updateProfile(input: {{{input}}}) {{ staff {{ name phone socialLinks {{ facebook skype }} avatar {{ url }} }} }}"
        )
    };
    trial.done_by(&ada, &update(r#"socialLinks: {facebook: "ada", skype: "ada.o"}"#)).await;
    let input = r#"familyName: "Bello", phone: {number: "08011223344"}, socialLinks: {skype: null}"#;
    let staff = trial.done_by(&ada, &update(input)).await["staff"].clone();
    let expected = json!({"name": "Ada Bello", "phone": "+2348011223344", "socialLinks": {"facebook": "ada", "skype": null}, "avatar": null});
    assert_eq!(staff, expected);
    for (input, expected) in [
        (r#"phone: {number: "12"}"#, "INVALID phone.number"),
        (r#"givenName: " ", familyName: null"#, "REQUIRED givenName"),
        (r#"avatar: {base64: "aGVsbG8=", name: "a.txt"}"#, "UNSUPPORTED_MEDIA_TYPE avatar"),
    ] {
        assert_eq!(trial.refused_by(&ada, &update(input)).await, expected, "{input}");
    }
    // The head of a picture is enough to be one.
    let png = r#"avatar: {base64: "iVBORw0KGgoAAAANSUhEUg==", name: "me.png"}"#;
    for number in [1, 2] {
        trial.done_by(&ada, &update(png)).await;
        let row = staff::Entity::find_by_id(1).one(&trial.hub.database.read).await.unwrap().unwrap();
        assert_eq!(row.avatar_file_id, Some(number));
    }
    let files = groupgraph_entities::file::Entity::find().all(&trial.hub.database.read).await.unwrap();
    assert_eq!(files.len(), 1);
    trial.done_by(&ada, &update("avatar: null")).await;
}

#[tokio::test]
async fn accounts_elsewhere_belong_to_one_person() {
    let trial = Trial::new().await;
    let map = |staff: i64, number: i64, role: &str| {
        format!(
            "mapStaff(input: {{staff: {{number: {staff}}}, tenant: {{number: 2}}, remoteStaffNumber: {number}{role}}}) {{ mapping {{ id role }} }}"
        )
    };
    trial.done(&map(1, 7, "")).await;
    let mapping = trial.done(&map(1, 7, r#", role: "Clerk""#)).await;
    assert_eq!(
        mapping["mapping"],
        json!({"id": crate::engine::id::encode("StaffMapping", trial.hub.instance, 1), "role": "Clerk"})
    );
    assert_eq!(trial.refused(&map(2, 7, "")).await, "WRONG_STATE remoteStaffNumber");
    assert_eq!(trial.refused(&map(2, 0, "")).await, "INVALID remoteStaffNumber");
}

#[tokio::test]
async fn departments_with_people_stay() {
    let trial = Trial::new().await;
    trial.done(r#"saveDepartment(input: {name: "Support"}) { department { id } }"#).await;
    trial.done("updateStaff(input: {staff: {number: 2}, departments: [{number: 1}]}) { staff { id } }").await;
    let delete = "deleteDepartment(input: {department: {number: 1}}) { deletedId }";
    assert_eq!(trial.refused(delete).await, "WRONG_STATE department");
    assert!(trial.refused("deleteRole(input: {role: {number: 1}}) { deletedId }").await.starts_with("WRONG_STATE"));
    trial.done("deleteStaff(input: {staff: {number: 2}}) { deletedId }").await;
    trial.done(delete).await;
}

#[tokio::test]
async fn companies_and_look_ups_are_whole() {
    let trial = Trial::new().await;
    let create = |input: &str| format!("createTenant(input: {{{input}}}) {{ tenant {{ namespace }} }}");
    let rest = r#"name: "East", baseCurrency: "KES", timeZone: "Africa/Nairobi""#;
    let done = trial.done(&create(&format!(r#"{rest}, namespace: "EastAfrica""#))).await;
    assert_eq!(done["tenant"]["namespace"], "eastafrica");
    for (input, expected) in [
        (format!(r#"{rest}, namespace: "East""#).replace("KES", "XXX"), "INVALID baseCurrency"),
        (format!(r#"{rest}, namespace: "East""#).replace("Nairobi", "Nowhere"), "INVALID timeZone"),
        (format!(r#"{rest}, namespace: "East Africa""#), "INVALID namespace"),
        (format!(r#"{rest}, namespace: "eastAFRICA""#), "DUPLICATE_NAME namespace"),
    ] {
        assert_eq!(trial.refused(&create(&input)).await, expected, "{input}");
    }
    assert_eq!(trial.refused(r#"saveLookupValue(input: {name: "X"}) { value { id } }"#).await, "REQUIRED category");
    trial.done(r#"saveCustomField(input: {name: "Fleet", kind: NUMBER, subject: LEAD}) { field { id } }"#).await;
    let change = "saveCustomField(input: {field: {number: 1}, kind: TEXT}) { field { id } }";
    assert_eq!(trial.refused(change).await, "WRONG_STATE kind");
    trial.done(r#"saveCustomField(input: {field: {number: 1}, name: "Vans"}) { field { id } }"#).await;
}
