// zlib: playlists and manifests as viewers that take gzip get them.
#ifndef SPILLWAY_CZLIB_H
#define SPILLWAY_CZLIB_H

#include <string.h>
#include <zlib.h>

// deflateInit2 is a macro, which Swift does not import. Window bits above 15 write the frame of
// gzip (RFC 1952). The result is the length of what was written; 0 where `room` is too small.
static inline size_t spillway_gzip(
    const unsigned char *from, size_t count, unsigned char *to, size_t room, int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (unsigned char *)from;
  stream.avail_in = (unsigned int)count;
  stream.next_out = to;
  stream.avail_out = (unsigned int)room;
  int end = deflate(&stream, Z_FINISH);
  size_t written = stream.total_out;
  deflateEnd(&stream);
  return end == Z_STREAM_END ? written : 0;
}

#endif
