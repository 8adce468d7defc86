//! Results that are written once, straight into the memory of the guest.
//!
//! wasmtime asks a result to write itself, by the trait [`Lower`], and by then it can call the guest's `realloc` and reach
//! the guest's memory: so a function does its work there, when it knows where the bytes have to go. Trait and context are
//! hidden from wasmtime's documentation and may change with any minor version, which is why the workspace pins that, why
//! this is one module, and why the crate can be built without it.
//!
//! No view of guest memory outlives a call of `realloc`, which may run guest code, grow the memory, or give out memory
//! that is in use. All views are slices that come from splitting one slice, so that none of them can overlap; where input
//! and output do overlap, the work goes through copies.

#![allow(unsafe_code)]

use std::any::Any;
use std::mem::MaybeUninit;

use wasi_crypto_engine::Error;
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower, WasmList};
use wasmtime::{ValRaw, bail};

use crate::WasiCryptoCtxView;
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::error::{Result, lift_errno};
use crate::room::{Collect, room};
use crate::scratch::Scratch;
use crate::zero_copy::Getter;

/// A `list<u8>` in the memory of the guest that calls: an argument, or a place for a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region {
    start: usize,
    len: usize,
}

impl Region {
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The smallest region that has all of these in it.
    pub(crate) fn around(regions: impl Iterator<Item = Self>) -> Self {
        let filled = regions.filter(|region| region.len > 0);
        let ends = filled.map(|region| (region.start, region.end()));
        let all = ends.reduce(|(start, end), (from, to)| (start.min(from), end.max(to)));
        let (start, end) = all.unwrap_or_default();
        Self {
            start,
            len: end - start,
        }
    }

    fn end(self) -> usize {
        // Both were checked against the size of a memory.
        self.start.saturating_add(self.len)
    }

    pub(crate) fn is_apart_from(self, other: Self) -> bool {
        self.len == 0 || other.len == 0 || self.end() <= other.start || other.end() <= self.start
    }

    /// The region's bytes in `part`, a part of the memory that begins at `offset`.
    fn of(self, part: &[u8], offset: usize) -> Option<&[u8]> {
        if self.len == 0 {
            return Some(&[]);
        }
        part.get(self.start.checked_sub(offset)?..)?.get(..self.len)
    }

    /// What of `memory` comes before the region, the region, and what comes after.
    fn cut(self, memory: &mut [u8]) -> Option<(&mut [u8], &mut [u8], &mut [u8])> {
        let (before, rest) = memory.split_at_mut_checked(self.start)?;
        let (bytes, after) = rest.split_at_mut_checked(self.len)?;
        Some((before, bytes, after))
    }

    fn of_mut(self, memory: &mut [u8]) -> wasmtime::Result<&mut [u8]> {
        match memory.get_mut(self.start..self.end()) {
            Some(bytes) => Ok(bytes),
            None => bail!("a list reaches beyond the end of its memory"),
        }
    }
}

// SAFETY: the type says of itself all that `[u8]` does, which is `list<u8>`, so it can stand only where that can.
unsafe impl ComponentType for Region {
    type Lower = <[u8] as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <[u8] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[u8] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: the list is lifted by wasmtime's own type, which checks it; where it starts is read from the same values.
unsafe impl Lift for Region {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        source: &Self::Lower,
    ) -> wasmtime::Result<Self> {
        let list = WasmList::<u8>::linear_lift_from_flat(cx, ty, source)?;
        Ok(Self {
            start: source[0].get_u32() as usize,
            len: list.len(),
        })
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> wasmtime::Result<Self> {
        let list = WasmList::<u8>::linear_lift_from_memory(cx, ty, bytes)?;
        let Some(start) = bytes.first_chunk() else {
            bail!("a list is shorter than its pointer");
        };
        Ok(Self {
            start: u32::from_le_bytes(*start) as usize,
            len: list.len(),
        })
    }
}

// SAFETY: pointer and length of a list are all there is to lower of one whose bytes are in place. All of the destination
// is written.
unsafe impl Lower for Region {
    fn linear_lower_to_flat<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        destination: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        destination.write([
            ValRaw::i64(i64::from(u32::try_from(self.start)?)),
            ValRaw::i64(i64::from(u32::try_from(self.len)?)),
        ]);
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let start = u32::try_from(self.start)?.to_le_bytes();
        let len = u32::try_from(self.len)?.to_le_bytes();
        let [a, b, c, d] = start;
        let [e, f, g, h] = len;
        *cx.get(offset) = [a, b, c, d, e, f, g, h];
        Ok(())
    }
}

/// The most elements of a list that are lifted before anything has been checked: a few megabytes.
const EAGERLY: usize = 65_536;

/// The elements of a list that a guest passes.
pub(crate) enum Elements<E> {
    /// All of them. To lift them in one go costs a fraction of what it costs one by one.
    Lifted(Vec<E>),
    /// A longer list, of which it has to be checked first whether it is within the limits.
    List(WasmList<E>),
}

// SAFETY: the type says of itself all that `[E]` does, so it can stand only where that can.
unsafe impl<E: Lift> ComponentType for Elements<E> {
    type Lower = <[E] as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <[E] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[E] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: the list is lifted by wasmtime's own types, which check it.
unsafe impl<E: Lift> Lift for Elements<E> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        source: &Self::Lower,
    ) -> wasmtime::Result<Self> {
        let list = WasmList::linear_lift_from_flat(cx, ty, source)?;
        if list.len() > EAGERLY {
            return Ok(Self::List(list));
        }
        Vec::linear_lift_from_flat(cx, ty, source).map(Self::Lifted)
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> wasmtime::Result<Self> {
        let list = WasmList::linear_lift_from_memory(cx, ty, bytes)?;
        if list.len() > EAGERLY {
            return Ok(Self::List(list));
        }
        Vec::linear_lift_from_memory(cx, ty, bytes).map(Self::Lifted)
    }
}

/// What a result holds.
pub(crate) trait Payload: Lower {
    /// Whether it is made of nothing but numbers.
    const IS_PLAIN: bool = false;

    /// Writes the value to `place`, its own in the guest's memory, as the canonical ABI has it, if it is made of nothing but
    /// numbers. To find the memory takes longer than that, so it is found once, and not for each number.
    fn write(&self, _place: &mut [u8]) -> bool {
        false
    }
}

/// Writes a result to its place in the guest's memory, if it holds nothing but numbers; says whether it has.
fn write_result<R: Payload>(result: &Entry<R>, place: &mut [u8]) -> bool {
    // A result begins with the number of its case, and what that holds is aligned as the whole.
    let align = <Entry<R> as ComponentType>::ALIGN32 as usize;
    let Some((case, payload)) = place.split_at_mut_checked(align) else {
        return false;
    };
    let is_written = matches!(result, Ok(value) if value.write(payload));
    if is_written {
        case.fill(0);
    }
    is_written
}

/// Whether [`write_result`] writes a result.
fn is_plain<R: Payload>(result: &Entry<R>) -> bool {
    R::IS_PLAIN && result.is_ok()
}

impl Payload for u64 {
    const IS_PLAIN: bool = true;

    fn write(&self, place: &mut [u8]) -> bool {
        match place.first_chunk_mut() {
            Some(place) => *place = self.to_le_bytes(),
            None => return false,
        }
        true
    }
}

impl Payload for Region {
    const IS_PLAIN: bool = true;

    fn write(&self, place: &mut [u8]) -> bool {
        let (Ok(start), Ok(len)) = (u32::try_from(self.start), u32::try_from(self.len)) else {
            return false;
        };
        (u64::from(len) << 32 | u64::from(start)).write(place)
    }
}

impl<A: Lower, B: Lower> Payload for (A, B) {}

/// A list of results in the memory of the guest that calls, allocated before its elements are there.
pub(crate) struct List<R> {
    start: usize,
    pub(crate) elements: Vec<Entry<R>>,
}

// SAFETY: the type says of itself all that the slice does which it is lowered as.
unsafe impl<R: Lower> ComponentType for List<R> {
    type Lower = <[Entry<R>] as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <[Entry<R>] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[Entry<R>] as ComponentType>::typecheck(ty, types)
    }
}

impl<R: Payload> List<R> {
    const STRIDE: usize = <Entry<R> as ComponentType>::SIZE32;

    /// Writes the elements to where they belong, and says where that is.
    fn store<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
    ) -> wasmtime::Result<Region> {
        let InterfaceType::List(index) = ty else {
            bail!("a list is lowered as something else");
        };
        let element = cx.types[index].element;
        let list = cx.as_slice_mut().get_mut(self.start..);
        let places = list.ok_or_else(beyond)?.chunks_exact_mut(Self::STRIDE);
        let mut written = 0;
        for (place, entry) in places.zip(&self.elements) {
            if is_plain(entry) {
                written += usize::from(write_result(entry, place));
            }
        }
        if written == self.elements.len() {
            return Ok(self.region());
        }
        // Errors are rare, and resources take longer than this anyway. wasmtime has checked that all of what was asked for is
        // inside of the memory.
        let others = self.elements.iter().enumerate();
        for (at, entry) in others.filter(|(_, entry)| !is_plain(entry)) {
            entry.linear_lower_to_memory(cx, element, self.start + at * Self::STRIDE)?;
            written += 1;
        }
        if written < self.elements.len() {
            return Err(beyond());
        }
        Ok(self.region())
    }

    fn region(&self) -> Region {
        Region {
            start: self.start,
            len: self.elements.len(),
        }
    }
}

impl<R: Payload> Payload for List<R> {}

// SAFETY: all elements are written to where wasmtime's own implementation for their type expects them, in a row, aligned, and
// as the canonical ABI has it. Pointer and length are lowered as those of any list.
unsafe impl<R: Payload> Lower for List<R> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        destination: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let region = self.store(cx, ty)?;
        region.linear_lower_to_flat(cx, ty, destination)
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let region = self.store(cx, ty)?;
        region.linear_lower_to_memory(cx, ty, offset)
    }
}

/// What one entry of a batch gives.
pub(crate) type Entry<R> = std::result::Result<R, CryptoErrno>;

/// What a function does once the guest's memory can be written to.
pub(crate) type Write<T, P, R> = fn(&mut Guest<'_, '_, T>, &P) -> Result<R>;

/// The result of a function, a `result` with an errno, which comes into being when wasmtime lowers it.
pub(crate) struct Deferred<T: 'static, P, R> {
    /// The parameters, or the error that they led to at once.
    pub(crate) params: std::result::Result<P, CryptoErrno>,
    pub(crate) how: (Getter<T>, Write<T, P, R>),
}

impl<T, P, R> Deferred<T, P, R>
where
    T: 'static,
    P: 'static,
    R: 'static,
{
    fn evaluate<U: 'static>(
        &self,
        cx: &mut LowerContext<'_, U>,
    ) -> wasmtime::Result<std::result::Result<R, CryptoErrno>> {
        let params = match &self.params {
            Ok(params) => params,
            Err(errno) => return Ok(Err(*errno)),
        };
        // The function belongs to a linker for stores of `T`, so `U` is `T`; this says so to the compiler.
        let how: &dyn Any = &self.how;
        let Some((get, write)) = how.downcast_ref::<(Getter<U>, Write<U, P, R>)>() else {
            bail!("a result for another kind of store");
        };
        lift_errno(write(&mut Guest { cx, get: *get }, params))
    }
}

// SAFETY: the type says of itself all that the `Result` does which it is lowered as.
unsafe impl<T, P, R> ComponentType for Deferred<T, P, R>
where
    T: 'static,
    P: Send + Sync + 'static,
    R: Lower + 'static,
{
    type Lower = <std::result::Result<R, CryptoErrno> as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <std::result::Result<R, CryptoErrno> as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <std::result::Result<R, CryptoErrno> as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: the `Result` is lowered by wasmtime's own implementation, to the same destination; or it is written there, as the
// canonical ABI has it.
unsafe impl<T, P, R> Lower for Deferred<T, P, R>
where
    T: 'static,
    P: Send + Sync + 'static,
    R: Payload + 'static,
{
    fn linear_lower_to_flat<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        destination: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let result = self.evaluate(cx)?;
        result.linear_lower_to_flat(cx, ty, destination)
    }

    fn linear_lower_to_memory<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let result = self.evaluate(cx)?;
        let size = <std::result::Result<R, CryptoErrno> as ComponentType>::SIZE32;
        let place = cx.as_slice_mut().get_mut(offset..).unwrap_or_default();
        if place
            .get_mut(..size)
            .is_some_and(|place| write_result(&result, place))
        {
            return Ok(());
        }
        result.linear_lower_to_memory(cx, ty, offset)
    }
}

/// The guest that calls, with its memory.
pub(crate) struct Guest<'a, 'b, T: 'static> {
    cx: &'a mut LowerContext<'b, T>,
    get: Getter<T>,
}

/// What one entry of a batch reads, and where its result goes.
pub(crate) struct Views<'m, const N: usize> {
    pub(crate) inputs: [&'m [u8]; N],
    pub(crate) out: &'m mut [u8],
}

impl<T: 'static> Guest<'_, '_, T> {
    pub(crate) fn view(&mut self) -> WasiCryptoCtxView<'_> {
        (self.get)(self.cx.store.data_mut())
    }

    /// The context, and the guest's memory beside it.
    fn split(&mut self) -> (WasiCryptoCtxView<'_>, &mut [u8]) {
        let memory: *mut [u8] = self.cx.as_slice_mut();
        let view = (self.get)(self.cx.store.data_mut());
        // SAFETY: the memory is valid for as long as the store is borrowed, which is as long as both results live: what
        // could move or shrink it needs the store. And it is no part of the store's data, which is all that `get` is
        // given, so the results do not overlap.
        (view, unsafe { &mut *memory })
    }

    /// Does `work` with the context and the guest's memory, to read from.
    pub(crate) fn read<R>(
        &mut self,
        work: impl FnOnce(WasiCryptoCtxView<'_>, Memory<'_>) -> R,
    ) -> R {
        let (view, memory) = self.split();
        work(view, Memory::whole(memory))
    }

    /// Has the guest allocate `len` bytes. This runs code of the guest, which traps if it cannot.
    pub(crate) fn allocate(&mut self, len: usize) -> Result<Region> {
        let start = self.cx.realloc(0, 0, 1, len)?;
        Ok(Region { start, len })
    }

    /// Has the guest allocate a list for `len` results, which come later.
    pub(crate) fn allocate_list<R: Payload>(&mut self, len: usize) -> Result<List<R>> {
        let bytes = List::<R>::STRIDE.checked_mul(len).ok_or(Error::Overflow)?;
        let align = <Entry<R> as ComponentType>::ALIGN32;
        let start = self.cx.realloc(0, 0, align, bytes)?;
        Ok(List {
            start,
            elements: room(len)?,
        })
    }

    /// Says in a list of results which arm the next one will have, before what it holds is allocated: as wasmtime's own
    /// lowering does, so that a guest which looks can tell whose memory it is asked for.
    pub(crate) fn announce<R: Payload>(
        &mut self,
        list: &List<R>,
        at: usize,
        is_ok: bool,
    ) -> Result<()> {
        let offset = at.saturating_mul(List::<R>::STRIDE);
        let case = self
            .cx
            .as_slice_mut()
            .get_mut(list.start.saturating_add(offset));
        *case.ok_or_else(beyond)? = u8::from(!is_ok);
        Ok(())
    }

    /// Gives the guest a copy of `bytes`.
    pub(crate) fn give(&mut self, bytes: &[u8]) -> Result<Region> {
        let region = self.allocate(bytes.len())?;
        self.write(region, bytes)?;
        Ok(region)
    }

    /// Copies `bytes`, of the same length, to `region`.
    pub(crate) fn write(&mut self, region: Region, bytes: &[u8]) -> Result<()> {
        let out = region.of_mut(self.cx.as_slice_mut())?;
        if out.len() != bytes.len() {
            return Err(wasmtime::format_err!("a result has another length than its place").into());
        }
        out.copy_from_slice(bytes);
        Ok(())
    }

    /// Copies of what some entries of a batch read.
    pub(crate) fn copies<const N: usize>(
        &mut self,
        entries: impl Iterator<Item = [Region; N]>,
    ) -> Result<Vec<[Scratch; N]>> {
        let memory = self.cx.as_slice_mut();
        entries.map(|inputs| copies(memory, inputs)).try_collected()
    }

    /// Does `work` with the context, the bytes of `out`, and the memory around them, where `inputs` are.
    pub(crate) fn fill<R>(
        &mut self,
        inputs: impl IntoIterator<Item = Region>,
        out: Region,
        work: impl FnOnce(WasiCryptoCtxView<'_>, Memory<'_>, &mut [u8]) -> Result<R>,
    ) -> Result<R> {
        let (view, memory) = self.split();
        if !inputs.into_iter().all(|input| input.is_apart_from(out)) {
            let mut scratch = Scratch::new(out.len)?;
            let done = work(view, Memory::whole(memory), &mut scratch)?;
            out.of_mut(memory)?.copy_from_slice(&scratch);
            return Ok(done);
        }
        let (before, bytes, after) = out.cut(memory).ok_or_else(beyond)?;
        work(
            view,
            Memory {
                before,
                gap: bytes.len(),
                after,
            },
            bytes,
        )
    }

    /// Does `work` with the bytes of all `entries` at once, each with its inputs and its output.
    pub(crate) fn fill_many<const N: usize, R>(
        &mut self,
        entries: &[([Region; N], Region)],
        work: impl FnOnce(Vec<Views<'_, N>>) -> R,
    ) -> Result<R> {
        let memory = self.cx.as_slice_mut();
        if let Some(views) = split(memory, entries) {
            return Ok(work(views));
        }
        // Somewhere an output may overlap something else. Then what counts is what the inputs are now.
        let mut outs: Vec<Scratch> = entries
            .iter()
            .map(|(_, out)| Scratch::new(out.len))
            .try_collected()?;
        let whole = Memory::whole(memory);
        let views = entries.iter().zip(&mut outs).map(|((inputs, _), out)| {
            let inputs = whole.get_all(*inputs)?;
            Ok(Views { inputs, out })
        });
        let result = work(views.try_collected()?);
        for ((_, region), out) in entries.iter().zip(&outs) {
            region.of_mut(memory)?.copy_from_slice(out);
        }
        Ok(result)
    }
}

/// The memory of a guest, to read from, but for a part that is written to.
#[derive(Clone, Copy)]
pub(crate) struct Memory<'a> {
    before: &'a [u8],
    gap: usize,
    after: &'a [u8],
}

impl<'a> Memory<'a> {
    fn whole(memory: &'a [u8]) -> Self {
        Self {
            before: memory,
            gap: 0,
            after: &[],
        }
    }

    pub(crate) fn get(self, region: Region) -> Result<&'a [u8]> {
        let found = match self.before.get(region.start..region.end()) {
            Some(bytes) => Some(bytes),
            None => region.of(self.after, self.before.len().saturating_add(self.gap)),
        };
        Ok(found.ok_or_else(beyond)?)
    }

    /// The bytes of some regions.
    pub(crate) fn get_all<const N: usize>(self, regions: [Region; N]) -> Result<[&'a [u8]; N]> {
        let mut all = [&[][..]; N];
        for (bytes, region) in all.iter_mut().zip(regions) {
            *bytes = self.get(region)?;
        }
        Ok(all)
    }
}

fn beyond() -> wasmtime::Error {
    wasmtime::format_err!("a list reaches beyond the end of its memory")
}

fn copies<const N: usize>(memory: &[u8], inputs: [Region; N]) -> Result<[Scratch; N]> {
    let mut copies = [const { Scratch::empty() }; N];
    for (copy, input) in copies.iter_mut().zip(inputs) {
        *copy = Scratch::copy_of(input.of(memory, 0).ok_or_else(beyond)?)?;
    }
    Ok(copies)
}

/// Splits `memory` at every output, if they are all apart and no input lies among them: what most allocators do.
fn split<'m, const N: usize>(
    memory: &'m mut [u8],
    entries: &[([Region; N], Region)],
) -> Option<Vec<Views<'m, N>>> {
    let extent = Region::around(entries.iter().map(|(_, out)| *out));
    let mut inputs = entries.iter().flat_map(|(inputs, _)| inputs);
    if !inputs.all(|input| input.is_apart_from(extent)) {
        return None;
    }
    let (before, mut rest, after) = extent.cut(memory)?;
    let around = Memory {
        before,
        gap: extent.len,
        after,
    };
    let views = entries.iter().map(|(inputs, _)| {
        let inputs = around.get_all(*inputs)?;
        let out = &mut [][..];
        Ok(Views { inputs, out })
    });
    let mut views = views.try_collected().ok()?;

    let outs = entries.iter().map(|(_, out)| *out).enumerate();
    let mut outs = outs.filter(|(_, out)| out.len > 0).collected().ok()?;
    // Memory is given out upwards more often than not, so that there is little to sort.
    outs.sort_unstable_by_key(|(_, out)| out.start);
    let mut offset = extent.start;
    for (entry, out) in outs {
        let (_, tail) = rest.split_at_mut_checked(out.start.checked_sub(offset)?)?;
        let (bytes, tail) = tail.split_at_mut_checked(out.len)?;
        views.get_mut(entry)?.out = bytes;
        rest = tail;
        offset = out.end();
    }
    Some(views)
}
