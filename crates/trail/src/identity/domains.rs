//! Which domains are ours.

/// The domains whose people are inside, as configured or inferred; compared without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains {
    internal: Vec<String>,
    trusted: Vec<String>,
}

impl Domains {
    /// `internal`: every accepted domain, `*.onmicrosoft.com` included. `trusted`: domains of partners or sister companies
    /// whose people count as inside, even with a guest account.
    pub fn new<I, T>(internal: I, trusted: T) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
        T: IntoIterator<Item: AsRef<str>>,
    {
        Self { internal: normalised(internal), trusted: normalised(trusted) }
    }

    /// Whether any internal domain is known; without one nobody is known to be inside.
    pub fn are_known(&self) -> bool {
        !self.internal.is_empty()
    }

    /// Whether people with this domain, given in lower case, are inside.
    pub fn hold(&self, domain: &str) -> bool {
        self.internal.iter().chain(&self.trusted).any(|known| known == domain)
    }

    /// The internal domains, sorted, in lower case.
    pub fn internal(&self) -> &[String] {
        &self.internal
    }

    /// The trusted domains, sorted, in lower case.
    pub fn trusted(&self) -> &[String] {
        &self.trusted
    }
}

/// Lower case, without the `@` and the dot that people write around domains.
fn normalised(domains: impl IntoIterator<Item: AsRef<str>>) -> Vec<String> {
    let mut all: Vec<String> = domains
        .into_iter()
        .map(|domain| domain.as_ref().trim().trim_start_matches('@').trim_end_matches('.').to_lowercase())
        .filter(|domain| !domain.is_empty())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_compared_as_people_write_them() {
        let domains = Domains::new([" @Contoso.Example ", "contoso.onmicrosoft.com.", ""], ["Sister.Example"]);
        assert!(domains.are_known());
        for (domain, expected) in
            [("contoso.example", true), ("sister.example", true), ("sub.contoso.example", false), ("", false)]
        {
            assert_eq!(domains.hold(domain), expected, "{domain}");
        }
        assert!(!Domains::new([""; 0], ["sister.example"]).are_known());
    }
}
