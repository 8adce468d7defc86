;; A guest whose allocator does what it should not. `run` makes one call with it and returns the bytes that came back.
(module
  (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[static]symmetric-key.import"
    (func $import (param i32 i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[static]symmetric-state.open"
    (func $open (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[method]symmetric-state.encrypt"
    (func $encrypt (param i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[method]symmetric-state.decrypt"
    (func $decrypt (param i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric@0.1.0" "[method]symmetric-state.max-tag-len"
    (func $max-tag-len (param i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric-batch@0.1.0" "encrypt"
    (func $encrypt-batch (param i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric-batch@0.1.0" "decrypt"
    (func $decrypt-batch (param i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0" "encrypt"
    (func $seal (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0" "encrypt-many"
    (func $seal-many (param i32 i32 i32 i32)))
  (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0" "hash"
    (func $hash (param i32 i32 i32 i32 i64 i32)))

  (memory (export "memory") 2)
  ;; 0x000 a key of 64 bytes, 0x040 a nonce of 16, 0x080 names
  (data (i32.const 0x000) "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF")
  (data (i32.const 0x040) "a nonce, 16 long")
  (data (i32.const 0x080) "AES-256-SIV")
  (data (i32.const 0x090) "SHA-256")
  ;; 0x100 where calls leave their results, 0x200 entries of batches, 0x400 and 0x500 two messages of 100 bytes
  (data (i32.const 0x400) "This is the first message, which is one hundred bytes long so that something of it can be overwritten.")
  (data (i32.const 0x500) "And this is the second message, of the same length, with other bytes in it than those of the first one")

  (global $manner (mut i32) (i32.const 0))
  ;; What the next call reads.
  (global $input (mut i32) (i32.const 0x400))
  (global $next (mut i32) (i32.const 0x4000))
  (global $state (mut i32) (i32.const 0))

  (func $bump (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    ;; fails
    (if (i32.eq (global.get $manner) (i32.const 1)) (then (unreachable)))
    ;; begins in the memory, ends beyond
    (if (i32.eq (global.get $manner) (i32.const 2)) (then
      (return (i32.sub (i32.mul (memory.size) (i32.const 0x10000)) (i32.const 8)))))
    ;; begins beyond
    (if (i32.eq (global.get $manner) (i32.const 3)) (then (return (i32.const 0xffffff00))))
    ;; is the input
    (if (i32.and (i32.eq (global.get $manner) (i32.const 4)) (i32.eq (local.get $align) (i32.const 1))) (then
      (return (global.get $input))))
    ;; begins within the input
    (if (i32.and (i32.eq (global.get $manner) (i32.const 5)) (i32.eq (local.get $align) (i32.const 1))) (then
      (return (i32.add (global.get $input) (i32.const 40)))))
    ;; ends within the input
    (if (i32.and (i32.eq (global.get $manner) (i32.const 6)) (i32.eq (local.get $align) (i32.const 1))) (then
      (return (i32.sub (global.get $input) (i32.const 40)))))
    ;; is the same each time
    (if (i32.and (i32.eq (global.get $manner) (i32.const 7)) (i32.eq (local.get $align) (i32.const 1))) (then
      (return (i32.const 0x4000))))
    ;; Lists of results are out of the way of all that.
    (if (i32.gt_u (local.get $align) (i32.const 1)) (then
      (global.set $next (i32.or (global.get $next) (i32.const 0x8000)))))
    ;; is in memory that was not there before
    (if (i32.eq (global.get $manner) (i32.const 8)) (then
      (global.set $next (i32.mul (memory.grow (i32.const 64)) (i32.const 0x10000)))))
    ;; is not aligned
    (if (i32.eq (global.get $manner) (i32.const 9)) (then
      (return (i32.or (call $bump (local.get $align) (i32.add (local.get $size) (i32.const 1))) (i32.const 1)))))
    ;; calls the host
    (if (i32.eq (global.get $manner) (i32.const 10)) (then
      (call $max-tag-len (global.get $state) (i32.const 0x180))))
    (call $bump (local.get $align) (local.get $size)))

  (func $ok (param $at i32) (if (i32.load8_u (local.get $at)) (then (unreachable))))

  (func $key (result i32)
    (call $import (i32.const 0x080) (i32.const 11) (i32.const 0x000) (i32.const 64) (i32.const 0x100))
    (call $ok (i32.const 0x100))
    (i32.load (i32.const 0x104)))

  (func $new-state (result i32)
    (call $open (i32.const 0x080) (i32.const 11) (i32.const 1) (call $key) (i32.const 0) (i32.const 0) (i32.const 0x100))
    (call $ok (i32.const 0x100))
    (global.set $state (i32.load (i32.const 0x104)))
    (global.get $state))

  ;; Appends the list whose pointer and length are at $at to what `run` returns.
  (func $append (param $at i32)
    (memory.copy
      (i32.add (i32.const 0x2000) (i32.load (i32.const 0x1f4)))
      (i32.load (local.get $at))
      (i32.load (i32.add (local.get $at) (i32.const 4))))
    (i32.store (i32.const 0x1f4)
      (i32.add (i32.load (i32.const 0x1f4)) (i32.load (i32.add (local.get $at) (i32.const 4))))))

  ;; An entry of a batch at $at.
  (func $entry (param $at i32) (param $state i32) (param $data i32) (param $len i32)
    (i32.store (local.get $at) (local.get $state))
    (i32.store offset=4 (local.get $at) (local.get $data))
    (i32.store offset=8 (local.get $at) (local.get $len)))

  ;; A message at $at.
  (func $message (param $at i32) (param $data i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store offset=4 (local.get $at) (i32.const 0x040))
    (i32.store offset=8 (local.get $at) (i32.const 16))
    (i32.store offset=12 (local.get $at) (i32.const 0x410))
    (i32.store offset=16 (local.get $at) (i32.const 16))
    (i32.store offset=20 (local.get $at) (local.get $data))
    (i32.store offset=24 (local.get $at) (i32.const 100)))

  (func (export "run") (param $what i32) (param $how i32) (result i32)
    (local $first i32) (local $second i32)
    (i32.store (i32.const 0x1f0) (i32.const 0x2000))

    ;; encrypt
    (if (i32.eq (local.get $what) (i32.const 0)) (then
      (local.set $first (call $new-state))
      (global.set $manner (local.get $how))
      (call $encrypt (local.get $first) (i32.const 0x400) (i32.const 100) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (call $append (i32.const 0x104))))

    ;; decrypt
    (if (i32.eq (local.get $what) (i32.const 1)) (then
      (call $encrypt (call $new-state) (i32.const 0x400) (i32.const 100) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (global.set $input (i32.load (i32.const 0x104)))
      (local.set $first (call $new-state))
      (global.set $manner (local.get $how))
      (call $decrypt (local.get $first) (global.get $input) (i32.const 116) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (call $append (i32.const 0x104))))

    ;; a batch to encrypt
    (if (i32.eq (local.get $what) (i32.const 2)) (then
      (local.set $first (call $new-state))
      (local.set $second (call $new-state))
      (call $entry (i32.const 0x200) (local.get $first) (i32.const 0x400) (i32.const 100))
      (call $entry (i32.const 0x20c) (local.get $second) (i32.const 0x500) (i32.const 100))
      (global.set $manner (local.get $how))
      (call $encrypt-batch (i32.const 0x200) (i32.const 2) (i32.const 0x100))
      (call $results (i32.const 12) (i32.const 4))))

    ;; a batch to decrypt
    (if (i32.eq (local.get $what) (i32.const 3)) (then
      (call $encrypt (call $new-state) (i32.const 0x400) (i32.const 100) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (global.set $input (i32.load (i32.const 0x104)))
      (local.set $first (call $new-state))
      (local.set $second (call $new-state))
      (call $entry (i32.const 0x200) (local.get $first) (global.get $input) (i32.const 116))
      (call $entry (i32.const 0x20c) (local.get $second) (global.get $input) (i32.const 116))
      (global.set $manner (local.get $how))
      (call $decrypt-batch (i32.const 0x200) (i32.const 2) (i32.const 0x100))
      (call $results (i32.const 12) (i32.const 4))))

    ;; a message under a key
    (if (i32.eq (local.get $what) (i32.const 4)) (then
      (local.set $first (call $key))
      (global.set $state (call $new-state))
      (global.set $manner (local.get $how))
      (call $seal (local.get $first) (i32.const 1) (i32.const 0x040) (i32.const 16)
        (i32.const 0x410) (i32.const 16) (i32.const 0x400) (i32.const 100) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (call $append (i32.const 0x110))))

    ;; many messages under a key
    (if (i32.eq (local.get $what) (i32.const 5)) (then
      (local.set $first (call $key))
      (global.set $state (call $new-state))
      (call $message (i32.const 0x200) (i32.const 0x400))
      (call $message (i32.const 0x21c) (i32.const 0x500))
      (global.set $manner (local.get $how))
      (call $seal-many (local.get $first) (i32.const 0x200) (i32.const 2) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (call $ok (i32.load (i32.const 0x104)))
      (call $ok (i32.add (i32.load (i32.const 0x104)) (i32.const 16)))
      (call $append (i32.const 0x10c))))

    ;; a hash
    (if (i32.eq (local.get $what) (i32.const 6)) (then
      (global.set $state (call $new-state))
      (global.set $manner (local.get $how))
      (call $hash (i32.const 0x090) (i32.const 7) (i32.const 0x400) (i32.const 100) (i64.const 32) (i32.const 0x100))
      (call $ok (i32.const 0x100))
      (call $append (i32.const 0x104))))

    (global.set $manner (i32.const 0))
    (i32.const 0x1f0))

  ;; Appends the lists at $at of the two results, of $size bytes, that the list at 0x104 holds.
  (func $results (param $size i32) (param $at i32)
    (local $first i32)
    (call $ok (i32.const 0x100))
    (local.set $first (i32.load (i32.const 0x104)))
    (call $ok (local.get $first))
    (call $append (i32.add (local.get $first) (local.get $at)))
    (call $ok (i32.add (local.get $first) (local.get $size)))
    (call $append (i32.add (i32.add (local.get $first) (local.get $size)) (local.get $at)))))
