#include "run.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct Options options = {.connections = 8, .streams = 32, .batch = 1, .transfers = 100000, .payload = -1, .instances = "load"};

static uint64_t asked, answered, acknowledged, outcomes[32];
static double started, processor_started;
static int in_flight;
static struct {
  uint32_t *microseconds;
  size_t count, capacity;
} latencies;

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double processor_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void buffer_append(Buffer *buffer, const void *bytes, size_t count) {
  if (buffer->count + count > buffer->capacity) {
    buffer->capacity = (buffer->count + count) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->capacity);
    if (!buffer->bytes) fail("no memory");
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
}

uint64_t wall_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int by_size(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

static uint32_t percentile(double share) {
  return latencies.count ? latencies.microseconds[(size_t)((latencies.count - 1) * share)] : 0;
}

// One line for what was measured since the line before.
static void report(void) {
  qsort(latencies.microseconds, latencies.count, sizeof(uint32_t), by_size);
  printf("{\"answered\": %lu, \"acknowledged\": %lu, \"calls\": %zu, \"seconds\": %.6f, \"processor_seconds\": %.6f, "
         "\"p50\": %u, \"p99\": %u, \"max\": %u, \"outcomes\": {",
         answered, acknowledged, latencies.count, now_seconds() - started, processor_seconds() - processor_started,
         percentile(0.5), percentile(0.99), percentile(1));
  const char *separator = "";
  for (int outcome = 0; outcome < 32; outcome++) {
    if (!outcomes[outcome]) continue;
    printf("%s\"%d\": %lu", separator, outcome, outcomes[outcome]);
    separator = ", ";
  }
  puts("}}");
  fflush(stdout);
  latencies.count = 0;
}

static void record_latency(double seconds) {
  if (latencies.count == latencies.capacity) {
    latencies.capacity = latencies.capacity ? latencies.capacity * 2 : 65536;
    latencies.microseconds = realloc(latencies.microseconds, latencies.capacity * sizeof(uint32_t));
    if (!latencies.microseconds) fail("no memory");
  }
  latencies.microseconds[latencies.count++] = (uint32_t)(seconds * 1e6);
}

void run_start(void) {
  started = now_seconds();
  processor_started = processor_seconds();
}

bool run_asks(bool is_owed) {
  if (asked >= options.transfers && !is_owed) return false;
  asked += options.batch;
  in_flight++;
  return true;
}

void run_answered(double seconds, int good, const uint64_t counted[32]) {
  in_flight--;
  record_latency(seconds);
  for (int outcome = 0; outcome < 32; outcome++) outcomes[outcome] += counted[outcome];
  uint64_t before = answered;
  acknowledged += good;
  answered += options.batch;
  if (options.every && answered / options.every != before / options.every) report();
}

bool run_goes_on(void) { return in_flight > 0; }

void run_end(void) {
  if (latencies.count) report();
}

void run_parse(int count, char **arguments) {
  static const struct option known[] = {
      {"accounts", required_argument, 0, 'a'},  {"growth", required_argument, 0, 'g'},
      {"connections", required_argument, 0, 'c'}, {"streams", required_argument, 0, 's'},
      {"batch", required_argument, 0, 'b'},     {"transfers", required_argument, 0, 'n'},
      {"every", required_argument, 0, 'e'},     {"seed", required_argument, 0, 'r'},
      {"two-phase", no_argument, 0, '2'},       {"payload", required_argument, 0, 'p'},
      {"instances", required_argument, 0, 'i'}, {"size", required_argument, 0, 'z'},
      {0}};
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case 'a': options.accounts = optarg; break;
      case 'g': options.growth = optarg; break;
      case 'c': options.connections = atoi(optarg); break;
      case 's': options.streams = atoi(optarg); break;
      case 'b': options.batch = atoi(optarg); break;
      case 'n': options.transfers = strtoull(optarg, NULL, 10); break;
      case 'e': options.every = strtoull(optarg, NULL, 10); break;
      case 'r': options.seed = strtoull(optarg, NULL, 10); break;
      case '2': options.two_phase = true; break;
      case 'p': options.payload = atoi(optarg); break;
      case 'i': options.instances = optarg; break;
      case 'z': options.size = strtoull(optarg, NULL, 10); break;
      default: exit(64);
    }
  }
  if (options.batch < 1 || options.batch > 8190 || options.connections < 1 || options.streams < 1)
    fail("see the top of this program's source");
}
