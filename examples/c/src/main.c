// Hashes, authenticates, encrypts and decrypts files with the cryptography of the host.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "errors.h"
#include "files.h"
#include "vectors.h"

static const char USAGE[] =
    "usage: seal hash FILE...           SHA-256 of each file, all in one batch\n"
    "       seal mac KEYFILE FILE...    HMAC/SHA-256 of each file\n"
    "       seal seal KEYFILE FILE...   encrypts each FILE to FILE.sealed; the key has 32 bytes\n"
    "       seal open KEYFILE FILE...   decrypts each FILE.sealed to FILE\n"
    "       seal selftest FILE.vec...   plays test vectors\n";

static const char AEAD[] = "XCHACHA20-POLY1305";
enum { NONCE = 24, PIECE = 65536 };

static void print_line(bytes digest, const char *path) {
  for (size_t i = 0; i < digest.len; i++) {
    printf("%02x", digest.ptr[i]);
  }
  printf("  %s\n", path);
}

static state absorb_file(const char *path) {
  string algorithm = name_of("SHA-256");
  state hash;
  crypto_errno error;
  if (!state_open(&algorithm, NULL, NULL, &hash, &error)) {
    fail(path, error_name(error));
  }
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail(path, strerror(errno));
  }
  static uint8_t buffer[PIECE];
  bytes piece = {buffer, 0};
  while ((piece.len = fread(buffer, 1, PIECE, file)) > 0) {
    if (!state_absorb(state_borrow(hash), &piece, &error)) {
      fail(path, error_name(error));
    }
  }
  if (ferror(file)) {
    fail(path, strerror(errno));
  }
  fclose(file);
  return hash;
}

// One state for each file, and one call of the host for all digests.
static int hash(size_t count, char **paths) {
  state *states = allocate(count * sizeof *states);
  squeeze_params *params = allocate(count * sizeof *params);
  for (size_t i = 0; i < count; i++) {
    states[i] = absorb_file(paths[i]);
    params[i] = (squeeze_params){state_borrow(states[i]), 32};
  }
  squeeze_batch batch = {params, count};
  squeeze_results results;
  crypto_errno error;
  if (!batch_squeeze(&batch, &results, &error)) {
    fail("hash", error_name(error));
  }
  int failures = 0;
  for (size_t i = 0; i < count; i++) {
    if (results.ptr[i].is_err) {
      fprintf(stderr, "%s: %s\n", paths[i], error_name(results.ptr[i].val.err));
      failures++;
    } else {
      print_line(results.ptr[i].val.ok, paths[i]);
    }
    state_drop(states[i]);
  }
  squeeze_results_free(&results);
  free(params);
  free(states);
  return failures > 0;
}

// The host keeps the key; our copy of it is not needed any more.
static key import_key(const char *algorithm, const char *path) {
  string name = name_of(algorithm);
  bytes raw = file_read(path);
  key imported;
  crypto_errno error;
  if (!key_import(&name, &raw, &imported, &error)) {
    fail(path, error_name(error));
  }
  explicit_bzero(raw.ptr, raw.len);
  bytes_free(&raw);
  return imported;
}

static int mac(const char *key_path, size_t count, char **paths) {
  key mac_key = import_key("HMAC/SHA-256", key_path);
  for (size_t i = 0; i < count; i++) {
    bytes data = file_read(paths[i]), raw_tag;
    crypto_errno error;
    if (!oneshot_authenticate(key_borrow(mac_key), &data, &raw_tag, &error)) {
      fail(paths[i], error_name(error));
    }
    print_line(raw_tag, paths[i]);
    bytes_free(&raw_tag);
    bytes_free(&data);
  }
  key_drop(mac_key);
  return 0;
}

// Takes what belongs to one message off the beginning of what a batch gives for all.
static bytes take(bytes *all, size_t length) {
  bytes taken = {all->ptr, length};
  all->ptr += length;
  all->len -= length;
  return taken;
}

// A sealed file is the nonce that the host picked, then the ciphertext; its name is authenticated.
static int seal(const char *key_path, size_t count, char **paths) {
  key aead_key = import_key(AEAD, key_path);
  messages batch = {allocate(count * sizeof *batch.ptr), count};
  for (size_t i = 0; i < count; i++) {
    batch.ptr[i] = (message){
        .nonce = {.is_some = false},
        .associated_data = {(uint8_t *)paths[i], strlen(paths[i])},
        .data = file_read(paths[i]),
    };
  }
  sealed_messages results;
  crypto_errno error;
  if (!oneshot_encrypt_many(key_borrow(aead_key), &batch, &results, &error)) {
    fail("seal", error_name(error));
  }
  bytes nonces = results.nonces, ciphertexts = results.ciphertexts;
  int failures = 0;
  for (size_t i = 0; i < count; i++) {
    if (results.lengths.ptr[i].is_err) {
      fprintf(stderr, "%s: %s\n", paths[i], error_name(results.lengths.ptr[i].val.err));
      failures++;
    } else {
      char *path = path_with(paths[i], ".sealed");
      file_write(path, take(&nonces, NONCE), take(&ciphertexts, results.lengths.ptr[i].val.ok));
      free(path);
    }
    bytes_free(&batch.ptr[i].data);
  }
  sealed_messages_free(&results);
  free(batch.ptr);
  key_drop(aead_key);
  return failures > 0;
}

static int open_sealed(const char *key_path, size_t count, char **paths) {
  key aead_key = import_key(AEAD, key_path);
  messages batch = {allocate(count * sizeof *batch.ptr), count};
  bytes *files = allocate(count * sizeof *files);
  for (size_t i = 0; i < count; i++) {
    char *path = path_with(paths[i], ".sealed");
    files[i] = file_read(path);
    free(path);
    size_t nonce = files[i].len < NONCE ? files[i].len : NONCE;
    batch.ptr[i] = (message){
        .nonce = {.is_some = true, .val = {files[i].ptr, nonce}},
        .associated_data = {(uint8_t *)paths[i], strlen(paths[i])},
        .data = {files[i].ptr + nonce, files[i].len - nonce},
    };
  }
  opened_messages results;
  crypto_errno error;
  if (!oneshot_decrypt_many(key_borrow(aead_key), &batch, &results, &error)) {
    fail("open", error_name(error));
  }
  bytes contents = results.messages;
  int failures = 0;
  for (size_t i = 0; i < count; i++) {
    if (results.lengths.ptr[i].is_err) {
      fprintf(stderr, "%s: %s\n", paths[i], error_name(results.lengths.ptr[i].val.err));
      failures++;
    } else {
      file_write(paths[i], take(&contents, results.lengths.ptr[i].val.ok), (bytes){NULL, 0});
    }
    bytes_free(&files[i]);
  }
  opened_messages_free(&results);
  free(files);
  free(batch.ptr);
  key_drop(aead_key);
  return failures > 0;
}

static int play_vectors(size_t count, char **paths) {
  for (size_t i = 0; i < count; i++) {
    bytes text = file_read(paths[i]);
    printf("%s: %zu cases\n", paths[i], selftest(paths[i], text));
    bytes_free(&text);
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "";
  size_t count = argc > 2 ? (size_t)argc - 2 : 0;
  if (strcmp(command, "hash") == 0 && count > 0) {
    return hash(count, argv + 2);
  }
  if (strcmp(command, "selftest") == 0 && count > 0) {
    return play_vectors(count, argv + 2);
  }
  if (strcmp(command, "mac") == 0 && count > 1) {
    return mac(argv[2], count - 1, argv + 3);
  }
  if (strcmp(command, "seal") == 0 && count > 1) {
    return seal(argv[2], count - 1, argv + 3);
  }
  if (strcmp(command, "open") == 0 && count > 1) {
    return open_sealed(argv[2], count - 1, argv + 3);
  }
  fputs(USAGE, stderr);
  return 1;
}
