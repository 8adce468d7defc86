// Plays test vectors: every line calls the host, and compares what comes of it with what is expected.
#ifndef VECTORS_H
#define VECTORS_H

#include <stddef.h>

#include "crypto.h"

// Plays all cases of a file, and gives their number; a case that does not come out as it should ends the program. The
// language is documented in tests/vectors/src/parse.rs. Cuts the text into words where it is.
size_t selftest(const char *path, bytes text);

#endif
