// Faults below the file calls of one process, for 46-volume-faults.py and Tests/Crash: preloaded,
// it delays or fails reads, writes and syncs of the files whose path holds FAULT_VOLUME or
// FAULT_INDEX. What it does at the moment stands in the file FAULT_CONTROL, as numbers of 32 bits
// in the order of `struct faults`. FAULT_CLOCK shifts the wall clock by seconds, FAULT_MAP bounds
// LMDB's map to so many bytes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct faults { int32_t milliseconds[3], code[3]; };  // of reads, writes, syncs
enum { reading, writing, synchronising };
static volatile struct faults *control;  // of the volume, then of the index

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_CONTROL");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
  if (map != MAP_FAILED) control = map;
  close(file);
}

// Waits, and says whether the call is to fail; `errno` says why.
static int fails(int file, int what) {
  if (!control) return 0;
  volatile struct faults *any = control;
  if (!(any[0].milliseconds[what] | any[0].code[what] | any[1].milliseconds[what]
        | any[1].code[what])) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  const char *names[] = {getenv("FAULT_VOLUME"), getenv("FAULT_INDEX")};
  for (int index = 0; index < 2; index++) {
    if (!names[index] || !strstr(path, names[index])) continue;
    int wait = control[index].milliseconds[what];
    if (wait) usleep(wait * 1000);
    errno = control[index].code[what];
    return errno != 0;
  }
  return 0;
}

#define WRAP(kind, result, name, parameters, arguments)     \
  result name parameters {                                  \
    static result(*real) parameters;                        \
    if (!real) real = next(#name);                          \
    return fails(file, kind) ? -1 : real arguments;         \
  }

WRAP(reading, ssize_t, pread, (int file, void *to, size_t count, off_t at), (file, to, count, at))
WRAP(reading, ssize_t, pread64, (int file, void *to, size_t count, off64_t at),
     (file, to, count, at))
WRAP(writing, ssize_t, pwrite, (int file, const void *from, size_t count, off_t at),
     (file, from, count, at))
WRAP(writing, ssize_t, pwrite64, (int file, const void *from, size_t count, off64_t at),
     (file, from, count, at))
WRAP(writing, ssize_t, pwritev, (int file, const struct iovec *from, int count, off_t at),
     (file, from, count, at))
WRAP(writing, ssize_t, pwritev64, (int file, const struct iovec *from, int count, off64_t at),
     (file, from, count, at))
WRAP(writing, ssize_t, writev, (int file, const struct iovec *from, int count),
     (file, from, count))
WRAP(synchronising, int, fdatasync, (int file), (file))
WRAP(synchronising, int, fsync, (int file), (file))

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  static long shift;
  if (!real) {
    const char *text = getenv("FAULT_CLOCK");
    shift = text ? atol(text) : 0;
    real = next("clock_gettime");
  }
  int outcome = real(clock, time);
  if (outcome == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift;
  return outcome;
}

int mdb_env_set_mapsize(void *environment, size_t bytes) {
  int (*real)(void *, size_t) = next("mdb_env_set_mapsize");
  const char *text = getenv("FAULT_MAP");
  return real(environment, text ? strtoul(text, NULL, 10) : bytes);
}
