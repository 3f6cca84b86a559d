// libevent 2.1: the poller under each worker, and the asynchronous resolver of Control.
#ifndef SPILLWAY_CLIBEVENT_H
#define SPILLWAY_CLIBEVENT_H

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>
#include <stdint.h>
#include <sys/timerfd.h>

// Glibc's Swift module does not carry timerfd. One absolute deadline of CLOCK_MONOTONIC; a deadline
// in the past fires at once, but a zero would disarm the timer, hence the one.
static inline int spillway_arm_timer(int descriptor, int64_t nanoseconds) {
  if (nanoseconds < 1) nanoseconds = 1;
  struct itimerspec deadline = {.it_value = {.tv_sec = nanoseconds / 1000000000,
                                             .tv_nsec = nanoseconds % 1000000000}};
  return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &deadline, NULL);
}

static inline int spillway_make_timer(void) {
  return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

#endif
