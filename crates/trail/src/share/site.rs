//! Where one site ends and another begins.

use crate::record::self_and_ancestors;

/// How many levels `above` lies above `path` (0: it is the same place); `None` when it does not. Both are normalised URLs.
///
/// Borders of segments count, and those of sites: the site at the root of a host does not hold those below `/sites/`.
pub(super) fn levels_above(above: &str, path: &str) -> Option<usize> {
    let levels = self_and_ancestors(path).position(|ancestor| ancestor == above)?;
    (site_of(above) == site_of(path)).then_some(levels)
}

/// Whether `above` lies above `path`.
pub(super) fn is_above(above: &str, path: &str) -> bool {
    levels_above(above, path).is_some_and(|levels| levels > 0)
}

/// `https://host/sites/x`, `/teams/x` or `/personal/x`, else the host: within it an item keeps its id and its links.
pub(super) fn site_of(path: &str) -> &str {
    let host_start = path.find("://").map_or(0, |at| at + 3);
    let host_end = path.get(host_start..).and_then(|rest| rest.find('/')).map_or(path.len(), |at| host_start + at);
    let Some(rest) = path.get(host_end..) else { return path };
    let mut ends = rest.match_indices('/').map(|(at, _)| at).skip(1);
    let managed = ["/sites/", "/teams/", "/personal/", "/portals/"].iter().any(|prefix| rest.starts_with(prefix));
    if !managed {
        return path.get(..host_end).unwrap_or(path);
    }
    let second = ends.nth(1).map_or(path.len(), |at| host_end + at);
    path.get(..second).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_end_after_their_name() {
        for (path, site) in [
            ("https://c.example/sites/hr/docs/a.docx", "https://c.example/sites/hr"),
            ("https://c.example/sites/hr", "https://c.example/sites/hr"),
            ("https://c-my.example/personal/ana/documents", "https://c-my.example/personal/ana"),
            ("https://c.example/docs/a.docx", "https://c.example"),
            ("https://c.example", "https://c.example"),
            ("", ""),
        ] {
            assert_eq!(site_of(path), site, "{path}");
        }
    }

    #[test]
    fn what_is_above_ends_at_borders_of_segments_and_of_sites() {
        for (above, path, levels) in [
            ("https://c/sites/hr/docs", "https://c/sites/hr/docs", Some(0)),
            ("https://c/sites/hr/docs", "https://c/sites/hr/docs/2026/a.docx", Some(2)),
            ("https://c/sites/hr", "https://c/sites/hr/docs/a.docx", Some(2)),
            ("https://c", "https://c/docs/a.docx", Some(2)),
            ("https://c", "https://c/sites/hr/docs/a.docx", None),
            ("https://c/sites/hr/do", "https://c/sites/hr/docs", None),
            ("https://c/sites/hr/docs/a.docx", "https://c/sites/hr/docs", None),
        ] {
            assert_eq!(levels_above(above, path), levels, "{above} {path}");
        }
    }
}
