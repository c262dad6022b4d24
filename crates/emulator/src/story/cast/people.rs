//! Actors: how a person, a service or a stranger appears in a record.

use std::rc::Rc;

use super::Site;
use super::places::Client;
use crate::story::dice::Dice;
use crate::story::guid::Guid;

/// Who did something, in one of the forms in which records name them.
#[derive(Debug, Clone)]
pub(crate) struct Actor(pub(crate) Rc<ActorForm>);

/// See [`Actor`].
#[derive(Debug)]
pub(crate) struct ActorForm {
    /// `UserId`.
    pub(crate) user_id: String,
    /// `UserType`.
    pub(crate) user_type: u8,
    /// `UserKey`.
    pub(crate) user_key: String,
    /// Name for people.
    pub(crate) display: String,
    /// Object id in the directory, for those who have an account.
    pub(crate) directory_id: Option<Guid>,
    /// Set for outsiders: who it is, however the record writes it.
    pub(crate) outside: Option<Outside>,
}

/// An outsider's canonical identity.
#[derive(Debug, Clone)]
pub(crate) struct Outside {
    /// Address in lower case, or `anon:<value>`.
    pub(crate) person: Rc<str>,
    /// `guest`, `passcode_guest`, `anonymous`, `foreign`, `partner_admin`.
    pub(crate) kind: &'static str,
}

impl Actor {
    /// One of the tenant's own people. Their keys end in `live.com` like everybody's, which says nothing.
    pub(crate) fn member(user_id: &str, display: &str, dice: &mut Dice) -> Self {
        Self::new(user_id, 0, live_key(dice), display, Some(dice.guid()), None)
    }

    /// A service, a job, an application.
    pub(crate) fn system(user_id: &str, user_type: u8, user_key: &str) -> Self {
        Self::new(user_id, user_type, user_key.to_owned(), user_id, None, None)
    }

    /// An outsider in any form.
    pub(crate) fn outsider(
        user_id: &str,
        user_type: u8,
        display: &str,
        person: &Rc<str>,
        kind: &'static str,
        dice: &mut Dice,
    ) -> Self {
        let in_directory = matches!(kind, "guest" | "foreign" | "partner_admin");
        let key = if in_directory { live_key(dice) } else { format!("i:0h.f|membership|{user_id}") };
        let outside = Outside { person: Rc::clone(person), kind };
        Self::new(user_id, user_type, key, display, in_directory.then(|| dice.guid()), Some(outside))
    }

    fn new(
        user_id: &str,
        user_type: u8,
        user_key: String,
        display: &str,
        directory_id: Option<Guid>,
        outside: Option<Outside>,
    ) -> Self {
        let (user_id, display) = (user_id.to_owned(), display.to_owned());
        Self(Rc::new(ActorForm { user_id, user_type, user_key, display, directory_id, outside }))
    }
}

fn live_key(dice: &mut Dice) -> String {
    format!("i:0h.f|membership|10032000{}@live.com", dice.hex(8))
}

/// One of the tenant's own people.
#[derive(Debug)]
pub(crate) struct Employee {
    /// As records name them.
    pub(crate) actor: Actor,
    /// Their OneDrive.
    pub(crate) onedrive: Rc<Site>,
    /// Their computer.
    pub(crate) client: Rc<Client>,
}

/// Somebody outside with an address of their own.
#[derive(Debug)]
pub(crate) struct Outsider {
    /// Canonical address.
    pub(crate) address: Rc<str>,
    /// The form of a directory guest: `x_dom#EXT#@contoso.onmicrosoft.com`.
    pub(crate) guest: Actor,
    /// The form of a guest with a one-time passcode: `urn:spo:guest#x@dom`.
    pub(crate) passcode: Actor,
    /// The form of somebody whose own tenant is trusted directly: `x@dom`.
    pub(crate) foreign: Actor,
    /// Their computer.
    pub(crate) client: Rc<Client>,
}

/// Somebody who came through an Anyone link.
#[derive(Debug)]
pub(crate) struct Stranger {
    /// `anonymous`, known only by the address.
    pub(crate) nameless: Actor,
    /// `urn:spo:anon#<hex>`.
    pub(crate) session: Actor,
    /// Their computer.
    pub(crate) client: Rc<Client>,
}

/// To whom a sharing operation is addressed.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    /// `TargetUserOrGroupName`.
    pub(crate) name: String,
    /// `TargetUserOrGroupType`.
    pub(crate) kind: &'static str,
    /// Canonical identity.
    pub(crate) person: Rc<str>,
}

impl Outsider {
    /// As a target who has an account in the directory.
    pub(crate) fn in_directory(&self) -> Recipient {
        Recipient { name: self.guest.0.user_id.clone(), kind: "Guest", person: Rc::clone(&self.address) }
    }

    /// As a target who has none: the service writes the address in capitals.
    pub(crate) fn by_address(&self) -> Recipient {
        Recipient { name: self.address.to_uppercase(), kind: "Guest", person: Rc::clone(&self.address) }
    }
}
