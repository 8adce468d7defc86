//! Random numbers, bytes and names.

/// A generator of numbers that are random enough to stumble over things: xorshift64* (Vigna, 2016).
pub struct Random(u64);

/// Lengths around which implementations change their ways.
const EDGES: [usize; 16] = [
    0, 1, 7, 8, 12, 16, 20, 24, 31, 32, 33, 48, 64, 128, 136, 168,
];

const OPTIONS: [&str; 18] = [
    "context",
    "salt",
    "nonce",
    "phc",
    "memory_limit",
    "ops_limit",
    "opslimit",
    "parallelism",
    "threads",
    "block_size",
    "fanout",
    "tag_len",
    "domain",
    "expiration",
    "buffer",
    "memory",
    "colour",
    "",
];

const STRINGS: [&[u8]; 6] = [
    b"$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA",
    b"$argon2i$v=19$m=4294967295,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA",
    b"$scrypt$ln=4,r=1,p=1$c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA",
    b"$pbkdf2-sha256$i=3,l=32$c2l4dGVlbiBieXRlIHNsdA$8PE39gRFyd4zb6fT33XX4CS04R+Ql5uL2Mqro5N9wkA",
    b"$argon2id$v=19$m=64,t=1",
    b"\xff\xfe",
];

impl Random {
    pub fn new(seed: u64) -> Self {
        // A state of zero would stay zero.
        Self(seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() >> 33) as usize % end.max(1)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// A length: often one of the edges, mostly small, seldom more than the host allows.
    pub fn len(&mut self) -> usize {
        match self.below(400) {
            0 => 70_000,
            1..20 => self.below(5000),
            20..200 => self.below(200),
            _ => EDGES[self.below(EDGES.len())],
        }
    }

    pub fn bytes(&mut self) -> Vec<u8> {
        if self.once_in(40) {
            return STRINGS[self.below(STRINGS.len())].to_vec();
        }
        let len = self.len();
        let first = self.number() as u8;
        (0..len).map(|i| first.wrapping_add(i as u8)).collect()
    }

    pub fn option(&mut self) -> &'static str {
        OPTIONS[self.below(OPTIONS.len())]
    }

    /// The value of an integer option: mostly one that makes sense, and cheap.
    pub fn integer(&mut self) -> u64 {
        match self.below(8) {
            0 => self.number(),
            1 => u64::MAX >> self.below(64),
            2 => 1 << self.below(17),
            _ => self.below(40) as u64,
        }
    }

    /// The length of a squeeze.
    pub fn squeeze_len(&mut self) -> u64 {
        match self.below(40) {
            0 => self.number(),
            _ => self.len() as u64,
        }
    }
}
