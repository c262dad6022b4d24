//! What a check came to.

use serde::Serialize;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// It works, and something about it should be looked at.
    Warning,
    /// It does not work.
    Failed,
    /// Not looked at, because something that it rests on failed or is not known; the reason is told.
    NotChecked,
}

/// One finding. Its texts are not changed any more, and boxed, since it also goes as an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whose; `None`: of the installation.
    pub tenant: Option<String>,
    /// What was looked at; a heading of the guide page.
    pub topic: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found.
    pub what: Box<str>,
    /// The reason, as far as it is known.
    pub why: Option<Box<str>>,
    /// What to do about it.
    pub remedy: Option<Box<str>>,
    /// Where the guide speaks of it.
    pub guide: Box<str>,
}

impl Finding {
    fn new(topic: &'static str, verdict: Verdict, what: impl Into<String>) -> Self {
        let guide = format!("docs/guide/doctor.md#{}", topic.replace(' ', "-"));
        Self {
            tenant: None,
            topic,
            verdict,
            what: what.into().into_boxed_str(),
            why: None,
            remedy: None,
            guide: guide.into_boxed_str(),
        }
    }

    /// As it should be.
    pub fn fine(topic: &'static str, what: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Fine, what)
    }

    /// Works, and should be looked at.
    pub fn warning(topic: &'static str, what: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Warning, what)
    }

    /// Does not work.
    pub fn failed(topic: &'static str, what: impl Into<String>) -> Self {
        Self::new(topic, Verdict::Failed, what)
    }

    /// Not looked at, because of something else.
    pub fn not_checked(topic: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(topic, Verdict::NotChecked, what).because(why)
    }

    /// With its reason.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into().into_boxed_str());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into().into_boxed_str());
        self
    }

    /// Of a tenant.
    #[must_use]
    pub fn of(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }
}
