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

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower, WasmList};
use wasmtime::{ValRaw, bail};

use crate::WasiCryptoCtxView;
use crate::bindings::wasi_ephemeral::crypto::common::CryptoErrno;
use crate::error::{Result, lift_errno};
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

    fn end(self) -> usize {
        // Both were checked against the size of a memory.
        self.start.saturating_add(self.len)
    }

    fn is_apart_from(self, other: Self) -> bool {
        self.len == 0 || other.len == 0 || self.end() <= other.start || other.end() <= self.start
    }

    /// The region's bytes in `part`, a part of the memory that begins at `offset`.
    fn of(self, part: &[u8], offset: usize) -> Option<&[u8]> {
        if self.len == 0 {
            return Some(&[]);
        }
        part.get(self.start.checked_sub(offset)?..)?.get(..self.len)
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

// SAFETY: the `Result` is lowered by wasmtime's own implementation, to the same destination.
unsafe impl<T, P, R> Lower for Deferred<T, P, R>
where
    T: 'static,
    P: Send + Sync + 'static,
    R: Lower + 'static,
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

    /// Has the guest allocate `len` bytes. This runs code of the guest, which traps if it cannot.
    pub(crate) fn allocate(&mut self, len: usize) -> Result<Region> {
        let start = self.cx.realloc(0, 0, 1, len)?;
        Ok(Region { start, len })
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

    /// The guest's memory, to read from.
    pub(crate) fn memory(&mut self) -> Memory<'_> {
        Memory(self.cx.as_slice_mut())
    }

    /// Does `work` with the bytes of `inputs` and of `out`.
    pub(crate) fn fill<const N: usize, R>(
        &mut self,
        inputs: [Region; N],
        out: Region,
        work: impl FnOnce([&[u8]; N], &mut [u8]) -> R,
    ) -> Result<R> {
        let memory = self.cx.as_slice_mut();
        if !inputs.iter().all(|input| input.is_apart_from(out)) {
            let copies = copies(memory, inputs)?;
            let views = std::array::from_fn(|n| &*copies[n]);
            return Ok(work(views, out.of_mut(memory)?));
        }
        let parts = memory
            .split_at_mut_checked(out.start)
            .and_then(|(before, rest)| {
                let (out, after) = rest.split_at_mut_checked(out.len)?;
                Some((before, out, after))
            });
        let Some((before, bytes, after)) = parts else {
            return Err(wasmtime::format_err!("a result reaches beyond the memory").into());
        };
        let mut views = [&[][..]; N];
        for (view, input) in views.iter_mut().zip(inputs) {
            let found = match input.start < out.start {
                true => input.of(before, 0),
                false => input.of(after, out.end()),
            };
            *view = found.ok_or_else(beyond)?;
        }
        Ok(work(views, bytes))
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
        // Somewhere an output overlaps something else. Then what counts is what the inputs are now.
        let inputs = entries
            .iter()
            .map(|(inputs, _)| copies(memory, *inputs))
            .collect::<Result<Vec<_>>>()?;
        let mut outs: Vec<Scratch> = entries
            .iter()
            .map(|(_, out)| Scratch::new(out.len))
            .collect::<Result<_>>()?;
        let views = inputs.iter().zip(&mut outs).map(|(inputs, out)| Views {
            inputs: std::array::from_fn(|n| &*inputs[n]),
            out,
        });
        let result = work(views.collect());
        for ((_, region), out) in entries.iter().zip(&outs) {
            region.of_mut(memory)?.copy_from_slice(out);
        }
        Ok(result)
    }
}

/// The memory of a guest, to read from.
pub(crate) struct Memory<'a>(&'a [u8]);

impl<'a> Memory<'a> {
    pub(crate) fn get(&self, region: Region) -> Result<&'a [u8]> {
        Ok(region.of(self.0, 0).ok_or_else(beyond)?)
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

/// Splits `memory` at every output, if none of them overlaps anything else.
fn split<'m, const N: usize>(
    memory: &'m mut [u8],
    entries: &[([Region; N], Region)],
) -> Option<Vec<Views<'m, N>>> {
    // Guests allocate upwards more often than not, so each of these runs is nearly sorted, and merging them is quick.
    let outs = entries.iter().enumerate().map(|(n, (_, out))| (*out, n, N));
    let inputs = (0..N).flat_map(|slot| {
        let each = entries.iter().enumerate();
        each.map(move |(n, (inputs, _))| (inputs[slot], n, slot))
    });
    let mut order: Vec<(Region, usize, usize)> = Vec::with_capacity(entries.len() * (N + 1));
    order.extend(outs.chain(inputs).filter(|(region, ..)| region.len > 0));
    order.sort_by_key(|(region, ..)| region.start);

    let mut views: Vec<Views<'m, N>> = Vec::with_capacity(entries.len());
    views.extend(entries.iter().map(|_| Views {
        inputs: [&[]; N],
        out: &mut [],
    }));
    let mut rest = memory;
    let mut offset = 0;
    // The inputs since the last output.
    let mut first = 0;
    for (position, &(out, entry, slot)) in order.iter().enumerate() {
        if slot < N {
            continue;
        }
        let (gap, tail) = rest.split_at_mut_checked(out.start.checked_sub(offset)?)?;
        let (bytes, tail) = tail.split_at_mut_checked(out.len)?;
        find(&mut views, order.get(first..position)?, gap, offset)?;
        views.get_mut(entry)?.out = bytes;
        rest = tail;
        offset = out.end();
        first = position + 1;
    }
    find(&mut views, order.get(first..)?, rest, offset)?;
    Some(views)
}

/// Sets the views of inputs that lie in `gap`, a part of the memory that begins at `offset`.
fn find<'m, const N: usize>(
    views: &mut [Views<'m, N>],
    inputs: &[(Region, usize, usize)],
    gap: &'m [u8],
    offset: usize,
) -> Option<()> {
    for &(input, entry, slot) in inputs {
        *views.get_mut(entry)?.inputs.get_mut(slot)? = input.of(gap, offset)?;
    }
    Some(())
}
