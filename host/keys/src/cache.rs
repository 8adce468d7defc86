//! Keys that were fetched lately, open and with their schedule prepared.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wasi_crypto_engine::Key;

use crate::{KeyId, Selector, Version};

/// Counters that tell whether a key was changed while it was being fetched. Two keys may share one, which costs a look-up.
const STAMPS: usize = 64;

/// Bounded in entries: the one that was not asked for longest makes room.
pub(crate) struct Cache(Mutex<Lines>);

/// A version of a key as it was fetched.
#[derive(Clone)]
pub(crate) struct Fetched {
    pub(crate) namespace: Arc<str>,
    pub(crate) version: Version,
    pub(crate) key: Key,
    pub(crate) expires: Option<u64>,
    pub(crate) exportable: bool,
}

/// When a fetch has begun.
pub(crate) struct Begun {
    at: Instant,
    stamp: u64,
}

struct Lines {
    entries: usize,
    lines: BTreeMap<(KeyId, Selector), Line>,
    /// The lines by the last time they were asked for.
    order: BTreeMap<u64, (KeyId, Selector)>,
    next: u64,
    stamps: [u64; STAMPS],
}

struct Line {
    fetched: Fetched,
    at: Instant,
    asked: u64,
}

impl Cache {
    pub(crate) fn new(entries: usize) -> Self {
        Self(Mutex::new(Lines {
            entries,
            lines: BTreeMap::new(),
            order: BTreeMap::new(),
            next: 0,
            stamps: [0; STAMPS],
        }))
    }

    /// What is there, unless it was fetched longer ago than `staleness`.
    pub(crate) fn get(
        &self,
        namespace: &str,
        id: &KeyId,
        version: Selector,
        staleness: Option<Duration>,
    ) -> Option<Fetched> {
        let mut guard = self.lock();
        let lines = &mut *guard;
        let line = lines.lines.get_mut(&(*id, version))?;
        if *line.fetched.namespace != *namespace
            || staleness.is_some_and(|limit| line.at.elapsed() >= limit)
        {
            return None;
        }
        lines.order.remove(&line.asked);
        line.asked = lines.next;
        lines.order.insert(line.asked, (*id, version));
        lines.next += 1;
        Some(line.fetched.clone())
    }

    /// To be called before the store is asked.
    pub(crate) fn begin(&self, id: &KeyId) -> Begun {
        Begun {
            at: Instant::now(),
            stamp: self.lock().stamps[stamp_of(id)],
        }
    }

    /// Keeps what was fetched, unless the key was changed meanwhile, or a later fetch was faster.
    pub(crate) fn put(&self, id: &KeyId, version: Selector, begun: &Begun, fetched: Fetched) {
        let mut lines = self.lock();
        if lines.entries == 0 || lines.stamps[stamp_of(id)] != begun.stamp {
            return;
        }
        let kept = lines.lines.get(&(*id, version));
        if kept.is_some_and(|line| line.at > begun.at) {
            return;
        }
        lines.remove(&(*id, version));
        while lines.lines.len() >= lines.entries {
            let Some((_, oldest)) = lines.order.pop_first() else {
                break;
            };
            lines.lines.remove(&oldest);
        }
        let asked = lines.next;
        lines.next += 1;
        lines.order.insert(asked, (*id, version));
        let line = Line {
            fetched,
            at: begun.at,
            asked,
        };
        lines.lines.insert((*id, version), line);
    }

    /// Forgets all versions of a key.
    pub(crate) fn forget(&self, id: &KeyId) {
        let mut lines = self.lock();
        lines.stamps[stamp_of(id)] += 1;
        let all = (*id, Selector::Latest)..=(*id, Selector::Exact(Version::MAX));
        let found: Vec<_> = lines.lines.range(all).map(|(place, _)| *place).collect();
        for place in found {
            lines.remove(&place);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut lines = self.lock();
        for stamp in &mut lines.stamps {
            *stamp += 1;
        }
        lines.lines.clear();
        lines.order.clear();
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.lock().lines.len()
    }

    // Nothing panics while it holds the lock, and if it did: the worst is a key that has to be fetched again.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn remove(&mut self, place: &(KeyId, Selector)) {
        if let Some(line) = self.lines.remove(place) {
            self.order.remove(&line.asked);
        }
    }
}

/// Identifiers are random.
fn stamp_of(id: &KeyId) -> usize {
    usize::from(id.as_bytes()[0]) % STAMPS
}

#[cfg(test)]
mod tests {
    use wasi_crypto_engine::Engine;

    use super::*;

    fn fetched(version: Version) -> Fetched {
        let engine = Engine::default();
        Fetched {
            namespace: "a".into(),
            version,
            key: engine.generate_key("AES-256-GCM", None).unwrap(),
            expires: None,
            exportable: false,
        }
    }

    fn id(byte: u8) -> KeyId {
        KeyId::from_bytes([byte; 16])
    }

    fn put(cache: &Cache, id: KeyId, version: Version) {
        let begun = cache.begin(&id);
        cache.put(&id, Selector::Exact(version), &begun, fetched(version));
    }

    fn has(cache: &Cache, id: KeyId, version: Version) -> bool {
        cache
            .get("a", &id, Selector::Exact(version), None)
            .is_some()
    }

    #[test]
    fn the_line_that_was_not_asked_for_longest_makes_room() {
        let cache = Cache::new(3);
        for byte in 1..=3 {
            put(&cache, id(byte), 1);
        }
        assert!(has(&cache, id(1), 1));
        put(&cache, id(4), 1);
        assert_eq!(cache.len(), 3);
        assert!(has(&cache, id(1), 1) && !has(&cache, id(2), 1));
        assert!(has(&cache, id(3), 1) && has(&cache, id(4), 1));
    }

    #[test]
    fn a_cache_of_no_entries_keeps_nothing() {
        let cache = Cache::new(0);
        put(&cache, id(1), 1);
        assert!(!has(&cache, id(1), 1));
    }

    #[test]
    fn forgetting_a_key_forgets_all_its_versions_and_no_other_key() {
        let cache = Cache::new(10);
        put(&cache, id(1), 1);
        put(&cache, id(1), 2);
        put(&cache, id(2), 1);
        cache.forget(&id(1));
        assert!(!has(&cache, id(1), 1) && !has(&cache, id(1), 2));
        assert!(has(&cache, id(2), 1));
        cache.clear();
        assert!(!has(&cache, id(2), 1));
    }

    #[test]
    fn what_was_changed_while_it_was_fetched_is_not_kept() {
        let cache = Cache::new(10);
        let begun = cache.begin(&id(1));
        cache.forget(&id(1));
        cache.put(&id(1), Selector::Exact(1), &begun, fetched(1));
        assert!(!has(&cache, id(1), 1));
    }

    #[test]
    fn what_was_asked_for_earlier_and_came_later_replaces_nothing() {
        let cache = Cache::new(10);
        let slow = cache.begin(&id(1));
        std::thread::sleep(Duration::from_millis(1));
        let fast = cache.begin(&id(1));
        cache.put(&id(1), Selector::Latest, &fast, fetched(2));
        cache.put(&id(1), Selector::Latest, &slow, fetched(1));
        let kept = cache.get("a", &id(1), Selector::Latest, None).unwrap();
        assert_eq!(kept.version, 2);
        let next = cache.begin(&id(1));
        cache.put(&id(1), Selector::Latest, &next, fetched(3));
        let kept = cache.get("a", &id(1), Selector::Latest, None).unwrap();
        assert_eq!(kept.version, 3);
    }

    #[test]
    fn another_namespace_and_a_stale_line_find_nothing() {
        let cache = Cache::new(10);
        put(&cache, id(1), 1);
        let version = Selector::Exact(1);
        assert!(cache.get("b", &id(1), version, None).is_none());
        let none = Some(Duration::ZERO);
        assert!(cache.get("a", &id(1), version, none).is_none());
        let hour = Some(Duration::from_secs(3600));
        assert!(cache.get("a", &id(1), version, hour).is_some());
    }
}
