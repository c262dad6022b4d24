//! Which domains are inside when nobody has said so, from what the whole store shows.
//!
//! Needed for reports over a file that somebody was sent: without it, every employee would be listed as an outsider. It
//! errs towards "outside", never uses Defender's tag, and a report says that domains were inferred.

/// What the store has seen of one domain of plain `user@domain` actors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainSeen {
    /// The domain, in lower case.
    pub domain: String,
    /// Number of records with an actor of the domain.
    pub records: u64,
    /// It is what follows `#EXT#@` in some guest account ([`guest_home`]): the tenant's own first domain.
    pub is_guest_home: bool,
    /// It is `<tenant>.onmicrosoft.com`, where some site's host is that tenant's ([`sharepoint_tenant`]).
    pub is_sharepoint_tenant: bool,
    /// Its first label is the tenant's name, as `contoso` in `contoso.example` and `contoso.sharepoint.com`.
    pub shares_tenant_name: bool,
    /// Some of its people acted in their own OneDrive of this tenant ([`owns_onedrive`]); guests have none.
    pub owns_onedrive: bool,
    /// Some of its people were targets of type `Member`. Converted guests are such, too.
    pub has_member_targets: bool,
}

/// Mail providers whose addresses are everybody's: never inside.
const CONSUMER_DOMAINS: [&str; 24] = [
    "aol.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "live.com",
    "mac.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yandex.ru",
];

/// The least share of all plain records, in percent, for evidence that alone would be weak.
const WEAK_EVIDENCE_PERCENT_MIN: u64 = 10;
/// The share of all plain records, in percent, that makes a domain inside when nothing else tells.
const DOMINANT_PERCENT_MIN: u64 = 80;
/// With fewer records than this, a share of them means nothing.
const DOMINANT_RECORDS_MIN: u64 = 20;

/// The domains that are inside, sorted.
///
/// Inside is what owns the tenant: the home of its guest accounts, the `onmicrosoft.com` name of its SharePoint host, the
/// domain of people with a OneDrive in it. Weaker evidence (the tenant's name, targets of type `Member`) counts with a
/// tenth of all records. Only when all that gives nothing, a domain with four fifths of all records is taken.
pub fn infer_internal(observations: impl Iterator<Item = DomainSeen>) -> Vec<String> {
    let seen: Vec<DomainSeen> = observations.collect();
    let total: u64 = seen.iter().fold(0, |sum, domain| sum.saturating_add(domain.records));
    let candidates = seen.iter().filter(|domain| !domain.domain.is_empty() && !is_consumer(&domain.domain));
    let mut inside: Vec<String> =
        candidates.clone().filter(|domain| owns_tenant(domain, total)).map(|domain| domain.domain.clone()).collect();
    if inside.is_empty() {
        inside.extend(
            candidates
                .filter(|domain| domain.records >= DOMINANT_RECORDS_MIN)
                .filter(|domain| is_share(domain.records, total, DOMINANT_PERCENT_MIN))
                .map(|domain| domain.domain.clone()),
        );
    }
    inside.sort_unstable();
    inside.dedup();
    inside
}

fn owns_tenant(domain: &DomainSeen, total: u64) -> bool {
    domain.is_guest_home
        || domain.is_sharepoint_tenant
        || domain.owns_onedrive
        || (domain.has_member_targets || domain.shares_tenant_name)
            && is_share(domain.records, total, WEAK_EVIDENCE_PERCENT_MIN)
}

fn is_share(records: u64, total: u64, percent_min: u64) -> bool {
    records > 0 && u128::from(records) * 100 >= u128::from(total) * u128::from(percent_min)
}

fn is_consumer(domain: &str) -> bool {
    CONSUMER_DOMAINS.contains(&domain)
}

/// The tenant domain behind a guest account: of `x_y.example#EXT#@contoso.onmicrosoft.com` the last part, lower case.
pub fn guest_home(user_id: &str) -> Option<String> {
    let lower = user_id.to_lowercase();
    let (_, home) = lower.rsplit_once("#ext#@")?;
    (!home.is_empty()).then(|| home.to_owned())
}

/// The tenant's name in a SharePoint URL, lower case: `contoso` of `https://contoso-my.sharepoint.com/…`.
pub fn sharepoint_tenant(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.to_lowercase();
    let (label, zone) = host.split_once('.')?;
    let is_sharepoint = zone.starts_with("sharepoint.") || zone.starts_with("sharepoint-");
    let tenant = label.strip_suffix("-my").or(label.strip_suffix("-admin")).unwrap_or(label);
    (is_sharepoint && !tenant.is_empty()).then(|| tenant.to_owned())
}

/// Whether the URL lies in the OneDrive of this address: `/personal/alice_contoso_com/` is Alice's, every character but
/// letters and digits written as `_`.
pub fn owns_onedrive(address: &str, url: &str) -> bool {
    let lower = url.to_lowercase();
    let Some((_, rest)) = lower.split_once("/personal/") else { return false };
    let owner = rest.split('/').next().unwrap_or_default();
    let expected: String = address.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    !owner.is_empty() && owner == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(domain: &str, records: u64) -> DomainSeen {
        DomainSeen { domain: domain.to_owned(), records, ..DomainSeen::default() }
    }

    fn infer(seen: &[DomainSeen]) -> Vec<String> {
        infer_internal(seen.iter().cloned())
    }

    #[test]
    fn whoever_owns_the_tenant_is_inside_and_nobody_else() {
        let found = infer(&[
            DomainSeen { owns_onedrive: true, ..seen("contoso.example", 500) },
            DomainSeen { is_guest_home: true, ..seen("contoso.onmicrosoft.com", 3) },
            DomainSeen { is_sharepoint_tenant: true, ..seen("old.onmicrosoft.com", 1) },
            DomainSeen { has_member_targets: true, ..seen("converted.example", 4) },
            DomainSeen { has_member_targets: true, ..seen("second.example", 400) },
            seen("fabrikam.example", 5000),
        ]);
        assert_eq!(found, ["contoso.example", "contoso.onmicrosoft.com", "old.onmicrosoft.com"]);
    }

    #[test]
    fn weak_evidence_counts_with_a_tenth_of_the_records() {
        let found = infer(&[
            DomainSeen { shares_tenant_name: true, ..seen("contoso.example", 60) },
            DomainSeen { has_member_targets: true, ..seen("converted.example", 4) },
            seen("fabrikam.example", 36),
        ]);
        assert_eq!(found, ["contoso.example"]);
    }

    #[test]
    fn a_dominant_domain_is_taken_only_when_nothing_else_tells() {
        assert_eq!(infer(&[seen("contoso.example", 90), seen("fabrikam.example", 10)]), ["contoso.example"]);
        assert_eq!(infer(&[seen("contoso.example", 9), seen("fabrikam.example", 1)]), [""; 0], "too few to tell");
        assert_eq!(infer(&[seen("contoso.example", 60), seen("fabrikam.example", 40)]), [""; 0]);
        assert_eq!(infer(&[]), [""; 0]);
    }

    #[test]
    fn mail_providers_are_never_inside() {
        let all =
            DomainSeen { is_guest_home: true, owns_onedrive: true, has_member_targets: true, ..seen("gmail.com", 900) };
        assert_eq!(infer(&[all]), [""; 0]);
    }

    #[test]
    fn evidence_is_read_from_names_and_urls() {
        assert_eq!(guest_home("a_b.c#EXT#@Contoso.onmicrosoft.com").as_deref(), Some("contoso.onmicrosoft.com"));
        assert_eq!(guest_home("ana@contoso.example"), None);
        for (url, tenant) in [
            ("https://contoso.sharepoint.com/sites/HR", Some("contoso")),
            ("https://Contoso-my.SharePoint.com/personal/x", Some("contoso")),
            ("https://contoso.sharepoint-mil.us", Some("contoso")),
            ("https://example.com/sharepoint.com", None),
            ("x", None),
        ] {
            assert_eq!(sharepoint_tenant(url).as_deref(), tenant, "{url}");
        }
        let url = "https://contoso-my.sharepoint.com/personal/ana_b_contoso_example/Documents/x";
        assert!(owns_onedrive("Ana.B@contoso.example", url));
        assert!(!owns_onedrive("ana@contoso.example", url));
        assert!(!owns_onedrive("", "https://x/personal//y"));
    }
}
