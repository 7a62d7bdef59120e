//! Who is asking and what that caller may do. It must not know tokens or HTTP: `identity` makes viewers.

use std::collections::BTreeSet;

/// The caller of one request. Nothing is allowed unless it says so.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// Number of the person; none for machines and anonymous callers.
    pub staff: Option<i64>,
    /// Row of the access token in use.
    pub token: Option<i64>,
    /// Row of the verified code of a caller who is nobody yet and may only set a password.
    pub password_code: Option<i64>,
    /// The caller's own company: owner of rows that name none.
    pub tenant: Option<i64>,
    /// Companies whose rows the caller may see.
    pub tenants: Reach,
    /// Permission words that hold now.
    pub permissions: Permissions,
}

/// Which companies a viewer reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every company of the group.
    All,
    /// These, by number.
    Some(Vec<i64>),
}

/// Which permission words a viewer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Every word: administrators.
    All,
    /// These words.
    Words(BTreeSet<String>),
}

impl Default for Reach {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self::Words(BTreeSet::new())
    }
}

impl Viewer {
    /// Whether there is a valid credential behind the request.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.staff.is_some() || self.token.is_some()
    }

    /// Whether the viewer holds a permission word.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        match &self.permissions {
            Permissions::All => true,
            Permissions::Words(words) => words.contains(permission),
        }
    }

    /// Whether rows of this company are within reach.
    #[must_use]
    pub fn sees_tenant(&self, tenant: i64) -> bool {
        match &self.tenants {
            Reach::All => true,
            Reach::Some(tenants) => tenants.contains(&tenant),
        }
    }
}
