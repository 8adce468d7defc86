;; Calls the host as no bindings generator would: with pointers, lengths, handles and enumerators of the test's choice.
(component
  (import "wasi-ephemeral:crypto/common@0.1.0" (instance $common
    (type $errnos (enum
      "guest-error" "not-implemented" "unsupported-feature" "prohibited-operation" "unsupported-encoding"
      "unsupported-algorithm" "unsupported-option" "invalid-key" "invalid-length" "verification-failed" "rng-error"
      "algorithm-failure" "invalid-signature" "closed" "invalid-handle" "overflow" "internal-error" "too-many-handles"
      "key-not-supported" "key-required" "invalid-tag" "invalid-operation" "nonce-required" "invalid-nonce"
      "option-not-set" "not-found" "parameters-missing" "in-progress" "incompatible-keys" "expired"))
    (export "crypto-errno" (type $errno (eq $errnos)))
    (type $categories (enum "signatures" "symmetric" "key-exchange"))
    (export "algorithm-type" (type $category (eq $categories)))
    (export "options" (type $options (sub resource)))
    (export "[static]options.open"
      (func (param "algorithm-type" $category) (result (result (own $options) (error $errno)))))))
  (alias export $common "crypto-errno" (type $errno))

  (import "wasi-ephemeral:crypto/symmetric@0.1.0" (instance $symmetric
    (alias outer 1 $errno (type $errnos))
    (export "crypto-errno" (type $errno (eq $errnos)))
    (export "symmetric-key" (type $key (sub resource)))
    (export "[static]symmetric-key.import"
      (func (param "algorithm" string) (param "raw" (list u8)) (result (result (own $key) (error $errno)))))
    (export "symmetric-tag" (type $tag (sub resource)))
    (export "[method]symmetric-tag.len" (func (param "self" (borrow $tag)) (result u64)))))
  (alias export $symmetric "symmetric-key" (type $key))
  (alias export $symmetric "symmetric-tag" (type $tag))

  (import "wasi-ephemeral:crypto/symmetric-oneshot@0.1.0" (instance $oneshot
    (alias outer 1 $errno (type $errnos))
    (export "crypto-errno" (type $errno (eq $errnos)))
    (alias outer 1 $key (type $keys))
    (export "symmetric-key" (type $key (eq $keys)))
    (type $messages (record
      (field "nonce" (option (list u8))) (field "associated-data" (list u8)) (field "data" (list u8))))
    (export "message" (type $message (eq $messages)))
    (type $sealeds (record (field "nonce" (option (list u8))) (field "ciphertext" (list u8))))
    (export "sealed" (type $sealed (eq $sealeds)))
    (export "hash" (func (param "algorithm" string) (param "data" (list u8)) (param "len" u64)
      (result (result (list u8) (error $errno)))))
    (export "encrypt" (func (param "key" (borrow $key)) (param "message" $message)
      (result (result $sealed (error $errno)))))))

  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 16) "SHAKE-128")
    (data (i32.const 64) "abc")
    (data (i32.const 128) "\ff\fe")
    (data (i32.const 160) "AES-128-GCM")
    (global $place (mut i32) (i32.const 0))
    (global $pages (mut i32) (i32.const 0))
    (func (export "place") (param i32 i32) (global.set $place (local.get 0)) (global.set $pages (local.get 1)))
    ;; Whatever the host wants to return is to be written there, in a memory that has grown by so many pages.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (drop (memory.grow (global.get $pages)))
      (global.get $place)))
  (core instance $memory (instantiate $memory))

  (core func $hash (canon lower (func $oneshot "hash")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $import (canon lower (func $symmetric "[static]symmetric-key.import")
    (memory (core memory $memory "memory"))))
  (core func $encrypt (canon lower (func $oneshot "encrypt")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $open (canon lower (func $common "[static]options.open") (memory (core memory $memory "memory"))))
  (core func $len (canon lower (func $symmetric "[method]symmetric-tag.len")))
  (core func $drop (canon resource.drop $tag))

  (core module $main
    (import "memory" "memory" (memory 1))
    (import "memory" "place" (func $place (param i32 i32)))
    (import "host" "hash" (func $hash (param i32 i32 i32 i32 i64 i32)))
    (import "host" "import" (func $import (param i32 i32 i32 i32 i32)))
    (import "host" "encrypt" (func $encrypt (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "open" (func $open (param i32 i32)))
    (import "host" "len" (func $len (param i32) (result i64)))
    (import "host" "drop" (func $drop (param i32)))
    ;; The first eight bytes of the digest, as a number; or the errno's index.
    (func (export "hash") (param i32 i32 i32 i32 i64 i32) (result i64)
      (call $place (local.get 5) (i32.const 0))
      (call $hash
        (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (i32.const 512))
      (if (result i64) (i32.load8_u (i32.const 512))
        (then (i64.load8_u (i32.const 516)))
        (else (i64.load (i32.load (i32.const 516))))))
    ;; Encrypts under a key of 16 zeros, at 256, and a nonce of 12, at 288: gives the first eight bytes of the ciphertext.
    (func (export "encrypt") (param $data i32) (param $len i32) (param $at i32) (param $grow i32) (result i64)
      (call $import (i32.const 160) (i32.const 11) (i32.const 256) (i32.const 16) (i32.const 512))
      (if (i32.load8_u (i32.const 512)) (then unreachable))
      (call $place (local.get $at) (local.get $grow))
      (call $encrypt
        (i32.load (i32.const 516)) (i32.const 1) (i32.const 288) (i32.const 12) (i32.const 0) (i32.const 0)
        (local.get $data) (local.get $len) (i32.const 544))
      (if (i32.load8_u (i32.const 544)) (then unreachable))
      (i64.load (i32.load (i32.const 560))))
    (func (export "open") (param i32) (call $open (local.get 0) (i32.const 512)))
    (func (export "len") (param i32) (result i64) (call $len (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "hash" (func $hash))
      (export "import" (func $import))
      (export "encrypt" (func $encrypt))
      (export "open" (func $open))
      (export "len" (func $len))
      (export "drop" (func $drop))))))

  (func (export "hash") (param "name" u32) (param "name-len" u32) (param "data" u32) (param "data-len" u32)
    (param "len" u64) (param "place" u32) (result u64)
    (canon lift (core func $main "hash")))
  (func (export "encrypt") (param "data" u32) (param "len" u32) (param "place" u32) (param "grow" u32) (result u64)
    (canon lift (core func $main "encrypt")))
  (func (export "open") (param "category" u32) (canon lift (core func $main "open")))
  (func (export "len") (param "handle" u32) (result u64) (canon lift (core func $main "len")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $main "drop"))))
