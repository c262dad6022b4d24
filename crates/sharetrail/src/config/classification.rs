//! Checks of what counts as classified: labels and declared places.

use std::path::PathBuf;
use std::sync::Arc;

use trail::classification::{Declared, DeclaredPlace};
use url::Url;

use super::check::Check;
use super::settings::Classification;
use super::written::{ClassificationTable, DeclaredTable};

/// `[tenant.classification]` at `path`.
pub fn classification(
    check: &mut Check,
    path: &str,
    table: ClassificationTable,
    labels_from_graph: bool,
) -> Classification {
    let at = |key: &str| format!("{path}.{key}");
    let labels_file = table.labels_file.and_then(|written| labels_file(check, &at("labels_file"), &written));
    // One that was written and refused is missed no further.
    let has_labels = labels_from_graph || labels_file.is_some() || check.lines.contains_key(&at("labels_file"));
    let classified_labels = table.classified_labels.unwrap_or_default();
    labels(check, &at("classified_labels"), &classified_labels, has_labels);
    if table.order_min.is_some() && !has_labels {
        check.problem(
            &at("order_min"),
            "needs `labels_file`, or labels from Graph ([tenant.directory]): audit records bear ids of labels and not their order",
        );
    }
    let order_min = table.order_min.map(|order| check.number32(&at("order_min"), Some(order), 0, 0..=1_000_000));
    let declared = table.declared.unwrap_or_default().into_iter().enumerate();
    Classification {
        labels_file,
        classified_labels,
        order_min: order_min.map(i64::from),
        classified_policies: policies(check, &at("classified_policies"), table.classified_policies),
        declared: declared
            .filter_map(|(index, table)| declared_place(check, &format!("{path}.declared.{index}"), table))
            .collect(),
        lower_label_lowers_declared: table.lower_label_lowers_declared.unwrap_or(false),
    }
}

fn labels_file(check: &mut Check, path: &str, written: &str) -> Option<PathBuf> {
    if written.trim().is_empty() {
        check.problem(path, "is empty: name the file with the tenant's labels, or leave the key out");
        return None;
    }
    Some(check.file(written))
}

/// Labels by name mean something only where the names are known; one that is never met would hide what is classified.
fn labels(check: &mut Check, path: &str, written: &[String], has_labels: bool) {
    for (index, label) in written.iter().enumerate() {
        let path = format!("{path}.{index}");
        if label.trim().is_empty() {
            check.problem(&path, "has an empty entry: write names or ids of labels");
        } else if trail::id::guid(label).is_none() && !has_labels {
            check.problem(
                &path,
                "names a label, and audit records bear ids only: give the file with the labels as `labels_file`, let Graph \
                 name them ([tenant.directory]), or write the label's immutable id",
            );
        }
    }
}

fn policies(check: &mut Check, path: &str, written: Option<Vec<String>>) -> Vec<String> {
    let policies = written.unwrap_or_default();
    for (index, policy) in policies.iter().enumerate() {
        if policy.trim().is_empty() {
            check.problem(&format!("{path}.{index}"), "has an empty entry: write names or ids of policies");
        }
    }
    policies
}

fn declared_place(check: &mut Check, path: &str, table: DeclaredTable) -> Option<Declared> {
    let at = |key: &str| format!("{path}.{key}");
    let level = check.required(&at("level"), table.level, "what the place is, such as \"Confidential\"");
    let place = match (table.url, table.site_id) {
        (Some(_), Some(_)) => {
            check.problem(&at("site_id"), "and `url` exclude each other: declare a place by one of them");
            None
        }
        (None, Some(id)) => {
            // The form of ids elsewhere in the file; braces, as some tools print them, do no harm.
            let place = DeclaredPlace::from_site_id(&id);
            if place.is_none() {
                check.problem(&at("site_id"), "must be a GUID, such as 11111111-2222-3333-4444-555555555555");
            }
            place
        }
        (url, None) => {
            let hint = "the address of the site, library or folder, or `site_id` with the site's id";
            let url = check.required(&at("url"), url, hint);
            url.and_then(|url| address(check, &at("url"), &url))
        }
    };
    Some(Declared { place: place?, level: Arc::from(level?) })
}

/// An address that items lie below. What a browser shows is often the address of something else.
fn address(check: &mut Check, path: &str, written: &str) -> Option<DeclaredPlace> {
    let wrong = match Url::parse(written) {
        Err(_) if !written.contains("://") => {
            "is not an address; write it in full, such as https://contoso.sharepoint.com/sites/HR/Documents"
        }
        Err(_) => "is not a valid address, such as https://contoso.sharepoint.com/sites/HR/Documents",
        Ok(url) if url.scheme() != "https" => "must start with https://, as addresses in audit records do",
        Ok(url) if !url.username().is_empty() || url.password().is_some() => "must not contain a user name or password",
        Ok(url) if is_page(url.path()) => {
            "is the address of a page that shows a library or folder; write the library's or folder's own, such as \
             https://contoso.sharepoint.com/sites/HR/Documents (Details › Path in the browser)"
        }
        Ok(_) => match DeclaredPlace::from_url(written) {
            Some(place) => return Some(place),
            None => {
                "is a sharing link, which does not say where it leads; write the address of the place itself (Details › \
                 Path in the browser)"
            }
        },
    };
    check.problem(path, wrong);
    None
}

/// `…/Documents/Forms/AllItems.aspx?id=…` and `…/_layouts/15/onedrive.aspx?id=…`, which browsers show for a folder.
fn is_page(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.contains("/_layouts/") || path.contains("/forms/") && path.ends_with(".aspx")
}
