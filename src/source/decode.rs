//! From octets to text: byte order marks, UTF-16 as PowerShell writes it,
//! Windows-1252, and what is no text at all.

use std::borrow::Cow;

/// What became of the octets.
#[derive(Default)]
pub(super) struct Decoded {
    /// The text as UTF-8.
    pub text: String,
    /// How it had to be read, where that is worth saying.
    pub remark: Option<String>,
    /// Why it is no text.
    pub failure: Option<String>,
    /// What lies on disk, where the text is not just that.
    pub octets: Option<Vec<u8>>,
}

pub(super) fn decode(octets: Cow<'_, [u8]>) -> Decoded {
    let decoded = match &*octets {
        [0xef, 0xbb, 0xbf, rest @ ..] => eight_bit(rest.to_vec()),
        [0xff, 0xfe, rest @ ..] => sixteen_bit(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => sixteen_bit(rest, u16::from_be_bytes),
        [0x1f, 0x8b, ..] => failed("is compressed with gzip; unpack it first"),
        [b'P', b'K', 3, 4, ..] => failed("is a zip archive; unpack it first"),
        // ASCII as UTF-16 has a zero in every other place.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
            sixteen_bit(&octets, u16::from_le_bytes)
        }
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
            sixteen_bit(&octets, u16::from_be_bytes)
        }
        _ => return eight_bit(octets.into_owned()),
    };
    Decoded { octets: Some(octets.into_owned()), ..decoded }
}

fn failed(reason: &str) -> Decoded {
    Decoded { failure: Some(reason.to_owned()), ..Decoded::default() }
}

fn eight_bit(octets: Vec<u8>) -> Decoded {
    let control = |octet: &&u8| **octet < 0x20 && !b"\t\n\r\x0c".contains(octet);
    let head = &octets[..octets.len().min(8192)];
    if head.iter().filter(control).count() > head.len() / 32 {
        return Decoded { octets: Some(octets), ..failed("is binary") };
    }
    // The octets of a file become the text without being copied.
    match String::from_utf8(octets) {
        Ok(text) => Decoded { text, ..Decoded::default() },
        Err(error) => {
            let (error, octets) = (error.utf8_error(), error.into_bytes());
            let text: String = octets.iter().map(|&octet| windows_1252(octet)).collect();
            let line = octets[..error.valid_up_to()].iter().filter(|&&o| o == b'\n').count() + 1;
            let remark = format!("is not UTF-8 (from line {line} on); it was read as Windows-1252");
            Decoded { text, remark: Some(remark), failure: None, octets: Some(octets) }
        }
    }
}

fn sixteen_bit(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units: Vec<u16> = octets.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    let text = String::from_utf16_lossy(&units);
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let remark = (octets.len() % 2 == 1 || text.contains('\u{fffd}'))
        .then(|| "is broken UTF-16; what cannot be read stands as U+FFFD".to_owned());
    Decoded { text, remark, ..Decoded::default() }
}

/// WHATWG Encoding Standard, index windows-1252; read 2026-11.
fn windows_1252(octet: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match octet {
        0x80..=0x9f => HIGH[octet as usize - 0x80],
        other => other as char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf16_is_read_with_and_without_mark() {
        for text in ["\u{feff}[]\n é", "[1]\n é"] {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let decoded = decode(utf16(text, order).into());
                assert_eq!(decoded.text, text.trim_start_matches('\u{feff}'));
                assert_eq!(decoded.remark, None);
            }
        }
    }

    #[test]
    fn a_cut_utf16_file_keeps_what_can_be_read() {
        let mut octets = utf16("\u{feff}[1, 2", u16::to_le_bytes);
        octets.push(0x33);
        let decoded = decode(octets.into());
        assert_eq!(decoded.text, "[1, 2");
        assert!(decoded.remark.is_some());
    }

    #[test]
    fn other_encodings_are_told() {
        assert_eq!(decode(b"\xef\xbb\xbf{}".as_slice().into()).text, "{}");
        let decoded = decode(b"a\nz\xfcrich \x80".as_slice().into());
        assert_eq!(decoded.text, "a\nzürich €");
        insta::assert_snapshot!(decoded.remark.unwrap(), @"is not UTF-8 (from line 2 on); it was read as Windows-1252");
        assert!(decode(b"\x7fELF\x01\x02\x03\0\0\0\0\0".as_slice().into()).failure.is_some());
        assert!(decode(b"\x1f\x8b\x08".as_slice().into()).failure.is_some());
        assert_eq!(decode(b"".as_slice().into()).text, "");
    }
}
