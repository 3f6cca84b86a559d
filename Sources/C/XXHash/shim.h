// XXH3 inlined from Debian's header: no library at run time.
#ifndef SPILLWAY_CXXHASH_H
#define SPILLWAY_CXXHASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

// Under XXH_INLINE_ALL the public name is a macro, which Swift does not import.
static inline XXH128_hash_t spillway_hash(const void *bytes, size_t count, uint64_t seed) {
  return XXH3_128bits_withSeed(bytes, count, seed);
}

static inline uint64_t spillway_checksum(const void *bytes, size_t count) {
  return XXH3_64bits(bytes, count);
}

#endif
