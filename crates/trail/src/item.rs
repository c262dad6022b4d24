//! Which file, folder, library or site a record is about.

mod url;

use std::borrow::Cow;

pub use url::{normalise_encoded_url, normalise_url};

use crate::ascii::{contains, ends_with};
use crate::id::guid;
use crate::{Activity, RecordId, Text};

/// Where something happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// What identifies the item: `<site id>|<list item unique id>` in lower case, which survives rename and move inside a
    /// site, or else the normalised URL.
    pub key: String,
    /// The object's URL as the service wrote it.
    pub url: Text<'a>,
    /// The file's name, else the last part of the URL.
    pub name: Text<'a>,
    /// `ItemType` by name.
    pub item_type: Text<'a>,
    /// The site's URL without a `/` at its end: file operations have it, sharing operations do not.
    pub site_url: Text<'a>,
}

/// The item of an activity; `None` when the record names none.
///
/// The URL is `ObjectId`. A file operation without it gets the URL that the schema says it would have had (`SiteUrl`,
/// `SourceRelativeUrl`, file name), any other record its site.
pub fn locate<'a>(activity: &'a Activity<'_>) -> Option<Item<'a>> {
    let site_url = activity.site_url.as_deref().map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty());
    let url = match activity.object_id.as_deref() {
        Some(url) => Some(Cow::Borrowed(url)),
        None => site_url.map(|site| url_from_parts(activity, site)),
    };
    let key = match key_of_ids(activity.site.as_deref(), activity.list_item_unique_id.as_deref()) {
        Some(key) => key,
        None => normalise_url(url.as_deref()?),
    };
    if key.is_empty() {
        return None;
    }
    let name = match activity.source_file_name.as_deref() {
        Some(name) => Some(Cow::Borrowed(name)),
        None => url.as_ref().and_then(last_segment),
    };
    Some(Item {
        key,
        name,
        url,
        item_type: activity.item_type.as_deref().map(Cow::Borrowed),
        site_url: site_url.map(Cow::Borrowed),
    })
}

/// The key of an item by the ids of its site and of itself, where both say something.
pub(crate) fn key_of_ids(site: Option<&str>, item: Option<&str>) -> Option<String> {
    Some(format!("{}|{}", identifier(site)?, identifier(item)?))
}

/// Only file operations (record type 6) have a folder in `SourceRelativeUrl`; elsewhere it includes the file's name.
fn url_from_parts<'a>(activity: &Activity<'_>, site: &'a str) -> Cow<'a, str> {
    match (&activity.source_relative_url, &activity.source_file_name) {
        (folder, Some(name)) if activity.record_type == Some(6) => {
            let folder = folder.as_deref().unwrap_or_default().trim_matches('/');
            let slash = if folder.is_empty() { "" } else { "/" };
            Cow::Owned(format!("{site}/{folder}{slash}{name}"))
        }
        (Some(path), _) => Cow::Owned(format!("{site}/{}", path.trim_matches('/'))),
        _ => Cow::Borrowed(site),
    }
}

/// A GUID in its usual spelling, any other text in lower case; the empty GUID identifies nothing.
fn identifier(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    match guid(text) {
        Some(bytes) => (bytes != [0; 16]).then(|| RecordId(bytes).to_string()),
        None => (!text.is_empty()).then(|| text.to_lowercase()),
    }
}

fn last_segment<'a>(url: &Cow<'a, str>) -> Text<'a> {
    let segment = |url: &str| {
        let end = url.trim_end_matches('/').len();
        let start = url[..end].rfind('/').map_or(0, |slash| slash + 1);
        (start < end).then_some(start..end)
    };
    // The range lies between slashes of the same text, so it ends on characters.
    match url {
        Cow::Borrowed(url) => segment(url).map(|range| Cow::Borrowed(&url[range])),
        Cow::Owned(url) => segment(url).map(|range| Cow::Owned(url[range].to_owned())),
    }
}

/// Folders of a site that hold its interface, not its documents.
const INTERFACE_FOLDERS: [&str; 5] = ["/Forms/", "/_layouts/", "/_catalogs/", "/Style Library/", "/SiteAssets/"];

/// Whether a file belongs to the interface of a site: list forms, pages, layouts, styles, thumbnails of profile pictures.
/// Looking at a library writes `FileAccessed` for them.
pub fn is_interface(url: &str, name: &str) -> bool {
    let name_is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    name_is("All.aspx")
        || name_is("AllItems.aspx")
        || ends_with(name, "_SThumb.jpg")
        || ends_with(name, ".aspx") && contains(url, "/SitePages/")
        || INTERFACE_FOLDERS.iter().any(|folder| contains(url, folder))
}

/// Whether an item lies in SharePoint Embedded, where Loop, Designer and others keep their files: no library that anybody
/// shared.
pub fn is_embedded(url: &str) -> bool {
    contains(url, "/contentstorage/") || contains(url, "/CSP_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://contoso.sharepoint.com/sites/HR/Docs/Offers/Plan 100%25.docx";

    fn text(value: &str) -> Text<'_> {
        Some(Cow::Borrowed(value))
    }

    #[test]
    fn site_and_item_ids_make_the_key_whatever_their_spelling() {
        let activity = Activity {
            object_id: text(URL),
            site: text("{CAC4B654-5FCF-44F0-818E-479CF8AE42AC}"),
            list_item_unique_id: text("141133F2-6710-4F65-9C3B-C840A8D71483"),
            site_url: text("https://contoso.sharepoint.com/sites/HR/"),
            item_type: text("File"),
            ..Activity::default()
        };
        let item = locate(&activity).unwrap();
        assert_eq!(item.key, "cac4b654-5fcf-44f0-818e-479cf8ae42ac|141133f2-6710-4f65-9c3b-c840a8d71483");
        assert_eq!(item.url.as_deref(), Some(URL));
        assert_eq!(item.name.as_deref(), Some("Plan 100%25.docx"));
        assert_eq!(item.site_url.as_deref(), Some("https://contoso.sharepoint.com/sites/HR"));
    }

    #[test]
    fn without_both_ids_the_url_is_the_key() {
        for (site, item) in [
            (None, None),
            (text("a"), None),
            (None, text("b")),
            (text("a"), text("00000000-0000-0000-0000-000000000000")),
        ] {
            let activity = Activity { object_id: text(URL), site, list_item_unique_id: item, ..Activity::default() };
            assert_eq!(locate(&activity).unwrap().key, URL.to_lowercase());
        }
        let ids = Activity { site: text("X"), list_item_unique_id: text("Y"), ..Activity::default() };
        let item = locate(&ids).unwrap();
        assert_eq!((&*item.key, item.url, item.name), ("x|y", None, None));
    }

    #[test]
    fn a_record_without_an_object_is_about_the_path_or_the_site_it_names() {
        let site = text("https://contoso.sharepoint.com/sites/HR/");
        let file = Activity {
            record_type: Some(6),
            site_url: site.clone(),
            source_relative_url: text("Docs/Offers"),
            source_file_name: text("a.docx"),
            ..Activity::default()
        };
        assert_eq!(
            locate(&file).unwrap().url.as_deref(),
            Some("https://contoso.sharepoint.com/sites/HR/Docs/Offers/a.docx")
        );
        let shared = Activity { record_type: Some(14), source_relative_url: text("Docs/a.docx"), ..file.clone() };
        assert_eq!(
            locate(&shared).unwrap().url.as_deref(),
            Some("https://contoso.sharepoint.com/sites/HR/Docs/a.docx")
        );
        let whole_site = Activity { site_url: site, ..Activity::default() };
        let item = locate(&whole_site).unwrap();
        assert_eq!((&*item.key, item.name.as_deref()), ("https://contoso.sharepoint.com/sites/hr", Some("HR")));
        assert_eq!(locate(&Activity::default()), None);
    }

    #[test]
    fn interface_files_are_told_from_documents() {
        for (url, expected) in [
            ("https://c/sites/HR/Docs/Forms/AllItems.aspx", true),
            ("https://c/sites/HR/docs/forms/x.aspx", true),
            ("https://c/sites/HR/All.aspx", true),
            ("https://c/sites/HR/SitePages/Home.aspx", true),
            ("https://c/sites/HR/SitePages/plan.docx", false),
            ("https://c/sites/HR/_layouts/15/viewer.aspx", true),
            ("https://c/sites/HR/_catalogs/x", true),
            ("https://c/sites/HR/Style Library/x.css", true),
            ("https://c/sites/HR/SiteAssets/logo.png", true),
            ("https://c-my/User Photos/Profile Pictures/ana_SThumb.jpg", true),
            ("https://c/sites/HR/Docs/photo.jpg", false),
            ("https://c/sites/HR/Docs/page.aspx", false),
            ("https://c/sites/HR/Platforms/x.docx", false),
            ("https://c/sites/Forms", false),
        ] {
            let name = url.rsplit('/').next().unwrap();
            assert_eq!(is_interface(url, name), expected, "{url}");
        }
    }

    #[test]
    fn embedded_containers_are_told_from_libraries() {
        assert!(is_embedded("https://c.sharepoint.com/contentstorage/CSP_1/Documents/x.loop"));
        assert!(is_embedded("https://c.sharepoint.com/x/csp_97ee2049/x.loop"));
        assert!(!is_embedded(URL));
    }
}
