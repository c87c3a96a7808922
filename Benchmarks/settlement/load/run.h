// One run of a load: what was asked for, what came of it, how long it took. Items are transfers, or what else a call has
// several of.
#pragma once
#include "load.h"

extern struct Options {
  const char *accounts, *growth, *instances;
  int connections, streams, batch, payload;
  uint64_t transfers, every, seed, size;
  bool two_phase;
} options;

void run_parse(int count, char **arguments);
// A call beside those that are measured: `tick` is called often, and may start it.
typedef struct {
  Call *call;
  void (*tick)(void);
  bool (*goes_on)(void);
} Watcher;

// Keeps `count` calls of `size` bytes each going, each beginning with a Call, spread over the connections: starts them with
// `next` and calls `done` for each that is answered, until none is in flight and the watcher, if any, is done as well.
void run_calls(const char *folder, const char *host, const char *port, void *calls, size_t size, int count,
               void (*next)(Call *), void (*done)(Call *), const Watcher *watcher);
// Waits for what happens to a connection next, and serves it.
void connection_serve(Connection *connection, uint32_t events, int epoll);
// Sends each message of standard input (4 bytes of length, most significant first, then the message) to the method, one
// after the other, and prints the answers in the same form.
void run_call(const char *folder, const char *host, const char *port, const char *path);
void run_start(void);
// Takes one call of those that are left to make. One that is owed is made even when none is left.
bool run_asks(bool is_owed);
// A call was answered after so many seconds, so many of its items with OK.
void run_answered(double seconds, int good, const uint64_t outcomes[32]);
// Whether calls are in flight.
bool run_goes_on(void);
void run_end(void);
