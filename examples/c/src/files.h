// Whole files. What fails ends the program, with the name of the file.
#ifndef FILES_H
#define FILES_H

#include <stddef.h>

#include "crypto.h"

// Reads a file. The bytes are the caller's, for bytes_free.
bytes file_read(const char *path);

// Writes a file, of one or two parts.
void file_write(const char *path, bytes first, bytes second);

// A path with a suffix, for free.
char *path_with(const char *path, const char *suffix);

// malloc, or the end of the program.
void *allocate(size_t size);

// Ends the program with exit code 1 and a line that says what is wrong with a file.
_Noreturn void fail(const char *path, const char *problem);

#endif
