// One run of a load: what was asked for, what came of it, how long it took.
#pragma once
#include "load.h"

extern struct Options {
  const char *accounts, *growth;
  int connections, streams, batch;
  uint64_t transfers, every;
  Kind kind;
} options;

void run_parse(int count, char **arguments, Accounts *accounts);
void run_start(void);
// Takes one call of those that are left to make. One that is owed is made even when none is left.
bool run_asks(bool is_owed);
// A call was answered after so many seconds, so many of its transfers with OK.
void run_answered(double seconds, int good, const uint64_t outcomes[32]);
// Whether calls are in flight.
bool run_goes_on(void);
void run_end(const Accounts *accounts);
