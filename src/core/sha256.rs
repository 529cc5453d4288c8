//! SHA-256, for numbers that are the same in every installation for ever. Allocates nothing.

const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

const CONSTANTS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

const BLOCK: usize = 64;
/// How many bytes the length takes at the end of the last block.
const LENGTH: usize = 8;

/// The first eight bytes of the digest of some texts, one after the other, as a big-endian number.
pub(crate) fn first_word(parts: &[&[u8]]) -> u64 {
    let state = state_of(parts);
    u64::from(state[0]) << 32 | u64::from(state[1])
}

/// The digest of a text.
pub fn digest(text: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut().0.iter_mut().zip(state_of(&[text])) {
        *four = word.to_be_bytes();
    }
    bytes
}

fn state_of(parts: &[&[u8]]) -> [u32; 8] {
    let mut state = INITIAL;
    let mut block = [0; BLOCK];
    let mut filled = 0;
    let mut length: u64 = 0;
    for part in parts {
        length = length.wrapping_add(part.len() as u64);
        let mut rest = *part;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - filled));
            block[filled..filled + now.len()].copy_from_slice(now);
            filled += now.len();
            rest = later;
            if filled == BLOCK {
                compress(&mut state, &block);
                filled = 0;
            }
        }
    }
    // A single bit ends the text, and its length in bits ends the last block.
    block[filled] = 0x80;
    block[filled + 1..].fill(0);
    if filled >= BLOCK - LENGTH {
        compress(&mut state, &block);
        block.fill(0);
    }
    block[BLOCK - LENGTH..].copy_from_slice(&length.wrapping_mul(8).to_be_bytes());
    compress(&mut state, &block);
    state
}

fn compress(state: &mut [u32; 8], block: &[u8; BLOCK]) {
    let mut words = [0u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for place in 16..64 {
        let (early, late) = (words[place - 15], words[place - 2]);
        let early = early.rotate_right(7) ^ early.rotate_right(18) ^ early >> 3;
        let late = late.rotate_right(17) ^ late.rotate_right(19) ^ late >> 10;
        words[place] = words[place - 16]
            .wrapping_add(early)
            .wrapping_add(words[place - 7])
            .wrapping_add(late);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in words.iter().zip(CONSTANTS) {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h
            .wrapping_add(sum)
            .wrapping_add(choice)
            .wrapping_add(constant)
            .wrapping_add(*word);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let second = sum.wrapping_add(majority);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *old = old.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::first_word;
    use sha2::{Digest, Sha256};

    #[test]
    fn digests_are_those_of_the_standard() {
        let text: Vec<u8> = (0..400u32).map(|n| (n * 7 + n / 13) as u8).collect();
        for end in 0..text.len() {
            let (one, other) = text[..end].split_at(end / 3);
            let digest = Sha256::digest(&text[..end]);
            let expected = u64::from_be_bytes(digest[..8].try_into().unwrap());
            assert_eq!(first_word(&[one, other]), expected, "{end} bytes");
            assert_eq!(first_word(&[b"", &text[..end]]), expected, "{end} bytes");
        }
    }
}
