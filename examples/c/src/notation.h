// How the vectors write words and bytes.
#ifndef NOTATION_H
#define NOTATION_H

#include <stddef.h>

#include "crypto.h"

// Cuts a text, in place, where the separator is not between quotes. Gives the number of parts, or 0 if there are more than
// `most`.
size_t split(char *text, char separator, char **parts, size_t most);

// Bytes as the vectors write them: `-`, `00ff`, `"text"`, `61*1000`, `pattern:251:1000`, joined by `+`. The word is cut into
// its parts. The bytes are the caller's, for bytes_free.
bytes bytes_of(char *word);

#endif
