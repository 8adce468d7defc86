//! Calls that take whole messages, or many: round trips, batches, one shots.

use wasi_crypto_test_guests::Result;
use wasi_crypto_test_guests::common::{AlgorithmType, CryptoErrno, Options};
use wasi_crypto_test_guests::symmetric::{SymmetricState, SymmetricTag};
use wasi_crypto_test_guests::symmetric_batch::{
    self, DecryptDetachedParamsParam, DecryptParamsParam, EncryptParamsParam, SqueezeParams,
};
use wasi_crypto_test_guests::symmetric_oneshot::{self, MessageParam};

use crate::world::{World, keep};

impl World {
    /// What one state has encrypted, another one decrypts.
    pub fn round_trip(&mut self) {
        let (message, nonce_len) = (
            self.random.bytes(),
            [0, 12, 16, 24, 32][self.random.below(5)],
        );
        let detached = self.random.once_in(2);
        let Some((algorithm, key)) = self.random.pick(&self.keys) else {
            return;
        };
        let round_trip = || {
            let options = Options::open(AlgorithmType::Symmetric)?;
            if nonce_len > 0 {
                options.set("nonce", &vec![5; nonce_len])?;
            }
            let open = || SymmetricState::open(algorithm, Some(key), Some(&options));
            let sender = open()?;
            if let Ok(nonce) = sender.options_get("nonce") {
                options.set("nonce", &nonce)?;
            }
            let receiver = open()?;
            if detached {
                let (ciphertext, tag) = sender.encrypt_detached(&message)?;
                receiver.decrypt_detached(&ciphertext, &SymmetricTag::pull(tag))
            } else {
                receiver.decrypt(&sender.encrypt(&message)?)
            }
        };
        let received = round_trip();
        if let Ok(received) = &received {
            assert_eq!(*received, message, "{algorithm}");
        }
        assert_ne!(received, Err(CryptoErrno::InvalidTag), "{algorithm}");
        self.record.add("round trip", &received, Vec::len);
    }

    pub fn batch(&mut self) {
        let count = match self.random.below(60) {
            0 => 1000,
            _ => self.random.below(5),
        };
        let data = self.data();
        let lens: Vec<_> = (0..count).map(|_| self.random.squeeze_len()).collect();
        let states = (0..count).filter_map(|_| self.random.pick(&self.states));
        let states: Vec<_> = states.collect();
        let record = &mut self.record;
        match self.random.below(6) {
            0 => {
                let batch = states.iter().zip(lens);
                let batch: Vec<_> = batch
                    .map(|(state, len)| SqueezeParams { state, len })
                    .collect();
                let results = symmetric_batch::squeeze(&batch);
                record.add("batch.squeeze", &results, |all| succeeded(all));
            }
            1 => {
                let results = symmetric_batch::squeeze_tag(&states);
                record.add("batch.squeeze-tag", &results, |all| succeeded(all));
                for tag in results.into_iter().flatten() {
                    keep(&mut self.random, &mut self.tags, tag);
                }
            }
            operation @ (2 | 3) => {
                let entry = |&state| EncryptParamsParam { state, data: &data };
                let batch: Vec<_> = states.iter().map(entry).collect();
                if operation == 2 {
                    let results = symmetric_batch::encrypt(&batch);
                    record.add("batch.encrypt", &results, |all| succeeded(all));
                } else {
                    let results = symmetric_batch::encrypt_detached(&batch);
                    record.add("batch.encrypt-detached", &results, |all| succeeded(all));
                }
            }
            4 => {
                let entry = |&state| DecryptParamsParam { state, data: &data };
                let batch: Vec<_> = states.iter().map(entry).collect();
                record.add_verified("batch.decrypt", &symmetric_batch::decrypt(&batch));
            }
            _ => {
                let entry = |&state| DecryptDetachedParamsParam {
                    state,
                    data: &data,
                    raw_tag: &self.raw_tag,
                };
                let batch: Vec<_> = states.iter().map(entry).collect();
                let results = symmetric_batch::decrypt_detached(&batch);
                record.add_verified("batch.decrypt-detached", &results);
            }
        }
    }

    pub fn one_shot(&mut self) {
        let (algorithm, len) = (self.algorithm(), self.random.squeeze_len());
        let (data, associated_data, nonce) = (self.data(), self.data(), self.random.bytes());
        let operation = self.random.below(8);
        let given = !self.random.once_in(3);
        let record = &mut self.record;
        if operation == 0 {
            let digest = symmetric_oneshot::hash(&algorithm, &data, len);
            return record.add("one-shot.hash", &digest, Vec::len);
        }
        let Some((_, key)) = self.random.pick(&self.keys) else {
            return;
        };
        let message = || MessageParam {
            nonce: given.then_some(&nonce),
            associated_data: &associated_data,
            data: &data,
        };
        match operation {
            1 => {
                let tag = symmetric_oneshot::authenticate(key, &data);
                record.add("one-shot.authenticate", &tag, Vec::len);
            }
            2 => {
                let verified = symmetric_oneshot::verify(key, &data, &self.raw_tag);
                record.add_verified("one-shot.verify", &verified);
            }
            3 => {
                let derived = symmetric_oneshot::derive(key, &data, len);
                record.add("one-shot.derive", &derived, Vec::len);
            }
            4 => {
                let sealed = symmetric_oneshot::encrypt(key, message());
                record.add("one-shot.encrypt", &sealed, |sealed| {
                    sealed.nonce.as_ref().map_or(0, Vec::len) + sealed.ciphertext.len()
                });
            }
            5 => {
                let opened = symmetric_oneshot::decrypt(key, message());
                record.add_verified("one-shot.decrypt", &opened);
            }
            6 => {
                let sealed = symmetric_oneshot::encrypt_many(key, &[message(), message()]);
                record.add("one-shot.encrypt-many", &sealed, |all| {
                    succeeded(&all.lengths)
                });
            }
            _ => {
                let opened = symmetric_oneshot::decrypt_many(key, &[message(), message()])
                    .map(|opened| opened.lengths);
                record.add_verified("one-shot.decrypt-many", &opened);
            }
        }
    }
}

fn succeeded<T>(results: &[Result<T>]) -> usize {
    results.iter().filter(|result| result.is_ok()).count()
}
