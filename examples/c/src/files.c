#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail(const char *path, const char *problem) {
  fprintf(stderr, "%s: %s\n", path, problem);
  exit(1);
}

void *allocate(size_t size) {
  void *memory = malloc(size > 0 ? size : 1);
  if (memory == NULL) {
    fail("seal", "out of memory");
  }
  return memory;
}

bytes file_read(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail(path, strerror(errno));
  }
  size_t capacity = 65536;
  bytes content = {allocate(capacity), 0};
  size_t count;
  while ((count = fread(content.ptr + content.len, 1, capacity - content.len, file)) > 0) {
    content.len += count;
    if (content.len == capacity) {
      capacity *= 2;
      content.ptr = realloc(content.ptr, capacity);
      if (content.ptr == NULL) {
        fail(path, "out of memory");
      }
    }
  }
  if (ferror(file)) {
    fail(path, strerror(errno));
  }
  fclose(file);
  return content;
}

void file_write(const char *path, bytes first, bytes second) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(first.ptr, 1, first.len, file) < first.len ||
      fwrite(second.ptr, 1, second.len, file) < second.len || fclose(file) != 0) {
    fail(path, strerror(errno));
  }
}

char *path_with(const char *path, const char *suffix) {
  size_t length = strlen(path) + strlen(suffix) + 1;
  char *joined = allocate(length);
  snprintf(joined, length, "%s%s", path, suffix);
  return joined;
}
