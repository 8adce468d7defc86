//! Batches that squeeze.

use super::*;

pub fn squeeze() {
    let states: Vec<i32> = ["SHA-256", "BLAKE3", "SHAKE-128", "AES-256-GCM"]
        .into_iter()
        .map(|name| match name {
            "AES-256-GCM" => aead(name, 32, 12),
            name => open(name, None, None).expect("a state"),
        })
        .collect();
    let mut expected = Vec::new();
    for state in &states[..3] {
        let twin: i32 = result(|out| symmetric_state_clone(*state, out)).expect("a clone");
        let mut out = Guarded::new(32, 0);
        let at = out.at();
        assert_eq!(symmetric_state_squeeze(twin, at, 32), SUCCESS);
        expected.push(out.bytes().to_vec());
        close(twin);
    }
    let mut outs: Vec<Guarded> = (0..5).map(|_| Guarded::new(32, 7)).collect();
    let mut too_long = Guarded::new(33, 7);
    let mut entries: Vec<Squeeze> = outs
        .iter_mut()
        .zip([states[0], states[1], states[3], states[2], -1])
        .map(|(out, state)| Squeeze {
            state,
            out: out.at(),
            out_len: 32,
            out_len_again: 32,
        })
        .collect();
    entries.push(Squeeze {
        state: states[0],
        out: too_long.at(),
        out_len: 33,
        out_len_again: 33,
    });
    let results: Vec<u16> = batch(batch_symmetric_state_squeeze, &entries).expect("a batch");
    let errnos: Vec<i32> = results.into_iter().map(i32::from).collect();
    assert_eq!(
        errnos,
        [
            SUCCESS,
            SUCCESS,
            INVALID_OPERATION,
            SUCCESS,
            INVALID_HANDLE,
            INVALID_LENGTH
        ]
    );
    assert_eq!(outs[0].bytes(), expected[0]);
    assert_eq!(outs[1].bytes(), expected[1]);
    assert_eq!(outs[3].bytes(), expected[2]);
    outs[2].assert_untouched(7);
    outs[4].assert_untouched(7);
    too_long.assert_untouched(7);
    states.into_iter().for_each(close);
}

/// A state that occurs again sees its entries in order, and each result goes to its own buffer.
pub fn repeated() {
    let fresh = || open("SHAKE-128", None, None).expect("a state");
    let (one, other) = (fresh(), fresh());
    absorb(other, b"other").expect("absorbed");
    let mut outs = [(); 6].map(|()| Guarded::new(16, 7));
    let order = [one, one, other, -1, one, other];
    let entries: Vec<Squeeze> = outs
        .iter_mut()
        .zip(order)
        .map(|(out, state)| Squeeze {
            state,
            out: out.at(),
            out_len: 16,
            out_len_again: 16,
        })
        .collect();
    let results: Vec<u16> = batch(batch_symmetric_state_squeeze, &entries).expect("a batch");
    assert_eq!(results, [0, 0, 0, INVALID_HANDLE as u16, 0, 0]);
    let (twin_of_one, twin_of_other) = (fresh(), fresh());
    absorb(twin_of_other, b"other").expect("absorbed");
    for (out, state) in outs.iter().zip(order) {
        let twin = if state == one {
            twin_of_one
        } else {
            twin_of_other
        };
        if state == -1 {
            out.assert_untouched(7);
            continue;
        }
        let mut expected = Guarded::new(16, 0);
        let at = expected.at();
        assert_eq!(symmetric_state_squeeze(twin, at, 16), SUCCESS);
        assert_eq!(out.bytes(), expected.bytes());
    }
    [one, other, twin_of_one, twin_of_other]
        .into_iter()
        .for_each(close);
}

pub fn tags() {
    let mac_key = key("HMAC/SHA-256", b"key").expect("a key");
    let states: Vec<i32> = (0..3u8)
        .map(|byte| {
            let state = open("HMAC/SHA-256", Some(mac_key), None).expect("a state");
            absorb(state, &[byte]).expect("absorbed");
            state
        })
        .collect();
    let hash = open("SHA-256", None, None).expect("a state");
    let entries = [states[0], hash, states[1], 99, states[2]];
    let results: Vec<Pair> = batch(batch_symmetric_state_squeeze_tag, &entries).expect("a batch");
    assert_eq!(failed(results[1]), INVALID_OPERATION);
    assert_eq!(failed(results[3]), INVALID_HANDLE);
    for (pair, state) in [results[0], results[2], results[4]]
        .into_iter()
        .zip(&states)
    {
        let tag: i32 = result(|out| symmetric_state_squeeze_tag(*state, out)).expect("a tag");
        let mut raw = Guarded::new(32, 0);
        let at = raw.at();
        assert_eq!(
            result(|len| symmetric_tag_pull(tag, at, 32, len)),
            Ok(32u32)
        );
        assert_eq!(pair.errno, 0);
        assert_eq!(symmetric_tag_verify(pair.value, at, 32), SUCCESS);
        assert_eq!(symmetric_tag_verify(pair.value, at, 31), INVALID_TAG);
        assert_eq!(symmetric_tag_close(pair.value), SUCCESS);
    }
    states.into_iter().chain([hash]).for_each(close);
    assert_eq!(symmetric_key_close(mac_key), SUCCESS);
}
