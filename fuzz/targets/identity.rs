//! Who somebody is, in any form that records have. The first line names them, the second a domain or a kind of target.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trail::activity::Target;
use trail::identity::{Domains, actor, canonical, guest_home, recipient};

fuzz_target!(|text: &str| {
    let (name, other) = text.split_once('\n').unwrap_or((text, "contoso.example"));
    let _ = (canonical(name), guest_home(name));
    for domains in [Domains::default(), Domains::new([other], [""; 0])] {
        for user_type in [None, Some(0), Some(10)] {
            let person = actor(Some(name), user_type, None, &domains);
            assert!(!(person.is_outside() && person.is_known_inside()), "both inside and outside: {person:?}");
            // Records of one person come together whatever the case of a letter.
            let shouted = name.to_ascii_uppercase();
            assert_eq!(actor(Some(&shouted), user_type, None, &domains).canonical, person.canonical);
        }
        let _ = recipient(&Target { name: name.into(), kind: Some(other.into()) }, &domains);
    }
});
