//! An invented tenant of any size: the same numbers give the same records, and any stretch of them can be made alone.
//!
//! Time runs evenly over a year. Shares are made all along (of files, of folders, of whole sites; for one person, for
//! anyone, by membership); outsiders reach what was shared with them, mostly what was shared lately and a few things that
//! everybody wants; insiders label, rename, move and delete. Mixture: see [`World::write`].

use std::fmt::Write;

use trail::TimeMs;

/// The first moment: 2025-11-24T00:00:00Z.
const BEGIN_MS: i64 = 1_763_942_400_000;
const YEAR_MS: i64 = 365 * 86_400_000;
const SITES: u64 = 400;
const FOLDER_ITEMS: u64 = 25;
const LABELS: [&str; 3] = [
    "2096f6a2-d2f7-48be-b329-b73aaa526e5d",
    "87867195-f2b8-4ac2-b0b6-6bb73cb33afc",
    "1a19d03a-48bc-4359-8038-5b5f6d5847c3",
];
pub const ORGANIZATION: &str = "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11";

/// Sizes of the tenant.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// Records of the year.
    pub records: u64,
    /// Files.
    pub items: u64,
    /// Links, invitations and memberships made in the year.
    pub shares: u64,
    /// Of a thousand records, how many come of what outsiders do, and of what is done for them; the others are our own
    /// people's work.
    pub outside_per_mille: u64,
}

/// What a share is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    File,
    Folder,
    Site,
}

/// A share by its number: everything about it follows from that.
struct Share {
    number: u64,
    scope: Scope,
    anyone: bool,
    item: u64,
}

impl World {
    /// When record `n` happened.
    pub fn time(&self, n: u64) -> TimeMs {
        TimeMs(BEGIN_MS + (n as f64 / self.records as f64 * YEAR_MS as f64) as i64)
    }

    /// Writes record `n`.
    ///
    /// Beside the three that each share writes when it is made, `outside_per_mille` tell of outsiders; of a hundred of these
    /// 62 are accesses through a share, 6 uses of a link, 6 accesses without one, 3 ends of a share, 6 labels seen or set,
    /// 5 changes of items, 1 of memberships, the rest what outsiders do that is no access. Our own people read and write:
    /// of a hundred, 3 set a label, 2 make, rename, move or delete something.
    pub fn write(&self, n: u64, out: &mut String) {
        let each = (self.records / self.shares).max(4);
        let mut dice = Dice(n.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let made = n / each;
        if n % each < 3 {
            return self.made(&self.share(made), n, n % each, out);
        }
        if dice.below(1000) >= self.outside_per_mille {
            return self.work(n, &mut dice, out);
        }
        let share = self.share(wanted(made, &mut dice));
        match dice.below(100) {
            0..=61 => self.access(&share, n, &mut dice, out),
            62..=67 => self.used(&share, n, &mut dice, out),
            68..=73 => {
                let (person, item) = (dice.below(4_000), dice.below(self.items));
                self.file(n, "FileAccessed", &guest(person), item, "", &mut dice, out);
            }
            74..=76 => self.ended(&share, n, out),
            77..=82 => self.labelled(dice.below(self.items), n, &mut dice, out),
            83..=87 => self.changed(dice.below(self.items), n, &mut dice, out),
            88 => self.membership(dice.below(SITES), dice.below(4_000), n, dice.below(3) == 0, out),
            _ => {
                let (person, item) = (dice.below(4_000), dice.below(self.items));
                self.file(n, "FileRecycled", &guest(person), item, "", &mut dice, out);
            }
        }
    }

    /// A link for anyone, which is a share by its own id.
    pub fn link(&self) -> String {
        let links = (0..self.shares).filter(|number| self.share(*number).anyone);
        links.map(|number| guid(3, number)).next().unwrap_or_default()
    }

    /// What one of our own people does.
    fn work(&self, n: u64, dice: &mut Dice, out: &mut String) {
        let item = dice.below(self.items);
        let operation = match dice.below(100) {
            0..=2 => return self.labelled(item, n, dice, out),
            3..=4 => return self.changed(item, n, dice, out),
            5..=59 => "FileAccessed",
            60..=84 => "FileModified",
            85..=94 => "FilePreviewed",
            _ => "FileDownloaded",
        };
        self.file(n, operation, &member(dice.below(3_000)), item, "", dice, out);
    }

    fn share(&self, number: u64) -> Share {
        let mut dice = Dice(number ^ 0x5ead_beef);
        let scope = match dice.below(100) {
            0..=74 => Scope::File,
            75..=96 => Scope::Folder,
            _ => Scope::Site,
        };
        Share { number, scope, anyone: scope != Scope::Site && dice.below(100) < 25, item: dice.below(self.items) }
    }

    /// One of the three records of a share's making.
    fn made(&self, share: &Share, n: u64, step: u64, out: &mut String) {
        if share.scope == Scope::Site {
            return self.membership(site_of(share.item), share.number % 4_000, n, false, out);
        }
        let target = guest_target(share.number % 4_000);
        let (operation, to) = match (share.anyone, step) {
            (true, 0) => ("AnonymousLinkCreated", String::new()),
            (false, 0) => ("SecureLinkCreated", String::new()),
            (true, _) => (
                "SharingSet",
                target_of(
                    &format!("SharingLinks.{}.AnonymousView.{}", guid(9, share.item), guid(3, share.number)),
                    "SharePointGroup",
                ),
            ),
            (false, 1) => ("AddedToSecureLink", target_of(&target, "Guest")),
            (false, _) => ("SharingSet", target_of(&target, "Guest")),
        };
        self.sharing(share, n, operation, &member(share.number), &to, out);
    }

    fn ended(&self, share: &Share, n: u64, out: &mut String) {
        // One in twenty is really ended; the others are changed.
        let target = target_of(&guest_target(share.number % 4_000), "Guest");
        let (operation, to) = match (share.anyone, n.is_multiple_of(20)) {
            (_, false) if share.scope == Scope::Site => {
                return self.membership(site_of(share.item), share.number % 4_000, n, false, out);
            }
            (_, true) if share.scope == Scope::Site => {
                return self.membership(site_of(share.item), share.number % 4_000, n, true, out);
            }
            (true, true) => ("AnonymousLinkRemoved", String::new()),
            (false, true) => ("RemovedFromSecureLink", target),
            (true, false) => ("AnonymousLinkUpdated", String::new()),
            (false, false) => ("SecureLinkUpdated", String::new()),
        };
        self.sharing(share, n, operation, &member(share.number), &to, out);
    }

    fn used(&self, share: &Share, n: u64, dice: &mut Dice, out: &mut String) {
        if share.scope == Scope::Site {
            return self.access(share, n, dice, out);
        }
        let (operation, who) = if share.anyone {
            ("AnonymousLinkUsed", visitor(share, dice))
        } else {
            ("SecureLinkUsed", guest(share.number % 4_000))
        };
        self.sharing(share, n, operation, &who, "", out);
    }

    fn access(&self, share: &Share, n: u64, dice: &mut Dice, out: &mut String) {
        let item = match share.scope {
            Scope::File => share.item,
            Scope::Folder => {
                folder_of(share.item) * FOLDER_ITEMS * SITES + dice.below(FOLDER_ITEMS) * SITES + site_of(share.item)
            }
            Scope::Site => dice.below(self.items / SITES) * SITES + site_of(share.item),
        };
        let who = if share.anyone { visitor(share, dice) } else { guest(share.number % 4_000) };
        let operation =
            ["FileAccessed", "FileAccessed", "FileDownloaded", "FilePreviewed", "FileModified"][dice.below(5) as usize];
        self.file(n, operation, &who, item.min(self.items - 1), "", dice, out);
    }

    fn labelled(&self, item: u64, n: u64, dice: &mut Dice, out: &mut String) {
        let label = format!(r#","SensitivityLabelId":"{}""#, LABELS[dice.below(3) as usize]);
        self.file(n, "FileSensitivityLabelApplied", &member(item), item, &label, dice, out);
    }

    fn changed(&self, item: u64, n: u64, dice: &mut Dice, out: &mut String) {
        match dice.below(50) {
            // A folder gets another name: all that lies in it has another path from now on.
            0 => {
                let name = format!("Folder{}-{}", folder_of(item), n % 100);
                let more = format!(r#","DestinationFileName":"{name}","DestinationRelativeUrl":"Docs""#);
                self.folder(n, "FolderRenamed", item, &more, out);
            }
            1..=15 => self.file(n, "FileDeleted", &member(item), item, "", dice, out),
            16..=20 => {
                let more = format!(
                    r#","DestinationFileName":"file{item}-{}.docx","DestinationRelativeUrl":"Docs/Folder{}""#,
                    n % 100,
                    folder_of(item)
                );
                self.file(n, "FileRenamed", &member(item), item, &more, dice, out);
            }
            _ => self.file(n, "FileUploaded", &member(item), item, "", dice, out),
        }
    }

    fn membership(&self, site: u64, person: u64, n: u64, leaves: bool, out: &mut String) {
        let operation = if leaves { "RemovedFromGroup" } else { "AddedToGroup" };
        self.head(n, operation, 14, &member(site), out);
        let url = site_url(site);
        let _ = write!(
            out,
            r#","Site":"{}","ObjectId":"{url}","SiteUrl":"{url}/","ItemType":"Web","EventData":"<Group>Visitors {site}</Group>"{}}}"#,
            guid(1, site),
            target_of(&guest_target(person), "Guest"),
        );
    }

    fn sharing(&self, share: &Share, n: u64, operation: &str, who: &str, more: &str, out: &mut String) {
        self.head(n, operation, 14, who, out);
        let link = format!(r#","UniqueSharingId":"{}"{more}"#, guid(3, share.number));
        match share.scope {
            Scope::Folder => self.place(share.item, None, &link, out),
            _ => self.place(share.item, Some(()), &link, out),
        }
    }

    fn folder(&self, n: u64, operation: &str, item: u64, more: &str, out: &mut String) {
        self.head(n, operation, 6, &member(item), out);
        self.place(item, None, more, out);
    }

    #[allow(clippy::too_many_arguments)]
    fn file(&self, n: u64, operation: &str, who: &str, item: u64, more: &str, dice: &mut Dice, out: &mut String) {
        self.head(n, operation, 6, who, out);
        // Every fifth file bears a label, and each record of it shows it.
        let mut more = more.to_owned();
        if item.is_multiple_of(5) && more.is_empty() {
            let _ = write!(more, r#","SensitivityLabelId":"{}""#, LABELS[(item / 5 % 3) as usize]);
        }
        let _ = write!(
            more,
            r#","UserAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/{}.0.0.0 Safari/537.36""#,
            100 + dice.below(30)
        );
        self.place(item, Some(()), &more, out);
    }

    fn head(&self, n: u64, operation: &str, record_type: u32, who: &str, out: &mut String) {
        let time = self.time(n).to_string();
        let ip = n % 65_000;
        let _ = write!(
            out,
            r#"{{"Id":"{}","CreationTime":"{}","RecordType":{record_type},"OrganizationId":"{ORGANIZATION}","UserType":0,"Workload":"SharePoint","Operation":"{operation}","UserId":"{who}","UserKey":"{who}","ClientIP":"203.0.{}.{}","CorrelationId":"{}","EventSource":"SharePoint","Version":1"#,
            guid(7, n),
            &time[..19],
            ip / 255,
            ip % 255,
            guid(5, n / 3),
        );
    }

    /// Where: the file, or the folder in which it lies.
    fn place(&self, item: u64, file: Option<()>, more: &str, out: &mut String) {
        let (site, folder) = (site_of(item), folder_of(item));
        let url = site_url(site);
        let (id, name, relative, kind) = match file {
            Some(()) => (guid(2, item), format!("file{item}.docx"), format!("Docs/Folder{folder}"), "File"),
            None => (guid(4, folder * SITES + site), format!("Folder{folder}"), "Docs".to_owned(), "Folder"),
        };
        let _ = write!(
            out,
            r#","Site":"{}","ListItemUniqueId":"{id}","SiteUrl":"{url}/","SourceFileName":"{name}","SourceRelativeUrl":"{relative}","ObjectId":"{url}/{relative}/{name}","ItemType":"{kind}"{more}}}"#,
            guid(1, site),
        );
    }
}

/// A share among the first `made`: mostly one of the latest, one in five times one of a few that everybody wants.
fn wanted(made: u64, dice: &mut Dice) -> u64 {
    if dice.below(5) == 0 {
        return dice.below((made / 500).max(1));
    }
    let unit = dice.below(1 << 20) as f64 / f64::from(1 << 20);
    made - (made as f64 * unit * unit * unit) as u64
}

fn site_of(item: u64) -> u64 {
    item % SITES
}

fn folder_of(item: u64) -> u64 {
    item / SITES / FOLDER_ITEMS
}

fn site_url(site: u64) -> String {
    format!("https://contoso.sharepoint.com/sites/site{site}")
}

fn member(number: u64) -> String {
    format!("member{}@contoso.example", number % 3_000)
}

fn guest(number: u64) -> String {
    format!("guest{number}_partner{}.example#EXT#@contoso.onmicrosoft.com", number % 300)
}

fn guest_target(number: u64) -> String {
    format!("guest{number}_partner{}.example#ext#@contoso.onmicrosoft.com", number % 300)
}

fn visitor(share: &Share, dice: &mut Dice) -> String {
    format!("urn:spo:anon#{}", guid(6, share.number * 20 + dice.below(20)).replace('-', ""))
}

fn target_of(name: &str, kind: &str) -> String {
    format!(r#","TargetUserOrGroupName":"{name}","TargetUserOrGroupType":"{kind}""#)
}

/// The GUID of the thing number `number` of a kind.
fn guid(kind: u64, number: u64) -> String {
    let mut dice = Dice(kind << 48 ^ number);
    let (high, low) = (dice.next(), dice.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The id of record number `n`.
pub fn record_id(n: u64) -> String {
    guid(7, n)
}
