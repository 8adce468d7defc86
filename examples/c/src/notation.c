#include "notation.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

enum { MOST_PARTS = 64 };

size_t split(char *text, char separator, char **parts, size_t most) {
  size_t count = 1;
  bool quoted = false;
  parts[0] = text;
  for (; *text != '\0'; text++) {
    quoted ^= *text == '"';
    if (*text == separator && !quoted) {
      if (count == most) {
        return 0;
      }
      *text = '\0';
      parts[count++] = text + 1;
    }
  }
  return count;
}

static unsigned digit(char c) {
  return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static bytes repeat(bytes unit, size_t count) {
  bytes all = {allocate(unit.len * count), unit.len * count};
  for (size_t i = 0; i < count; i++) {
    memcpy(all.ptr + i * unit.len, unit.ptr, unit.len);
  }
  return all;
}

static bytes part_of(char *word) {
  unsigned modulus;
  size_t length;
  if (sscanf(word, "pattern:%u:%zu", &modulus, &length) == 2) {
    bytes pattern = {allocate(length), length};
    for (size_t i = 0; i < length; i++) {
      pattern.ptr[i] = (uint8_t)(i % modulus);
    }
    return pattern;
  }
  char *factors[2];
  size_t count = split(word, '*', factors, 2) == 2 ? strtoul(factors[1], NULL, 10) : 1;
  if (word[0] == '"') {
    return repeat((bytes){(uint8_t *)word + 1, strlen(word) - 2}, count);
  }
  // Two digits become the byte at half their place, which has been read by then.
  bytes unit = {(uint8_t *)word, strlen(word) / 2};
  for (size_t i = 0; i < unit.len; i++) {
    unit.ptr[i] = (uint8_t)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
  }
  return repeat(unit, count);
}

bytes bytes_of(char *word) {
  bytes all = {allocate(0), 0};
  if (strcmp(word, "-") == 0) {
    return all;
  }
  char *parts[MOST_PARTS];
  size_t count = split(word, '+', parts, MOST_PARTS);
  for (size_t i = 0; i < count; i++) {
    bytes part = part_of(parts[i]);
    all.ptr = realloc(all.ptr, all.len + part.len + 1);
    if (all.ptr == NULL) {
      fail("vectors", "out of memory");
    }
    memcpy(all.ptr + all.len, part.ptr, part.len);
    all.len += part.len;
    free(part.ptr);
  }
  return all;
}
