//! The tenant's sensitivity labels.

/// A sensitivity label.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// Immutable id.
    pub(crate) id: &'static str,
    /// Name, sub-labels as `Parent\Child`.
    pub(crate) name: &'static str,
    /// Order number: higher is more sensitive.
    pub(crate) order: u32,
    /// Whether a file with this label counts as classified.
    pub(crate) classified: bool,
}

/// For everybody.
pub(crate) static PUBLIC: Label =
    Label { id: "1a19d03a-48bc-4359-8038-5b5f6d5847c3", name: "Public", order: 0, classified: false };
/// The ordinary label.
pub(crate) static GENERAL: Label =
    Label { id: "87867195-f2b8-4ac2-b0b6-6bb73cb33afc", name: "General", order: 1, classified: false };
/// Classified.
pub(crate) static CONFIDENTIAL: Label =
    Label { id: "2096f6a2-d2f7-48be-b329-b73aaa526e5d", name: "Confidential", order: 2, classified: true };
/// Classified; has a sub-label, so no file bears it itself.
static HIGHLY_CONFIDENTIAL_PARENT: Label =
    Label { id: "b7a4c1de-50f3-4a86-9a1e-3c9d27e604f8", name: "Highly Confidential", order: 3, classified: true };
/// Classified, a sub-label.
pub(crate) static HIGHLY_CONFIDENTIAL: Label = Label {
    id: "f42aa342-8706-4288-bd11-ebb85995028c",
    name: "Highly Confidential\\Project",
    order: 4,
    classified: true,
};
/// A label of a partner's tenant on a file that the partner sent: this tenant does not know it.
pub(crate) static OF_ANOTHER_TENANT: Label =
    Label { id: "5f1dc1d2-9d38-47ec-9a64-3f2e1e9e0c11", name: "", order: 0, classified: false };

/// The labels that this tenant knows.
pub(crate) static KNOWN: [&Label; 5] =
    [&PUBLIC, &GENERAL, &CONFIDENTIAL, &HIGHLY_CONFIDENTIAL_PARENT, &HIGHLY_CONFIDENTIAL];
