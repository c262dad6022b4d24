//! Somebody of the directory, and who of them is let in.

use super::super::error::Refusal;
use crate::config::settings::Dashboard;

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Visitor {
    /// The directory that knows them.
    pub(super) tenant_id: String,
    /// Who they are there; unlike a name it is never given to somebody else.
    pub(super) object_id: String,
    /// For people to read; nothing is decided by it.
    pub(in super::super) name: String,
    /// Object ids of their groups.
    pub(super) groups: Vec<String>,
    /// They are in more groups than a token has room for.
    pub(super) has_more_groups: bool,
}

/// Who is let in.
#[derive(Debug)]
pub(super) struct Allowed {
    tenant_id: String,
    users: Vec<String>,
    groups: Vec<String>,
}

impl Allowed {
    pub(super) fn new(settings: &Dashboard) -> Self {
        Self { tenant_id: settings.tenant_id.clone(), users: settings.users.clone(), groups: settings.groups.clone() }
    }

    /// The visitor, if let in.
    pub(super) fn admit(&self, visitor: Visitor) -> Result<Visitor, Refusal> {
        let is_one_of = |list: &[String], id: &String| list.iter().any(|one| one.eq_ignore_ascii_case(id));
        let is_of_directory = visitor.tenant_id.eq_ignore_ascii_case(&self.tenant_id);
        let is_named = is_one_of(&self.users, &visitor.object_id);
        let is_in_group = visitor.groups.iter().any(|group| is_one_of(&self.groups, group));
        if is_of_directory && (is_named || is_in_group) {
            return Ok(visitor);
        }
        let remedy = if visitor.has_more_groups && !self.groups.is_empty() {
            "They are in more groups than a token has room for: let the application's token hold only groups that are \
             assigned to it, or name the person by object id."
        } else {
            "Whoever runs this dashboard names those who may open it, by object id, in [dashboard]."
        };
        Err(Refusal::NotAllowed(format!("{} is signed in and may not open this dashboard. {remedy}", visitor.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(tenant_id: &str, object_id: &str, groups: &[&str]) -> Visitor {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let (tenant_id, object_id) = (tenant_id.to_owned(), object_id.to_owned());
        Visitor { tenant_id, object_id, name: "reader".to_owned(), groups, has_more_groups: false }
    }

    #[test]
    fn only_people_of_the_directory_who_are_named_or_in_a_named_group_are_let_in() {
        let allowed = Allowed { tenant_id: "t".to_owned(), users: vec!["u".to_owned()], groups: vec!["g".to_owned()] };
        for (tenant, person, groups, is_let_in) in [
            ("t", "u", vec![], true),
            ("T", "U", vec![], true),
            ("t", "x", vec!["h", "G"], true),
            ("t", "x", vec!["h"], false),
            ("t", "g", vec!["u"], false),
            ("other", "u", vec!["g"], false),
        ] {
            assert_eq!(allowed.admit(visitor(tenant, person, &groups)).is_ok(), is_let_in, "{tenant} {person}");
        }
    }

    #[test]
    fn too_many_groups_for_a_token_are_told_as_such() {
        let allowed = Allowed { tenant_id: "t".to_owned(), users: vec![], groups: vec!["g".to_owned()] };
        let visitor = Visitor { has_more_groups: true, ..visitor("t", "x", &[]) };
        let Err(Refusal::NotAllowed(sentence)) = allowed.admit(visitor) else { panic!("let in") };
        assert!(sentence.contains("more groups than a token has room for"), "{sentence}");
    }
}
