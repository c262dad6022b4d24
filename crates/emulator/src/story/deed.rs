//! What a person can do to a file, and which operation the service logs for it.

/// One deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Opens a file.
    Open,
    /// Still has it open.
    KeepOpen,
    /// Opens it, in the words of an older service.
    View,
    /// Sees a preview.
    Preview,
    /// A service makes a thumbnail while the person looks at the folder.
    Thumbnail,
    /// Downloads it.
    Download,
    /// Office on the web fetches the file that the person opened: a download in name only.
    OfficeFetch,
    /// Office on the web saves what the person typed.
    OfficeSave,
    /// The sync client downloads it.
    SyncDown,
    /// Copies it to another folder.
    Copy,
    /// Changes it.
    Modify,
    /// Goes on changing it.
    KeepModifying,
    /// Uploads a new version.
    Upload,
    /// Checks it out.
    CheckOut,
    /// Renames it.
    Rename,
    /// Moves it to the recycle bin.
    Recycle,
    /// Looks at an entry of a list.
    ViewListItem,
    /// Looks at a list or library.
    ViewList,
}

impl Deed {
    /// The operation that the service logs (Microsoft: audit log activities).
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Open => "FileAccessed",
            Self::KeepOpen => "FileAccessedExtended",
            Self::View => "FileViewed",
            Self::Preview | Self::Thumbnail => "FilePreviewed",
            Self::Download | Self::OfficeFetch => "FileDownloaded",
            Self::SyncDown => "FileSyncDownloadedFull",
            Self::Copy => "FileCopied",
            Self::Modify | Self::OfficeSave => "FileModified",
            Self::KeepModifying => "FileModifiedExtended",
            Self::Upload => "FileUploaded",
            Self::CheckOut => "FileCheckedOut",
            Self::Rename => "FileRenamed",
            Self::Recycle => "FileRecycled",
            Self::ViewListItem => "ListItemViewed",
            Self::ViewList => "ListViewed",
        }
    }

    /// What it amounts to.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Open | Self::KeepOpen | Self::View | Self::OfficeFetch => "read",
            Self::Preview | Self::Thumbnail => "weak_read",
            Self::Download | Self::SyncDown | Self::Copy => "take",
            Self::Modify | Self::KeepModifying | Self::OfficeSave | Self::Upload | Self::CheckOut | Self::Rename => {
                "change"
            }
            Self::Recycle => "delete",
            Self::ViewListItem | Self::ViewList => "browse",
        }
    }

    /// Whether it continues an earlier access for hours.
    pub(crate) fn is_extended(self) -> bool {
        matches!(self, Self::KeepOpen | Self::KeepModifying)
    }
}
