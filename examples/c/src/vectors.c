#include "vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "files.h"
#include "notation.h"

enum { MOST_WORDS = 32, MOST_STATES = 8 };

typedef wasi_ephemeral_crypto_symmetric_borrow_symmetric_key_t borrowed_key;
typedef wasi_ephemeral_crypto_symmetric_borrow_symmetric_state_t borrowed_state;
typedef wasi_ephemeral_crypto_symmetric_borrow_options_t borrowed_options;

// What a case has made so far, and what its last step gave.
typedef struct {
  bool has_key, has_options;
  key key;
  options options;
  const char *selected;
  struct {
    const char *name;
    state state;
  } states[MOST_STATES];
  size_t state_count;

  bool ok;
  crypto_errno error;
  bytes values[2];
  size_t value_count;
  bool is_number;
  uint64_t number;
} player;

// The words of a line. `wanted` is the byte strings that are expected, where there are any.
typedef struct {
  char *given[MOST_WORDS], *expected[MOST_WORDS];
  size_t given_count, expected_count;
  bool any, fails;
  bytes wanted[2];
} line;

static void set_key(player *p, key key) {
  if (p->ok) {
    if (p->has_key) {
      key_drop(p->key);
    }
    p->key = key;
    p->has_key = true;
  }
}

static void set_state(player *p, const char *name, state state) {
  if (!p->ok) {
    return;
  }
  for (size_t i = 0; i < p->state_count; i++) {
    if (strcmp(p->states[i].name, name) == 0) {
      state_drop(p->states[i].state);
      p->states[i].state = state;
      return;
    }
  }
  if (p->state_count == MOST_STATES) {
    fail(name, "too many states");
  }
  p->states[p->state_count].name = name;
  p->states[p->state_count++].state = state;
}

static borrowed_state selected(player *p) {
  for (size_t i = 0; i < p->state_count; i++) {
    if (strcmp(p->states[i].name, p->selected) == 0) {
      return state_borrow(p->states[i].state);
    }
  }
  fail(p->selected, "no such state is open");
}

static void step_no_key(player *p, line *l) {
  (void)l;
  if (p->has_key) {
    key_drop(p->key);
  }
  p->has_key = false;
}

static void step_no_options(player *p, line *l) {
  (void)l;
  if (p->has_options) {
    options_drop(p->options);
  }
  p->has_options = false;
}

// A host lends a limited number of resources: each case gives its own back.
static void close_case(player *p) {
  step_no_key(p, NULL);
  step_no_options(p, NULL);
  for (size_t i = 0; i < p->state_count; i++) {
    state_drop(p->states[i].state);
  }
  *p = (player){.selected = "main"};
}

static borrowed_options open_options(player *p) {
  if (!p->has_options) {
    p->has_options =
        options_open(WASI_EPHEMERAL_CRYPTO_COMMON_ALGORITHM_TYPE_SYMMETRIC, &p->options, &p->error);
    if (!p->has_options) {
      fail("options", error_name(p->error));
    }
  }
  return options_borrow(p->options);
}

static void step_key(player *p, line *l) {
  string algorithm = name_of(l->given[0]);
  bytes raw = bytes_of(l->given[1]);
  key imported;
  p->ok = key_import(&algorithm, &raw, &imported, &p->error);
  set_key(p, imported);
  bytes_free(&raw);
}

static void step_export(player *p, line *l) {
  (void)l;
  p->ok = key_export(key_borrow(p->key), &p->values[0], &p->error);
  p->value_count = 1;
}

static void step_generate(player *p, line *l) {
  string algorithm = name_of(l->given[0]);
  key generated;
  borrowed_options options;
  if (p->has_options) {
    options = options_borrow(p->options);
  }
  p->ok = key_generate(&algorithm, p->has_options ? &options : NULL, &generated, &p->error);
  set_key(p, generated);
  if (p->ok && !l->any) {
    bytes raw = {NULL, 0};
    p->ok = key_export(key_borrow(p->key), &raw, &p->error);
    p->is_number = true;
    p->number = raw.len;
    bytes_free(&raw);
  }
}

static void step_option(player *p, line *l) {
  string name = name_of(l->given[0]);
  bytes value = bytes_of(l->given[1]);
  p->ok = options_set(open_options(p), &name, &value, &p->error);
  bytes_free(&value);
}

static void step_option_u64(player *p, line *l) {
  string name = name_of(l->given[0]);
  p->ok = options_set_u64(open_options(p), &name, strtoull(l->given[1], NULL, 10), &p->error);
}

static void step_buffer(player *p, line *l) {
  string name = name_of(l->given[0]);
  p->ok = options_set_guest_buffer(open_options(p), &name, strtoull(l->given[1], NULL, 10), &p->error);
}

static void step_open(player *p, line *l) {
  string algorithm = name_of(l->given[0]);
  borrowed_key key;
  borrowed_options options;
  if (p->has_key) {
    key = key_borrow(p->key);
  }
  if (p->has_options) {
    options = options_borrow(p->options);
  }
  state opened;
  p->ok = state_open(&algorithm, p->has_key ? &key : NULL, p->has_options ? &options : NULL, &opened, &p->error);
  set_state(p, p->selected, opened);
}

static void step_state(player *p, line *l) { p->selected = l->given[0]; }

static void step_clone(player *p, line *l) {
  state clone;
  p->ok = state_clone(selected(p), &clone, &p->error);
  set_state(p, l->given[0], clone);
}

static void step_option_get(player *p, line *l) {
  string name = name_of(l->given[0]);
  p->ok = state_options_get(selected(p), &name, &p->values[0], &p->error);
  p->value_count = 1;
}

static void step_option_get_u64(player *p, line *l) {
  string name = name_of(l->given[0]);
  p->ok = state_options_get_u64(selected(p), &name, &p->number, &p->error);
  p->is_number = true;
}

static void step_absorb(player *p, line *l) {
  bytes data = bytes_of(l->given[0]);
  p->ok = state_absorb(selected(p), &data, &p->error);
  bytes_free(&data);
}

// Without a length, as many bytes as are expected.
static void step_squeeze(player *p, line *l) {
  uint64_t length = l->given_count > 0 ? strtoull(l->given[0], NULL, 10) : l->wanted[0].len;
  p->ok = state_squeeze(selected(p), length, &p->values[0], &p->error);
  p->value_count = 1;
}

static void step_squeeze_tag(player *p, line *l) {
  (void)l;
  tag computed;
  p->ok = state_squeeze_tag(selected(p), &computed, &p->error);
  if (p->ok) {
    tag_pull(computed, &p->values[0]);
    p->value_count = 1;
  }
}

static void step_verify(player *p, line *l) {
  bytes expected = bytes_of(l->given[0]);
  tag computed;
  p->ok = state_squeeze_tag(selected(p), &computed, &p->error);
  if (p->ok) {
    p->ok = tag_verify(tag_borrow(computed), &expected, &p->error);
    tag_drop(computed);
  }
  bytes_free(&expected);
}

static void step_squeeze_key(player *p, line *l) {
  string algorithm = name_of(l->given[0]);
  key squeezed;
  p->ok = state_squeeze_key(selected(p), &algorithm, &squeezed, &p->error);
  set_key(p, squeezed);
  if (p->ok && !l->any) {
    step_export(p, l);
  }
}

static void step_max_tag_len(player *p, line *l) {
  (void)l;
  p->ok = state_max_tag_len(selected(p), &p->number, &p->error);
  p->is_number = true;
}

static void step_encrypt(player *p, line *l) {
  bytes data = bytes_of(l->given[0]);
  p->ok = state_encrypt(selected(p), &data, &p->values[0], &p->error);
  p->value_count = 1;
  bytes_free(&data);
}

static void step_encrypt_detached(player *p, line *l) {
  bytes data = bytes_of(l->given[0]);
  wasi_ephemeral_crypto_symmetric_tuple2_list_u8_own_symmetric_tag_t encrypted;
  p->ok = state_encrypt_detached(selected(p), &data, &encrypted, &p->error);
  if (p->ok) {
    p->values[0] = encrypted.f0;
    tag_pull(encrypted.f1, &p->values[1]);
    p->value_count = 2;
  }
  bytes_free(&data);
}

static void step_decrypt(player *p, line *l) {
  bytes data = bytes_of(l->given[0]);
  p->ok = state_decrypt(selected(p), &data, &p->values[0], &p->error);
  p->value_count = 1;
  bytes_free(&data);
}

static void step_decrypt_detached(player *p, line *l) {
  bytes data = bytes_of(l->given[0]), raw_tag = bytes_of(l->given[1]);
  p->ok = state_decrypt_detached(selected(p), &data, &raw_tag, &p->values[0], &p->error);
  p->value_count = 1;
  bytes_free(&data);
  bytes_free(&raw_tag);
}

static void step_ratchet(player *p, line *l) {
  (void)l;
  p->ok = state_ratchet(selected(p), &p->error);
}

static const struct {
  const char *name;
  size_t least_words;
  void (*play)(player *, line *);
} STEPS[] = {
    {"key", 2, step_key},
    {"generate", 1, step_generate},
    {"export", 0, step_export},
    {"no-key", 0, step_no_key},
    {"option", 2, step_option},
    {"option-u64", 2, step_option_u64},
    {"buffer", 2, step_buffer},
    {"no-options", 0, step_no_options},
    {"open", 1, step_open},
    {"state", 1, step_state},
    {"clone", 1, step_clone},
    {"option-get", 1, step_option_get},
    {"option-get-u64", 1, step_option_get_u64},
    {"absorb", 1, step_absorb},
    {"squeeze", 0, step_squeeze},
    {"squeeze-tag", 0, step_squeeze_tag},
    {"verify", 1, step_verify},
    {"squeeze-key", 1, step_squeeze_key},
    {"max-tag-len", 0, step_max_tag_len},
    {"encrypt", 1, step_encrypt},
    {"encrypt-detached", 1, step_encrypt_detached},
    {"decrypt", 1, step_decrypt},
    {"decrypt-detached", 2, step_decrypt_detached},
    {"ratchet", 0, step_ratchet},
};

// Whether an error code, with hyphens, is the expected one, with underscores.
static bool is_error(crypto_errno error, const char *expected) {
  const char *name = error_name(error);
  for (; *name != '\0' && (*name == *expected || (*name == '-' && *expected == '_')); name++) {
    expected++;
  }
  return *name == '\0' && *expected == '\0';
}

static bool matches(player *p, line *l) {
  if (!p->ok || l->fails) {
    return !p->ok && l->fails && is_error(p->error, l->expected[0] + 1);
  }
  if (l->any) {
    return true;
  }
  if (p->is_number) {
    return strtoull(l->expected[0], NULL, 10) == p->number;
  }
  if (p->value_count != l->expected_count) {
    return false;
  }
  for (size_t i = 0; i < p->value_count; i++) {
    if (p->values[i].len != l->wanted[i].len ||
        memcmp(p->values[i].ptr, l->wanted[i].ptr, l->wanted[i].len) != 0) {
      return false;
    }
  }
  return true;
}

static line parse(char **words, size_t count, bool number) {
  line l = {.any = true};
  bool after = false;
  for (size_t i = 1; i < count; i++) {
    if (strcmp(words[i], "=") == 0) {
      after = true;
    } else if (after) {
      l.expected[l.expected_count++] = words[i];
    } else if (words[i][0] != '\0') {
      l.given[l.given_count++] = words[i];
    }
  }
  if (l.expected_count > 0) {
    l.any = strcmp(l.expected[0], "*") == 0;
    l.fails = l.expected[0][0] == '!';
  }
  if (!l.any && !l.fails && !number) {
    for (size_t i = 0; i < l.expected_count && i < 2; i++) {
      l.wanted[i] = bytes_of(l.expected[i]);
    }
  }
  return l;
}

// Plays one line, and gives whether it came out as expected.
static bool play(player *p, char **words, size_t count) {
  for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
    if (strcmp(STEPS[i].name, words[0]) != 0) {
      continue;
    }
    bool number = STEPS[i].play == step_generate || STEPS[i].play == step_max_tag_len ||
                  STEPS[i].play == step_option_get_u64;
    line l = parse(words, count, number);
    if (l.given_count < STEPS[i].least_words) {
      return false;
    }
    p->ok = true;
    p->value_count = 0;
    p->is_number = false;
    STEPS[i].play(p, &l);
    bool as_expected = matches(p, &l);
    for (size_t value = 0; value < 2; value++) {
      if (p->ok && value < p->value_count) {
        bytes_free(&p->values[value]);
      }
      bytes_free(&l.wanted[value]);
    }
    return as_expected;
  }
  return false;
}

size_t selftest(const char *path, bytes text) {
  player p = {.selected = "main"};
  const char *name = "";
  size_t cases = 0, number = 0;
  char *end = (char *)text.ptr + text.len;
  for (char *start = (char *)text.ptr, *next; start < end; start = next) {
    char *newline = memchr(start, '\n', (size_t)(end - start));
    // The last line has no newline to become the end of a string; the language asks for one.
    if (newline == NULL) {
      fail(path, "does not end with a newline");
    }
    *newline = '\0';
    next = newline + 1;
    number++;
    if (*start == '\0' || *start == '#') {
      continue;
    }
    char *words[MOST_WORDS];
    size_t count = split(start, ' ', words, MOST_WORDS);
    if (count > 1 && strcmp(words[0], "case") == 0) {
      close_case(&p);
      name = words[1];
      cases++;
    } else if (!play(&p, words, count)) {
      fprintf(stderr, "%s: %s, line %zu, %s: got %s\n", path, name, number, words[0],
              p.ok ? "another result" : error_name(p.error));
      exit(1);
    }
  }
  close_case(&p);
  return cases;
}
