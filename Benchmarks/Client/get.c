// Sends the same request head again and again over keep-alive connections and checks the answers.
// Usage: get PORT HEAD_FILE BODY_BYTES CONNECTIONS REQUESTS [hold|times]
// "#########" in the head becomes the number of the request, from 1. With "hold" it prints "held"
// at the end and keeps the connections open until its input closes; with "times" it prints the
// p50, p99 and p99.9 of the answers in microseconds, and the number of answers.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char head[8192];
static char buffer[262144];
static size_t head_bytes, body_bytes;
static char *number_place;
static long number;
static unsigned *times;

static void fail(const char *why) {
  perror(why);
  exit(1);
}

static int join(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1, out = socket(AF_INET, SOCK_STREAM, 0);
  if (out < 0 || connect(out, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return out;
}

static void ask(int connection) {
  char text[24];
  snprintf(text, sizeof text, "%09ld", ++number);
  if (number_place) memcpy(number_place, text, 9);
  if (write(connection, head, head_bytes) != (ssize_t)head_bytes) fail("write");
}

// Reads one answer: a 200 whose head ends in the first buffer and whose body has the right length.
static void take(int connection) {
  size_t have = 0;
  char *end = NULL;
  while (!end) {
    ssize_t got = read(connection, buffer + have, sizeof buffer - 1 - have);
    if (got <= 0) fail("read");
    have += got;
    buffer[have] = 0;
    end = strstr(buffer, "\r\n\r\n");
  }
  if (memcmp(buffer, "HTTP/1.1 200", 12)) {
    fprintf(stderr, "get: not a 200: %.60s\n", buffer);
    exit(1);
  }
  // A body that ends in a small last segment would else wait 40 ms for a delayed acknowledgement.
  int one = 1;
  size_t left = body_bytes - (have - (end + 4 - buffer));
  if (left > 0) setsockopt(connection, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
  while (left > 0) {
    ssize_t got = read(connection, buffer, left < sizeof buffer ? left : sizeof buffer);
    if (got <= 0) fail("read");
    left -= got;
  }
}

static long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static int compare(const void *left, const void *right) {
  unsigned one = *(const unsigned *)left, other = *(const unsigned *)right;
  return one < other ? -1 : one > other;
}

static void print_times(long count) {
  qsort(times, count, sizeof *times, compare);
  printf("%.1f %.1f %.1f %ld\n", times[count / 2] / 1e3, times[count * 99 / 100] / 1e3,
         times[count * 999 / 1000] / 1e3, count);
}

int main(int count, char **arguments) {
  if (count < 6) return 2;
  int port = atoi(arguments[1]), file = open(arguments[2], O_RDONLY);
  ssize_t got = file < 0 ? -1 : read(file, head, sizeof head);
  if (got <= 0) fail(arguments[2]);
  head_bytes = got;
  number_place = strstr(head, "#########");
  body_bytes = strtoul(arguments[3], NULL, 10);
  long connections = atol(arguments[4]), requests = atol(arguments[5]);
  int one_by_one = connections > 64 && requests >= connections;
  int *open = calloc(connections, sizeof *open);
  for (long index = 0; index < connections; index++) {
    open[index] = join(port);
    // A burst of thousands would overflow the queue of the listener: each is answered first.
    if (!one_by_one) continue;
    ask(open[index]);
    take(open[index]);
    requests--;
  }
  long answers = 0;
  if (count > 6 && !strcmp(arguments[6], "times")) times = calloc(requests, sizeof *times);
  while (requests > 0) {
    long batch = requests < connections ? requests : connections, began = nanoseconds();
    for (long index = 0; index < batch; index++) ask(open[index]);
    for (long index = 0; index < batch; index++) {
      take(open[index]);
      if (times) times[answers++] = nanoseconds() - began;
    }
    requests -= batch;
  }
  if (times) {
    print_times(answers);
  } else if (count > 6) {
    puts("held");
    fflush(stdout);
    while (read(0, buffer, 1) > 0) continue;
  }
  return 0;
}
