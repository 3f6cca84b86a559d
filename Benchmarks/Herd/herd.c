// One leader starts a slow fill; followers join after the first byte, spread over a span of time.
// Usage: herd PORT HEAD_FILE FOLLOWERS SPREAD_MS
// Prints a line per follower: microseconds from its request sent to its first body byte.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct follower {
  int socket, answered;
  long sent;
  size_t have;
  char head[4096];
};

static char head[8192], drain[65536];
static size_t head_bytes;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void fail(const char *why) {
  perror(why);
  exit(1);
}

static void join(struct follower *self, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(self->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
}

static void ask(struct follower *self) {
  self->sent = now();
  if (write(self->socket, head, head_bytes) != (ssize_t)head_bytes) fail("write");
}

// Reads what is there; true from the moment a body byte has been seen.
static int sees_body(struct follower *self) {
  size_t room = sizeof self->head - 1 - self->have;
  ssize_t got = self->answered ? read(self->socket, drain, sizeof drain)
                               : read(self->socket, self->head + self->have, room);
  if (got < 0) fail("read");
  if (self->answered || got == 0) return self->answered;
  self->have += got;
  self->head[self->have] = 0;
  char *end = strstr(self->head, "\r\n\r\n");
  if (end && memcmp(self->head, "HTTP/1.1 200", 12)) {
    fprintf(stderr, "herd: not a 200: %.60s\n", self->head);
    exit(1);
  }
  self->answered = end && end + 4 < self->head + self->have;
  return self->answered;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  int port = atoi(arguments[1]), file = open(arguments[2], O_RDONLY), poller = epoll_create1(0);
  ssize_t got = file < 0 ? -1 : read(file, head, sizeof head);
  if (got <= 0) fail(arguments[2]);
  head_bytes = got;
  int followers = atoi(arguments[3]), asked = 0, answered = 0;
  long gap = atol(arguments[4]) * 1000 / followers;
  struct follower *all = calloc(followers + 1, sizeof *all);
  for (int index = 0; index <= followers; index++) {
    join(&all[index], port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[index]};
    epoll_ctl(poller, EPOLL_CTL_ADD, all[index].socket, &event);
  }
  struct follower *leader = &all[followers];
  ask(leader);
  while (!sees_body(leader)) continue;
  long start = now(), limit = start + 20000000;
  while (answered < followers && now() < limit) {
    if (asked < followers && now() >= start + asked * gap) ask(&all[asked++]);
    struct epoll_event ready[64];
    // Between two followers it polls without sleeping, so that its own wake-up is not measured.
    int events = epoll_wait(poller, ready, 64, asked < followers ? 0 : 100);
    for (int index = 0; index < events; index++) {
      struct follower *self = ready[index].data.ptr;
      int before = self->answered;
      if (!before && sees_body(self)) {
        if (self != leader) printf("%ld\n", now() - self->sent), answered++;
      } else if (before && read(self->socket, drain, sizeof drain) <= 0) {
        epoll_ctl(poller, EPOLL_CTL_DEL, self->socket, NULL);
      }
    }
  }
  if (answered < followers) fprintf(stderr, "herd: %d of %d answered\n", answered, followers);
  return answered == followers ? 0 : 1;
}
