// audit-load FOLDER HOST PORT call PATH
//   As settlement's load does.
// audit-load FOLDER HOST PORT append [--instances NAME] [--payload BYTES] [--connections 8] [--streams 4] [--batch 256]
//     [--transfers N] [--every N] [--seed N]
//   Keeps so many AppendEntries in flight until N events are answered, each call in flight as the producer CALLER.NAMEnn,
//   which has no events yet. Asks for the checkpoint every 20 ms on the way, and goes on until one covers everything. Prints a
//   line of JSON every so many events and at the end, then one with the merge delay: from the answer to the checkpoint seen.
// audit-load FOLDER HOST PORT prove --size N [--connections 8] [--streams 32] [--transfers N] [--seed N]
//   Keeps so many GetInclusionProof in flight, of random entries of the newest checkpoint of N entries or more.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delay.h"
#include "events.h"
#include "run.h"

#define SERVICE "/ndx.audit.v1.LogService/"
static const double POLL_SECONDS = 0.02;

// ---- append

static Call watcher;
static bool watcher_is_asking, all_are_covered;
static double asked_last;

static void append(Call *call) {
  Producer *producer = (Producer *)call;
  if (!run_asks(false)) {
    return;
  }
  events_fill(producer, options.batch, options.payload);
  call_start(call);
}

static void ask_checkpoint(Call *call) {
  watcher_is_asking = true;
  asked_last = now_seconds();
  call_start(call);
}

static void answered(Call *call) {
  if (call == &watcher) {
    watcher_is_asking = false;
    all_are_covered = !delay_published(checkpoint_size(&call->answer));
    return;
  }
  uint64_t end = 0, outcomes[32] = {0};
  int count = receipts_read(&call->answer, &end);
  if (count != options.batch) fail("%d receipts for %d events", count, options.batch);
  outcomes[1] = count;
  delay_acknowledged(end);
  all_are_covered = false;
  run_answered(now_seconds() - call->start, count, outcomes);
  append(call);
}

static void watch(void) {
  if (!watcher_is_asking && now_seconds() - asked_last >= POLL_SECONDS) ask_checkpoint(&watcher);
}

static bool is_uncovered(void) { return watcher_is_asking || !all_are_covered; }

static void run_append(const char *folder, const char *host, const char *port) {
  int count = options.connections * options.streams;
  Producer *producers = calloc(count, sizeof *producers);
  uint64_t random = options.seed;
  for (int index = 0; index < count; index++) {
    snprintf(producers[index].instance, sizeof producers->instance, "%s%03d", options.instances, index);
    producers[index].call.path = SERVICE "AppendEntries";
    producers[index].sequence = 1;
    producers[index].random = random_next(&random);
  }
  static uint8_t empty[5];
  watcher = (Call){.path = SERVICE "GetCheckpoint", .body = empty, .body_count = sizeof empty};
  run_calls(folder, host, port, producers, sizeof *producers, count, append, answered,
            &(Watcher){.call = &watcher, .tick = watch, .goes_on = is_uncovered});
  run_end();
  delay_report();
}

// ---- prove

typedef struct {
  Call call;
  uint8_t body[32];
} Question;

static uint64_t proofs_random;

static void ask_proof(Call *call) {
  if (!run_asks(false)) return;
  Question *question = (Question *)call;
  uint8_t *at = question->body + 5;
  *at++ = 1 << 3;
  at = put_varint(at, random_next(&proofs_random) % options.size);
  question->body[4] = at - question->body - 5;
  call->body = question->body;
  call->body_count = at - question->body;
  call_start(call);
}

// Whether the answer proves anything is checked elsewhere, on a sample; here, that it is one of a proof's length.
static void proven(Call *call) {
  uint64_t outcomes[32] = {[1] = 1};
  if (call->answer.count < 5 + 34 * 2) fail("an answer without a proof");
  run_answered(now_seconds() - call->start, 1, outcomes);
  ask_proof(call);
}

static void run_prove(const char *folder, const char *host, const char *port) {
  if (options.size < 2) fail("prove needs --size");
  options.batch = 1;
  proofs_random = options.seed;
  int count = options.connections * options.streams;
  Question *questions = calloc(count, sizeof *questions);
  for (int index = 0; index < count; index++) questions[index].call.path = SERVICE "GetInclusionProof";
  run_calls(folder, host, port, questions, sizeof *questions, count, ask_proof, proven, NULL);
  run_end();
}

int main(int count, char **arguments) {
  if (count < 5) fail("usage: audit-load FOLDER HOST PORT (call PATH | append ... | prove ...)");
  const char *folder = arguments[1], *host = arguments[2], *port = arguments[3], *mode = arguments[4];
  token_refresh(folder);
  if (!strcmp(mode, "call") && count == 6) {
    run_call(folder, host, port, arguments[5]);
    return 0;
  }
  run_parse(count - 4, arguments + 4);
  if (!strcmp(mode, "append")) run_append(folder, host, port);
  else if (!strcmp(mode, "prove")) run_prove(folder, host, port);
  else fail("see the top of audit.c");
}
