// Counts heap allocations of a process: preload it, and read the first eight bytes of the file that
// ALLOCATIONS_FILE names, at any time, as the number so far.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_ulong early;
static atomic_ulong *_Atomic allocations = &early;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void count(void) { atomic_fetch_add_explicit(allocations, 1, memory_order_relaxed); }

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count(); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { count(); return __libc_realloc(old, size); }
void *memalign(size_t align, size_t size) { count(); return __libc_memalign(align, size); }
void *aligned_alloc(size_t align, size_t size) { count(); return __libc_memalign(align, size); }
int posix_memalign(void **out, size_t align, size_t size) {
  count();
  return (*out = __libc_memalign(align, size)) ? 0 : ENOMEM;
}

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("ALLOCATIONS_FILE");
  int file = name ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
  if (file < 0) return;
  if (ftruncate(file, sizeof early) == 0) {
    void *page = mmap(NULL, sizeof early, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) atomic_store(&allocations, page);
  }
  close(file);
}
