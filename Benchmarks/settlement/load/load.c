// load FOLDER HOST PORT call PATH
//   Sends each message of standard input (4 bytes of length, most significant first, then the message) to the method,
//   one after the other, and prints the answers in the same form.
// load FOLDER HOST PORT submit --accounts FILE --growth FILE [--connections 8] [--streams 32] [--batch 1]
//     [--transfers N] [--every N] [--seed N] [--two-phase]
//   Keeps so many SubmitTransfers in flight until N transfers are answered. Prints a line of JSON every so many
//   transfers and at the end, and writes what the counters of the accounts must have grown by.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const char *folder;
static Accounts accounts;

static void submit(Call *call) {
  Request *request = &call->request;
  // A hold that was begun is captured, whatever the count.
  if (!run_asks(options.two_phase && request->bytes && !request->captures)) return;
  request_fill(request, &accounts, options.two_phase ? TWO_PHASE : POSTS);
  call->body = request->bytes;
  call->body_count = request->count;
  call_start(call);
}

static void submitted(Call *call) {
  uint64_t outcomes[32] = {0};
  double seconds = now_seconds() - call->start;
  int good = request_book(&call->request, &accounts, &call->answer, outcomes);
  run_answered(seconds, good, outcomes);
  submit(call);
}

static void run_submit(const char *host, const char *port) {
  if (!options.accounts || !options.growth) fail("submit needs --accounts and --growth");
  accounts_read(&accounts, options.accounts);
  int count = options.connections * options.streams;
  Call *calls = calloc(count, sizeof *calls);
  for (int index = 0; index < count; index++) {
    calls[index].path = SUBMIT_PATH;
    calls[index].request.transfers = options.batch;
  }
  run_calls(folder, host, port, calls, sizeof *calls, count, submit, submitted, NULL);
  run_end();
  accounts_write_growth(&accounts, options.growth);
}

int main(int count, char **arguments) {
  if (count < 5) fail("usage: load FOLDER HOST PORT (call PATH | submit --accounts FILE --growth FILE ...)");
  folder = arguments[1];
  token_refresh(folder);
  if (!strcmp(arguments[4], "call") && count == 6) {
    run_call(folder, arguments[2], arguments[3], arguments[5]);
  } else if (!strcmp(arguments[4], "submit")) {
    run_parse(count - 4, arguments + 4);
    accounts.random = options.seed;
    run_submit(arguments[2], arguments[3]);
  } else {
    fail("see the top of load.c");
  }
}
