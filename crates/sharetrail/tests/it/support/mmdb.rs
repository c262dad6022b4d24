//! A small file of places in MaxMind's format (MaxMind DB File Format Specification 2.0), of IPv4 networks.

use std::net::Ipv4Addr;

const METADATA_MARKER: &[u8] = b"\xAB\xCD\xEFMaxMind.com";
/// Between the tree and the data; data pointers in the tree count it.
const SEPARATOR_BYTES: usize = 16;

/// What a record of the tree leads to.
#[derive(Clone, Copy)]
enum Branch {
    Nowhere,
    Node(usize),
    Data(usize),
}

/// Networks as `(address, prefix bits, country, city)`; an empty city is left out.
pub fn mmdb(networks: &[(Ipv4Addr, u32, &str, &str)]) -> Vec<u8> {
    let mut nodes = vec![[Branch::Nowhere; 2]];
    let mut data = Vec::new();
    for (address, bits, country, city) in networks {
        let place = data.len();
        data.extend(record(country, city));
        let mut node = 0;
        for depth in 0..*bits {
            let side = (u32::from(*address) >> (31 - depth) & 1) as usize;
            if depth + 1 == *bits {
                nodes[node][side] = Branch::Data(place);
            } else if let Branch::Node(next) = nodes[node][side] {
                node = next;
            } else {
                nodes.push([Branch::Nowhere; 2]);
                let next = nodes.len() - 1;
                nodes[node][side] = Branch::Node(next);
                node = next;
            }
        }
    }
    let mut file = Vec::new();
    for branch in nodes.iter().flatten() {
        let value = match branch {
            Branch::Nowhere => nodes.len(),
            Branch::Node(node) => *node,
            Branch::Data(place) => nodes.len() + SEPARATOR_BYTES + place,
        };
        file.extend(&u32::try_from(value).unwrap().to_be_bytes()[1..]);
    }
    file.extend([0; SEPARATOR_BYTES]);
    file.extend(data);
    file.extend(METADATA_MARKER);
    let number = |kind: u8, bytes: &[u8]| [&[kind << 5 | bytes.len() as u8], bytes].concat();
    let nodes = u32::try_from(nodes.len()).unwrap().to_be_bytes();
    file.extend(map(&[
        ("binary_format_major_version", number(5, &[2])),
        ("binary_format_minor_version", number(5, &[])),
        // Types above 7 stand in a byte of their own: 9 is a number of 64 bits, 11 a list.
        ("build_epoch", [vec![4, 2], 1_795_000_000_u32.to_be_bytes().to_vec()].concat()),
        ("database_type", text("Test-City")),
        ("description", map(&[])),
        ("ip_version", number(5, &[4])),
        ("languages", vec![0, 4]),
        ("node_count", number(6, &nodes)),
        ("record_size", number(5, &[24])),
    ]));
    file
}

fn record(country: &str, city: &str) -> Vec<u8> {
    let country = ("country", map(&[("iso_code", text(country))]));
    let city = ("city", map(&[("names", map(&[("en", text(city))]))]));
    if city.1.ends_with(&text("")) { map(&[country]) } else { map(&[city, country]) }
}

fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![7 << 5 | members.len() as u8];
    members.iter().for_each(|(name, value)| bytes.extend([text(name), value.clone()].concat()));
    bytes
}

fn text(text: &str) -> Vec<u8> {
    assert!(text.len() < 29, "longer ones have another form");
    [&[2 << 5 | text.len() as u8], text.as_bytes()].concat()
}
