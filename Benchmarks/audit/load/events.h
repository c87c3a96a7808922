// Events for AppendEntries (ndx.audit.v1), encoded once for each call.
#pragma once
#include "load.h"

// What a call in flight appends as a producer of its own, as the numbers of one producer must arrive in order.
typedef struct {
  Call call;
  char instance[40];
  uint64_t sequence;
  uint64_t random;
  // The order that the newest events are about, and how many are left to come.
  char order[UUID_TEXT];
  int order_left;
  uint8_t *bytes;
} Producer;

// Events are bare, of entries of 300 bytes, unless `payload` is 0 or more bytes: then they name an actor, an order and a
// participant and have a traceparent.
void events_fill(Producer *producer, int count, int payload);
// Reads an AppendEntriesResponse; the number of receipts. `end` becomes the size that a log with all of them has at least.
int receipts_read(const Buffer *answer, uint64_t *end);
// Reads the size of the checkpoint in a GetCheckpointResponse.
uint64_t checkpoint_size(const Buffer *answer);
// A SplitMix64 of its own for participants: the same seed names the same ones.
uint64_t random_next(uint64_t *state);
uint8_t *put_varint(uint8_t *at, uint64_t value);
// Reads a varint; `at` past `end` means that there was none.
uint64_t read_varint(const uint8_t **at, const uint8_t *end);
