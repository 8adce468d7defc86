//! Memory that is lent to the host.

/// Bytes on both sides of a buffer.
const GUARD: usize = 64;
const GUARD_BYTE: u8 = 0xa5;

/// The address of something, as the host sees it. It is owned by who calls this, who has to keep it.
pub fn address<T: ?Sized>(place: &T) -> i32 {
    std::ptr::from_ref(place).expose_provenance() as i32
}

/// An address to write to.
pub fn address_mut<T: ?Sized>(place: &mut T) -> i32 {
    std::ptr::from_mut(place).cast::<u8>().expose_provenance() as i32
}

/// A length, as the host sees it.
pub fn size(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).expect("less than 2 GiB")
}

/// Takes a result that is written to an address, if the errno is 0.
pub fn result<T: Default>(function: impl FnOnce(i32) -> i32) -> Result<T, i32> {
    let mut value = T::default();
    let errno = function(address_mut(&mut value));
    // What the host has written, the compiler cannot know of.
    let value = std::hint::black_box(value);
    if errno == 0 { Ok(value) } else { Err(errno) }
}

/// The errno of a function without a result.
pub fn done(errno: i32) -> Result<(), i32> {
    if errno == 0 { Ok(()) } else { Err(errno) }
}

/// Copies bytes out of an array that belongs to the adapter.
pub fn read(at: u32, len: u32) -> Vec<u8> {
    let bytes = std::ptr::with_exposed_provenance::<u8>(at as usize);
    // SAFETY: the adapter gave the address, in pages that Rust knows nothing of, and leaves the array where it is.
    let byte = |offset| unsafe { bytes.wrapping_add(offset).read_volatile() };
    (0..len as usize).map(byte).collect()
}

/// Copies bytes to an address in pages that only the caller knows of.
pub fn write(at: u32, from: &[u8]) {
    let bytes = std::ptr::with_exposed_provenance_mut::<u8>(at as usize);
    for (offset, byte) in from.iter().enumerate() {
        // SAFETY: the caller has grown memory by these pages, which no Rust object occupies.
        unsafe { bytes.wrapping_add(offset).write_volatile(*byte) };
    }
}

/// A buffer with guard bytes on both sides, at an address of no alignment.
pub struct Guarded {
    memory: Vec<u8>,
    len: usize,
}

impl Guarded {
    /// A buffer of `len` bytes, each of them `fill`.
    pub fn new(len: usize, fill: u8) -> Self {
        let mut memory = vec![GUARD_BYTE; GUARD + len + GUARD];
        memory[GUARD..GUARD + len].fill(fill);
        Self { memory, len }
    }

    /// A buffer that begins with `bytes`, and has room for `more`.
    pub fn of(bytes: &[u8], more: usize) -> Self {
        let mut guarded = Self::new(bytes.len() + more, 0);
        guarded.memory[GUARD..GUARD + bytes.len()].copy_from_slice(bytes);
        guarded
    }

    /// Its address.
    pub fn at(&mut self) -> i32 {
        address_mut(&mut self.memory[GUARD..])
    }

    /// Its length.
    pub fn len(&self) -> i32 {
        self.len as i32
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes. Panics if the host has written outside of them.
    pub fn bytes(&self) -> &[u8] {
        let memory = std::hint::black_box(&self.memory);
        let (before, rest) = memory.split_at(GUARD);
        let (bytes, after) = rest.split_at(self.len);
        assert!(
            before.iter().chain(after).all(|byte| *byte == GUARD_BYTE),
            "bytes around the buffer were written to"
        );
        bytes
    }

    /// Panics if not all bytes are `fill`.
    pub fn assert_untouched(&self, fill: u8) {
        assert!(
            self.bytes().iter().all(|byte| *byte == fill),
            "a call that failed wrote to the buffer: {:?}",
            self.bytes()
        );
    }
}
