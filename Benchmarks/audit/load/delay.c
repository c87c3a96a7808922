#include "delay.h"

#include <stdio.h>
#include <stdlib.h>

#include "load.h"

static struct {
  double time;
  uint64_t end;
} *waiting;
static double *delays;
static size_t waiting_count, waiting_capacity, delay_count, delay_capacity, checkpoints;
static uint64_t newest;

void delay_acknowledged(uint64_t end) {
  if (waiting_count == waiting_capacity) {
    waiting_capacity = waiting_capacity ? waiting_capacity * 2 : 1024;
    waiting = realloc(waiting, waiting_capacity * sizeof *waiting);
    if (!waiting) fail("no memory");
  }
  waiting[waiting_count].time = now_seconds();
  waiting[waiting_count++].end = end;
}

int delay_published(uint64_t size) {
  if (size > newest) checkpoints++;
  if (size < newest) fail("the log went back from %lu to %lu", newest, size);
  newest = size;
  double now = now_seconds();
  size_t left = 0;
  for (size_t index = 0; index < waiting_count; index++) {
    if (waiting[index].end > size) {
      waiting[left++] = waiting[index];
      continue;
    }
    if (delay_count == delay_capacity) {
      delay_capacity = delay_capacity ? delay_capacity * 2 : 1024;
      delays = realloc(delays, delay_capacity * sizeof *delays);
      if (!delays) fail("no memory");
    }
    delays[delay_count++] = now - waiting[index].time;
  }
  waiting_count = left;
  return left > 0;
}

static int by_size(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

void delay_report(void) {
  qsort(delays, delay_count, sizeof *delays, by_size);
#define AT(share) (delay_count ? delays[(size_t)((delay_count - 1) * (share))] : 0)
  printf("{\"merge_p50\": %.6f, \"merge_p99\": %.6f, \"merge_max\": %.6f, \"checkpoints\": %zu, \"size\": %lu}\n", AT(0.5),
         AT(0.99), AT(1), checkpoints, newest);
  fflush(stdout);
}
