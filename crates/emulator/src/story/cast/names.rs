//! Names of people, organisations, sites and files. All are made up; domains are reserved ones (RFC 2606) or Microsoft's
//! fictitious companies below them.

/// Given names.
pub(crate) const GIVEN: [&str; 24] = [
    "Ana", "Bram", "Chloe", "Dario", "Elif", "Femke", "Goran", "Hana", "Ivo", "Jana", "Kofi", "Lene", "Milan", "Nadia",
    "Oskar", "Petra", "Quentin", "Rosa", "Sven", "Tariq", "Ulla", "Vera", "Wim", "Yara",
];
/// Family names.
pub(crate) const FAMILY: [&str; 20] = [
    "Albers",
    "Brandt",
    "Costa",
    "Dvorak",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hoffmann",
    "Ito",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Weber",
];
/// Organisations of outsiders, and the index of their place in [`super::places::ABROAD`].
pub(crate) const DOMAINS: [(&str, usize); 16] = [
    ("fabrikam.example", 0),
    ("adatum.example", 1),
    ("northwind.example", 2),
    ("tailspin.example", 3),
    ("woodgrove-bank.example", 4),
    ("litware.example", 5),
    ("proseware.example", 6),
    ("wingtip.co.example", 7),
    ("lucerne-publishing.example", 4),
    ("fourthcoffee.example", 8),
    ("treyresearch.example", 9),
    ("margies-travel.example", 10),
    ("humongous-insurance.example", 2),
    ("graphic-design.example", 11),
    ("freemail.example", 0),
    ("postfach.example", 11),
];
/// Team sites.
pub(crate) const TEAMS: [&str; 12] = [
    "Finance",
    "HR",
    "Legal",
    "Sales",
    "Marketing",
    "Engineering",
    "Procurement",
    "Facilities",
    "Research",
    "Support",
    "Board",
    "Mergers",
];
/// Folders.
pub(crate) const FOLDERS: [&str; 8] =
    ["Offers", "Contracts", "2026", "Drafts", "Minutes", "Plans", "Reports", "Übergabe"];
/// File names before the number and extension.
pub(crate) const SUBJECTS: [&str; 20] = [
    "Budget",
    "Forecast",
    "Statement of work",
    "Price list",
    "Minutes",
    "Roadmap",
    "Onboarding",
    "Audit findings",
    "Design review",
    "Invoice",
    "Résumé",
    "Größenplan",
    "会議メモ",
    "漢字テスト",
    "Launch 🎉",
    "Q&A",
    "Terms (final)",
    "Risk #4",
    "\"Quoted\" brief",
    "Rate card +10%",
];
/// File extensions.
pub(crate) const EXTENSIONS: [&str; 8] = ["docx", "xlsx", "pptx", "pdf", "docx", "xlsx", "png", "txt"];
/// Projects for sites that are made during the story.
pub(crate) const PROJECTS: [&str; 8] = ["Kestrel", "Heron", "Osprey", "Plover", "Siskin", "Dunlin", "Merlin", "Avocet"];
