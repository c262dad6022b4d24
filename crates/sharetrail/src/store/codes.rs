//! Closed sets as small numbers. A number, once given, keeps its meaning: files of older releases hold it. Numbers
//! that this release does not know read as the first of their set, which no release has ever given another meaning.

use trail::access::Exclusion;
use trail::client::ClientKind;
use trail::fold::Source;
use trail::identity::{PersonBasis, PersonKind};
use trail::operation::Action;

/// The numbers of all exclusions.
pub(super) const EXCLUSIONS: std::ops::RangeInclusive<i64> = 1..=13;

/// Defines both directions between a closed set and its numbers.
macro_rules! codes {
    ($type:ty, $to:ident, $from:ident, [$(($code:literal, $value:ident)),* $(,)?], $first:ident) => {
        pub(super) fn $to(value: $type) -> i64 {
            match value { $(<$type>::$value => $code,)* }
        }

        pub(super) fn $from(code: i64) -> $type {
            match code { $($code => <$type>::$value,)* _ => <$type>::$first }
        }
    };
}

codes!(
    Action,
    action,
    action_of,
    [(1, Read), (2, WeakRead), (3, Take), (4, Change), (5, Delete), (6, Browse), (7, Redeem),],
    Read
);

codes!(
    PersonKind,
    person_kind,
    person_kind_of,
    [
        (1, Unknown),
        (2, Guest),
        (3, PasscodeGuest),
        (4, Anonymous),
        (5, Foreign),
        (6, PartnerAdmin),
        (7, Member),
        (8, System),
        (9, Application),
    ],
    Unknown
);

codes!(
    PersonBasis,
    person_basis,
    person_basis_of,
    [
        (1, ExtUpn),
        (2, SpoGuest),
        (3, SpoAnon),
        (4, Anonymous),
        (5, UserType),
        (6, TargetType),
        (7, ForeignDomain),
        (8, Configured),
    ],
    ExtUpn
);

codes!(ClientKind, client_kind, client_kind_of, [(1, Person), (2, Service), (3, Sync), (4, Bot)], Person);

codes!(Source, source, source_of, [(1, Import), (2, Defender), (3, Hunting), (4, Graph), (5, AuditFeed)], Import);

codes!(
    Exclusion,
    exclusion,
    exclusion_of,
    [
        (1, NotAnAccess),
        (2, CompanyLink),
        (3, Plumbing),
        (4, SideEffect),
        (5, UnknownActor),
        (6, SystemActor),
        (7, Insider),
        (8, NoTime),
        (9, NoItem),
        (10, EmbeddedContainer),
        (11, InterfaceFile),
        (12, ZipOfFiles),
        (13, TeamWithoutSite),
    ],
    NotAnAccess
);
