// Linux calls that Glibc's Swift module does not carry, or whose macros Swift cannot import.
#ifndef SPILLWAY_CLINUX_H
#define SPILLWAY_CLINUX_H

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

// MAP_FAILED is a cast of -1, which Swift does not import.
static inline void *spillway_map_shared(int descriptor, size_t bytes) {
  void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return base == MAP_FAILED ? NULL : base;
}

// Gives whole pages back to the kernel; pages still queued on a socket keep their bytes.
static inline int spillway_punch(int descriptor, off_t offset, off_t bytes) {
  return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
}

// prctl is variadic.
static inline int spillway_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

// Closing with this set sends RST: the peer learns that the body was cut, in every framing.
static inline int spillway_reset_on_close(int descriptor) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

#endif
