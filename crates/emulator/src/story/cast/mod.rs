//! Who and what there is before anything happens: the tenant, its people, the outsiders, the sites and their files.

pub(crate) mod item;
pub(crate) mod labels;
pub(crate) mod names;
pub(crate) mod people;
pub(crate) mod places;

use std::rc::Rc;

pub(crate) use item::{Item, Library, Site};
pub(crate) use people::{Actor, Employee, Outsider, Recipient, Stranger};
pub(crate) use places::Client;

use super::Profile;
use super::dice::Dice;
use super::guid::Guid;
use labels::Label;

/// Host of the team sites.
pub(crate) const HOST: &str = "https://contoso.sharepoint.com";
/// Host of the OneDrives.
pub(crate) const ONEDRIVE_HOST: &str = "https://contoso-my.sharepoint.com";
/// The tenant's first domain, the one behind `#EXT#@`.
pub(crate) const INITIAL_DOMAIN: &str = "contoso.onmicrosoft.com";

const EMPLOYEES: usize = 96;
const OUTSIDERS: usize = 72;
const FILES_PER_SITE: usize = 24;

/// The cast of the story.
#[derive(Debug)]
pub(crate) struct Cast {
    /// Names and numbers of the tenant.
    pub(crate) profile: Profile,
    /// `OrganizationId`.
    pub(crate) tenant_id: Guid,
    /// The tenant's own people.
    pub(crate) employees: Vec<Employee>,
    /// People of other organisations.
    pub(crate) outsiders: Vec<Outsider>,
    /// Team sites.
    pub(crate) sites: Vec<Rc<Site>>,
    /// Files for everyday work, those of team sites first.
    pub(crate) files: Vec<Item>,
    /// Services and applications.
    pub(crate) systems: Vec<Actor>,
}

impl Cast {
    /// Assembles the cast.
    pub(crate) fn assemble(dice: &mut Dice) -> Self {
        let tenant_id = dice.guid();
        let profile = Profile {
            name: "contoso".to_owned(),
            tenant_id: tenant_id.to_string(),
            internal_domains: vec!["contoso.example".to_owned(), INITIAL_DOMAIN.to_owned()],
            defender_tenant_number: 97_134_000,
        };
        let sites: Vec<Rc<Site>> = names::TEAMS.iter().map(|team| team_site(team, dice)).collect();
        let employees: Vec<Employee> = (0..EMPLOYEES).map(|number| employee(number, dice)).collect();
        let outsiders = (0..OUTSIDERS).map(|number| outsider(number, dice)).collect();
        let homes = sites.iter().chain(employees.iter().map(|employee| &employee.onedrive));
        let files =
            homes.flat_map(|site| (0..FILES_PER_SITE).map(|_| file_in(site, dice)).collect::<Vec<_>>()).collect();
        Self { profile, tenant_id, employees, outsiders, sites, files, systems: systems(dice) }
    }
}

/// A team's site. `Board` and `Mergers` bear a container label.
pub(crate) fn team_site(name: &str, dice: &mut Dice) -> Rc<Site> {
    let label: Option<&'static Label> = match name {
        "Board" => Some(&labels::HIGHLY_CONFIDENTIAL),
        "Mergers" => Some(&labels::CONFIDENTIAL),
        "Marketing" => Some(&labels::PUBLIC),
        _ => None,
    };
    site(&format!("/sites/{name}"), name, label, dice)
}

/// A site by its server-relative path; a OneDrive when that begins with `/personal/`.
fn site(server_path: &str, title: &str, label: Option<&'static Label>, dice: &mut Dice) -> Rc<Site> {
    let onedrive = server_path.starts_with("/personal/");
    Rc::new(Site {
        id: dice.guid(),
        web_id: dice.guid(),
        url: format!("{}{server_path}", if onedrive { ONEDRIVE_HOST } else { HOST }),
        server_path: server_path.to_owned(),
        onedrive,
        title: title.to_owned(),
        library: Library { id: dice.guid(), name: if onedrive { "Documents" } else { "Shared Documents" } },
        declared_library: Library { id: dice.guid(), name: item::DECLARED_LIBRARY },
        label,
    })
}

/// A new file in a folder of the site's main library.
pub(crate) fn file_in(site: &Rc<Site>, dice: &mut Dice) -> Item {
    let path = format!("{}/{}/{}", site.library.name, dice.pick(&names::FOLDERS), file_name(dice));
    let label: Option<&'static Label> = match dice.below(100) {
        0..12 => Some(&labels::CONFIDENTIAL),
        12..15 => Some(&labels::HIGHLY_CONFIDENTIAL),
        15..40 => Some(&labels::GENERAL),
        40..45 => Some(&labels::PUBLIC),
        _ => None,
    };
    Item::new(site, site.library.id, dice.guid(), &path, "File").labelled(label)
}

/// A file name: `Budget 412.xlsx`.
pub(crate) fn file_name(dice: &mut Dice) -> String {
    format!("{} {}.{}", dice.pick(&names::SUBJECTS), dice.below(900) + 100, dice.pick(&names::EXTENSIONS))
}

/// An address of the ranges that are reserved for documentation (RFC 5737, RFC 3849).
pub(crate) fn outside_address(dice: &mut Dice) -> Rc<str> {
    Rc::from(match dice.below(10) {
        0 => format!("2001:db8:{:x}:{:x}::{:x}", dice.below(65_536), dice.below(65_536), dice.below(65_534) + 1),
        1..5 => format!("198.51.100.{}", dice.below(254) + 1),
        _ => format!("203.0.113.{}", dice.below(254) + 1),
    })
}

/// A service of Microsoft that acts for somebody.
pub(crate) fn service(agent: &'static str, dice: &mut Dice) -> Rc<Client> {
    let ip = Rc::from(format!("52.108.{}.{}", dice.below(256), dice.below(254) + 1));
    Rc::new(Client { ip, agent, place: &places::MICROSOFT, managed: None })
}

/// Given and family name of the `number`th of a group; every number below 480 has another pair.
fn full_name(number: usize, shift: usize) -> (&'static str, &'static str) {
    let given = names::GIVEN[number % names::GIVEN.len()];
    // 24 numbers share a row, and the family name moves on with each row: no pair comes twice in 480.
    let family = names::FAMILY[(number + number / names::GIVEN.len() * 7 + shift) % names::FAMILY.len()];
    (given, family)
}

fn employee(number: usize, dice: &mut Dice) -> Employee {
    let (given, family) = full_name(number, 0);
    let local = format!("{given}.{family}").to_lowercase();
    let address = format!("{local}@contoso.example");
    let folder = format!("/personal/{}_contoso_example", local.replace('.', "_"));
    let ip = Rc::from(format!("192.0.2.{}", dice.below(250) + 1));
    Employee {
        actor: Actor::member(&address, &format!("{given} {family}"), dice),
        onedrive: site(&folder, &format!("{given} {family}"), None, dice),
        client: Rc::new(Client { ip, agent: places::browser(dice), place: &places::HOME, managed: Some(true) }),
    }
}

fn outsider(number: usize, dice: &mut Dice) -> Outsider {
    let (given, family) = full_name(number, 9);
    let (domain, place) = names::DOMAINS[number % names::DOMAINS.len()];
    let local = match number % 5 {
        // Underscores before the `@` are what naive decoders of `#EXT#` stumble over.
        0 => format!("{given}_{family}"),
        1 => given.to_owned(),
        2 => format!("{}{family}", given.chars().take(1).collect::<String>()),
        _ => format!("{given}.{family}"),
    };
    let place = &places::ABROAD[place % places::ABROAD.len()];
    let client = Client { ip: outside_address(dice), agent: places::browser(dice), place, managed: Some(false) };
    outsider_named(&local, domain, &format!("{given} {family}"), client, dice)
}

/// An outsider with all the forms in which records may name them.
pub(crate) fn outsider_named(local: &str, domain: &str, display: &str, client: Client, dice: &mut Dice) -> Outsider {
    let address: Rc<str> = Rc::from(format!("{local}@{domain}").to_lowercase());
    let user_type = if dice.chance(400) { 10 } else { 0 };
    let guest = format!("{local}_{domain}#EXT#@{INITIAL_DOMAIN}");
    let passcode = format!("urn:spo:guest#{address}");
    Outsider {
        guest: Actor::outsider(&guest, user_type, display, &address, "guest", dice),
        passcode: Actor::outsider(&passcode, 0, display, &address, "passcode_guest", dice),
        foreign: Actor::outsider(&format!("{local}@{domain}"), 0, display, &address, "foreign", dice),
        address,
        client: Rc::new(client),
    }
}

fn systems(dice: &mut Dice) -> Vec<Actor> {
    vec![
        Actor::system("app@sharepoint", 5, "i:0i.t|00000003-0000-0ff1-ce00-000000000000|app@sharepoint"),
        Actor::system("SHAREPOINT\\system", 4, "S-1-0-0"),
        Actor::system("Microsoft\\ServiceOperator", 4, "S-1-0-0"),
        Actor::system("NT AUTHORITY\\SYSTEM", 4, "S-1-5-18"),
        Actor::system(&format!("ServicePrincipal_{}", dice.guid()), 6, "ServicePrincipal"),
        Actor::system(&dice.guid().to_string(), 6, "Not Available"),
        Actor::system("SecurityComplianceAlerts", 4, "SecurityComplianceAlerts"),
    ]
}
