//! Staff, their roles and what they belong to. Nobody hands out more than they hold.

mod map_staff;
mod profile;
mod release;
mod role;
mod rules;
#[cfg(test)]
mod tests;

use crate::{check, rule::Rules, verb::Verb};

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[("updateProfile", profile::update_profile), ("mapStaff", map_staff::map_staff)];

/// What staff, roles, positions, departments and teams add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("createStaff", Rules { before: Some(rules::create), after: None }),
    ("updateStaff", Rules { before: Some(rules::update), after: None }),
    ("deleteStaff", Rules { before: Some(rules::delete), after: None }),
    ("saveRole", Rules { before: Some(role::check), after: None }),
    ("deleteRole", Rules { before: Some(release::release_role), after: None }),
    ("savePosition", Rules { before: Some(check::named), after: None }),
    ("deletePosition", Rules { before: Some(release::release_position), after: None }),
    ("saveDepartment", Rules { before: Some(check::named), after: None }),
    ("deleteDepartment", Rules { before: Some(release::release_department), after: None }),
    ("saveTeam", Rules { before: Some(check::named), after: None }),
];
