//! Log Analytics workspaces, found by name or id through Azure Resource Manager.
//! Source: Microsoft, "Subscriptions - List" (2022-12-01) and "Workspaces" (2025-07-01).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::{Bearer, Credential};
use crate::config::settings::{Cloud, Workspace};
use crate::http::{Client, Failure, Next, Request, require_https, same_service};
use crate::secret::Secret;

const SUBSCRIPTIONS_VERSION: &str = "2022-12-01";
const WORKSPACES_VERSION: &str = "2025-07-01";

/// Pages of one list that are followed; more means that the service sends us in circles.
const PAGES_MAX: usize = 1_000;

/// A workspace that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundWorkspace {
    /// `/subscriptions/…/workspaces/…`
    pub resource_id: String,
    /// Its name as the service spells it.
    pub name: String,
    /// The workspace id (`customerId`), a GUID.
    pub customer_id: String,
}

/// Asks Azure Resource Manager.
#[derive(Debug, Clone)]
pub struct ResourceManager {
    pub(super) bearer: Bearer,
    base: Url,
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    subscription_id: String,
}

#[derive(Deserialize)]
struct Resource {
    id: String,
    name: String,
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    customer_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    primary_shared_key: String,
}

impl ResourceManager {
    /// Asks with tokens of `credential`, which needs Reader where it shall search.
    pub fn new(client: &Client, cloud: &Cloud, credential: &Credential) -> Self {
        Self { bearer: Bearer::new(client, credential, &cloud.arm_scope), base: cloud.arm.clone() }
    }

    /// The one workspace that `wanted` names, in every subscription that can be read, or in what narrows it.
    ///
    /// # Errors
    /// `Stop` when there is none (saying where it was searched) or more than one (listing them).
    pub async fn find(&self, wanted: &Workspace) -> Result<FoundWorkspace, Failure> {
        let (group, subscription) = match wanted {
            Workspace::Id(_) => (None, None),
            Workspace::Named { resource_group, subscription_id, .. } => {
                (resource_group.as_deref(), subscription_id.clone())
            }
        };
        let subscriptions = match subscription {
            Some(id) => vec![id],
            None => {
                let path = ["subscriptions"];
                let found: Vec<Subscription> = self
                    .list(&path, SUBSCRIPTIONS_VERSION)
                    .await
                    .map_err(|failure| failure.while_doing("listing the subscriptions"))?;
                found.into_iter().map(|subscription| subscription.subscription_id).collect()
            }
        };
        let (mut found, mut closed) = (Vec::new(), Vec::new());
        for subscription in &subscriptions {
            match self.workspaces(subscription, group).await {
                Ok(workspaces) => found.extend(workspaces.into_iter().filter(|one| is_wanted(one, wanted))),
                // The group need not be in every subscription, nor every subscription open to us.
                Err(failure) if failure.next == Next::NotFound => {}
                Err(failure) if failure.next == Next::Forbidden => closed.push(subscription.as_str()),
                Err(failure) => return Err(failure.while_doing("searching the workspace")),
            }
        }
        match (found.pop(), found.as_slice()) {
            (None, _) => Err(Failure::stop(self.not_found(wanted, group, &subscriptions, &closed))),
            (Some(one), []) => Ok(one),
            (Some(last), others) => {
                let mut ids: Vec<&str> = others.iter().map(|one| one.resource_id.as_str()).collect();
                ids.push(&last.resource_id);
                Err(Failure::stop(format!(
                    "{} exists {} times: {}; name its resource_group or subscription_id in the configuration",
                    described(wanted),
                    ids.len(),
                    ids.join(", ")
                )))
            }
        }
    }

    /// The workspace's primary shared key.
    ///
    /// # Errors
    /// `Forbidden` names the role that is missing.
    pub async fn shared_key(&self, workspace: &FoundWorkspace) -> Result<Secret, Failure> {
        let path: Vec<&str> =
            workspace.resource_id.split('/').filter(|part| !part.is_empty()).chain(["sharedKeys"]).collect();
        let request = Request::post_empty(self.address(&path, WORKSPACES_VERSION));
        let answer = self.bearer.send(&request, None).await.map_err(|failure| match failure.next {
            Next::Forbidden => {
                let why = format!(
                    "{} may not read the keys of the workspace {}; give it the role Log Analytics Contributor there, or store \
                     the key and name it in shared_key. {}",
                    self.bearer.who(),
                    workspace.name,
                    failure.why
                );
                failure.in_words(why)
            }
            _ => failure.while_doing(format!("reading the keys of the workspace {}", workspace.name)),
        })?;
        Ok(Secret::new(answer.json::<Keys>()?.primary_shared_key))
    }

    async fn workspaces(&self, subscription: &str, group: Option<&str>) -> Result<Vec<FoundWorkspace>, Failure> {
        let mut path = vec!["subscriptions", subscription];
        if let Some(group) = group {
            path.extend(["resourceGroups", group]);
        }
        path.extend(["providers", "Microsoft.OperationalInsights", "workspaces"]);
        let resources: Vec<Resource> = self.list(&path, WORKSPACES_VERSION).await?;
        let found = resources.into_iter().map(|resource| FoundWorkspace {
            resource_id: resource.id,
            name: resource.name,
            customer_id: resource.properties.customer_id,
        });
        Ok(found.collect())
    }

    /// A whole list, page by page.
    async fn list<T: DeserializeOwned>(&self, path: &[&str], version: &str) -> Result<Vec<T>, Failure> {
        let mut next = Some(self.address(path, version));
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { return Ok(all) };
            let answer = self.bearer.send(&Request::get(url), None).await?;
            let page: Page<T> = answer.json()?;
            all.extend(page.value);
            next = page.next_link.filter(|link| !link.is_empty()).map(|link| self.checked(&link)).transpose()?;
        }
        Err(Failure::stop(format!("the list at {} has no end after {PAGES_MAX} pages", self.base)))
    }

    /// A link to the next page gets our token only when it leads to the same service.
    fn checked(&self, link: &str) -> Result<Url, Failure> {
        let url = Url::parse(link)
            .map_err(|error| Failure::stop(format!("the link to the next page is no address: {error}")))?;
        require_https(&url)?;
        if same_service(&url, &self.base) {
            return Ok(url);
        }
        Err(Failure::stop(format!(
            "a list of {} continues at {}, another service, and is not followed there with our token; set cloud.arm to the \
             address that the service itself uses",
            crate::http::host_and_port(&self.base),
            crate::http::host_and_port(&url)
        )))
    }

    pub(super) fn address(&self, path: &[&str], version: &str) -> Url {
        let mut url = self.base.clone();
        // An http address can be a base; the check of the configuration lets no other through.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.query_pairs_mut().append_pair("api-version", version);
        url
    }

    fn not_found(&self, wanted: &Workspace, group: Option<&str>, searched: &[String], closed: &[&str]) -> String {
        let who = self.bearer.who();
        if searched.is_empty() {
            return format!(
                "{} was not found, because {who} can read no subscription at all; give it the role Reader on the workspace",
                described(wanted)
            );
        }
        let group = group.map(|group| format!("resource group {group} of ")).unwrap_or_default();
        let closed =
            if closed.is_empty() { String::new() } else { format!(" (of which closed to it: {})", closed.join(", ")) };
        format!(
            "{} was not found in {group}{} subscription(s) that {who} can see: {}{closed}; check the name, and give it the \
             role Reader on the workspace",
            described(wanted),
            searched.len(),
            searched.join(", ")
        )
    }
}

fn is_wanted(found: &FoundWorkspace, wanted: &Workspace) -> bool {
    match wanted {
        Workspace::Id(id) => found.customer_id.eq_ignore_ascii_case(id),
        Workspace::Named { name, .. } => found.name.eq_ignore_ascii_case(name),
    }
}

fn described(wanted: &Workspace) -> String {
    match wanted {
        Workspace::Id(id) => format!("the workspace with id {id}"),
        Workspace::Named { name, .. } => format!("the workspace {name}"),
    }
}
