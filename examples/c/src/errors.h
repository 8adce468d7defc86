#ifndef ERRORS_H
#define ERRORS_H

#include "crypto.h"

// The name of an error code, as in the WIT package: its cases in their order.
static inline const char *error_name(crypto_errno code) {
  static const char *const NAMES[] = {
      "guest-error",         "not-implemented",   "unsupported-feature", "prohibited-operation",
      "unsupported-encoding", "unsupported-algorithm", "unsupported-option", "invalid-key",
      "invalid-length",      "verification-failed", "rng-error",         "algorithm-failure",
      "invalid-signature",   "closed",            "invalid-handle",      "overflow",
      "internal-error",      "too-many-handles",  "key-not-supported",   "key-required",
      "invalid-tag",         "invalid-operation", "nonce-required",      "invalid-nonce",
      "option-not-set",      "not-found",         "parameters-missing",  "in-progress",
      "incompatible-keys",   "expired",
  };
  return NAMES[code];
}

#endif
