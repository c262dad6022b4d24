//! Names of groups that may be those of links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trail::share::link_name::LinkName;

fuzz_target!(|name: &str| {
    if let Some(read) = LinkName::parse(name) {
        // A company's link is no way in from outside.
        assert!(!read.is_company() || read.share_kind().is_none());
        // The name made of what was read is read as the same.
        let again = format!("SharingLinks.{}.{}.{}", read.item, read.kind, read.link_id);
        let expected = (&read.item, read.kind, &read.link_id);
        assert_eq!(LinkName::parse(&again).as_ref().map(|read| (&read.item, read.kind, &read.link_id)), Some(expected));
    }
});
