//! A file as blocks of one size, each named by its place and its content. Equal names are equal bytes, so what two versions
//! share need not travel, and what arrives can be checked ([0055](../../../../docs/decisions/0055-a-state-of-named-blocks.md)).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Size of every block but the last, which is what is left.
pub const BLOCK_BYTES: usize = 256 * 1024;

const PLACE_BYTES: usize = 4;
const HASH_BYTES: usize = 32;
/// Length of a name; all blocks of a blob have names of one length (Microsoft: "Put Block").
pub const NAME_BYTES: usize = PLACE_BYTES + HASH_BYTES;

/// The name of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockName([u8; NAME_BYTES]);

impl BlockName {
    /// The name of this content at this place.
    pub fn of(place: usize, content: &[u8]) -> Self {
        let mut name = [0; NAME_BYTES];
        // No file here has so many blocks that its place would not fit.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        name[..PLACE_BYTES].copy_from_slice(&place.to_be_bytes());
        name[PLACE_BYTES..].copy_from_slice(blake3::hash(content).as_bytes());
        Self(name)
    }

    /// A name as a service tells it; `None` when it is none of ours, or stands at another place.
    pub fn read(place: usize, name: &[u8]) -> Option<Self> {
        let name = Self(name.try_into().ok()?);
        let told = u32::from_be_bytes(name.0[..PLACE_BYTES].try_into().ok()?);
        (usize::try_from(told).ok()? == place).then_some(name)
    }

    /// As bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The names of a file's blocks, in order; a file that is not there has none.
///
/// # Errors
/// Those of reading it.
pub fn names_of(path: &Path) -> io::Result<Vec<BlockName>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    let mut names = Vec::new();
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    loop {
        block.clear();
        file.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(names);
        }
        names.push(BlockName::of(names.len(), &block));
    }
}

/// The names of a version as a service tells them; `None` when they are none of ours, as when somebody put a file there by
/// other means.
pub fn names_told(blocks: &[(Vec<u8>, u64)], bytes: u64) -> Option<Vec<BlockName>> {
    let whole = blocks.len().saturating_sub(1);
    let mut sum = 0;
    let names = blocks.iter().enumerate().map(|(place, (name, size))| {
        sum += size;
        let fits = if place < whole { *size == BLOCK_BYTES as u64 } else { *size <= BLOCK_BYTES as u64 };
        BlockName::read(place, name).filter(|_| fits)
    });
    let names = names.collect::<Option<Vec<_>>>()?;
    (sum == bytes).then_some(names)
}

/// Places at which `to` has a block that `from` has not.
pub fn changed(from: &[BlockName], to: &[BlockName]) -> Vec<usize> {
    (0..to.len()).filter(|place| from.get(*place) != to.get(*place)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(content: &[u8]) -> Vec<BlockName> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        names_of(file.path()).unwrap()
    }

    fn told(content: &[u8], names: &[BlockName]) -> Vec<(Vec<u8>, u64)> {
        let sizes = content.chunks(BLOCK_BYTES).map(|block| block.len() as u64);
        names.iter().map(|name| name.bytes().to_vec()).zip(sizes).collect()
    }

    #[test]
    fn a_file_that_is_not_there_has_no_blocks() {
        assert_eq!(names_of(Path::new("/nowhere/at/all")).unwrap(), []);
    }

    #[test]
    fn blocks_of_somebody_else_have_no_names() {
        let content = vec![7; BLOCK_BYTES + 5];
        let ours = told(&content, &names(&content));
        let bytes = content.len() as u64;
        assert_eq!(names_told(&ours, bytes).unwrap(), names(&content));
        // In one piece, without blocks.
        assert_eq!(names_told(&[], bytes), None);
        // Of another tool, in another order, of another size.
        assert_eq!(names_told(&[(b"000001".to_vec(), bytes)], bytes), None);
        assert_eq!(names_told(&[ours[1].clone(), ours[0].clone()], bytes), None);
        assert_eq!(names_told(&[(ours[0].0.clone(), 7), ours[1].clone()], 12), None);
    }

    proptest! {
        #[test]
        fn what_changed_is_what_differs(
            length in 0_usize..(3 * BLOCK_BYTES), grown in 0_usize..BLOCK_BYTES, touched in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        ) {
            let before = vec![1; length];
            let mut after = vec![1; length + grown];
            for touch in &touched {
                if !after.is_empty() {
                    let at = touch.index(after.len());
                    after[at] = 2;
                }
            }
            let changed = changed(&names(&before), &names(&after));
            for (place, block) in after.chunks(BLOCK_BYTES).enumerate() {
                let same = before.chunks(BLOCK_BYTES).nth(place) == Some(block);
                prop_assert_eq!(changed.contains(&place), !same);
            }
        }
    }
}
