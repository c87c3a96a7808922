#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PARTICIPANTS = 10000, EVENTS_PER_ORDER = 5, BARE_ENTRY = 300, EVENT_BYTES = 512 };
// What an entry takes beside kind, producer and number, when its time is whole seconds and nothing caused it.
enum { BARE_FRAME = 276, PRODUCER_PREFIX = sizeof "catalog." - 1 };

uint64_t random_next(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint8_t *put_varint(uint8_t *at, uint64_t value) {
  for (; value > 127; value >>= 7) *at++ = (value & 127) | 128;
  *at++ = value;
  return at;
}

uint64_t read_varint(const uint8_t **at, const uint8_t *end) {
  uint64_t value = 0;
  for (int shift = 0; *at < end; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return value;
  }
  fail("an answer ends within a number");
}

static uint8_t *put_text(uint8_t *at, int field, const char *text, size_t count) {
  at = put_varint(at, field << 3 | 2);
  at = put_varint(at, count);
  memcpy(at, text, count);
  return at + count;
}

static uint8_t *put_time(uint8_t *at, bool whole) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint8_t time[16], *end = put_varint(time + 1, now.tv_sec);
  time[0] = 1 << 3;
  if (!whole) {
    *end++ = 2 << 3;
    end = put_varint(end, now.tv_nsec / 1000 * 1000);
  }
  return put_text(at, 3, (const char *)time, end - time);
}

// Who it is stays the same from run to run: a UUIDv7 of a fixed moment.
static void participant_write(char *text, uint64_t *random) {
  uint64_t seed = random_next(random) % PARTICIPANTS;
  memcpy(text, "participant/", 12);
  uuid_write(text + 12, 1750000000000 + seed, &seed);
}

static uint8_t *put_story(uint8_t *at, Producer *producer, int payload) {
  static const char hexadecimal[] = "0123456789abcdef";
  char trace[] = "00-00000000000000000000000000000000-0000000000000000-01", order[6 + UUID_TEXT] = "order/";
  char person[12 + UUID_TEXT], content[4096];
  for (int digit = 0; digit < 49; digit++)
    if (digit != 32) trace[3 + digit] = hexadecimal[random_next(&producer->random) & 15];
  at = put_text(at, 5, trace, 55);
  if (producer->order_left-- == 0) {
    uuid_write(producer->order, wall_milliseconds(), &producer->random);
    producer->order_left = EVENTS_PER_ORDER - 1;
  }
  memcpy(order + 6, producer->order, UUID_TEXT);
  participant_write(person, &producer->random);
  at = put_text(at, 7, person, sizeof person);
  at = put_text(at, 8, order, sizeof order);
  participant_write(person, &producer->random);
  at = put_text(at, 8, person, sizeof person);
  if (payload < 2) return at;
  memset(content, 'x', payload);
  memcpy(content, "{\"note\":\"", payload < 12 ? 1 : 9);
  memcpy(content + payload - (payload < 12 ? 1 : 2), payload < 12 ? "}" : "\"}", payload < 12 ? 1 : 2);
  return put_text(at, 9, content, payload);
}

static uint8_t *put_event(uint8_t *at, Producer *producer, int payload) {
  static const char *const kinds[] = {"order.placed", "order.paid", "grant.issued", "order.settled", "consent.checked"};
  static const char bare_kind[] = "benchmark.append";
  uint8_t event[5120], *end = event;
  char id[UUID_TEXT], number[24];
  uuid_write(id, wall_milliseconds(), &producer->random);
  end = put_text(end, 1, id, sizeof id);
  int digits = snprintf(number, sizeof number, "%lu", producer->sequence);
  if (payload < 0) {
    int room = BARE_ENTRY - BARE_FRAME - PRODUCER_PREFIX - (int)strlen(producer->instance) - digits;
    if (room < 1 || room >= (int)sizeof bare_kind) fail("no kind makes an entry of 300 bytes");
    end = put_text(end, 2, bare_kind, room);
  } else {
    const char *kind = kinds[producer->sequence % (sizeof kinds / sizeof *kinds)];
    end = put_text(end, 2, kind, strlen(kind));
  }
  end = put_time(end, payload < 0);
  *end++ = 4 << 3;
  end = put_varint(end, producer->sequence++);
  // One in fifty was refused.
  bool is_refused = payload >= 0 && random_next(&producer->random) % 50 == 0;
  if (payload >= 0) end = put_story(end, producer, payload);
  *end++ = 6 << 3;
  *end++ = is_refused ? 2 : 1;
  return put_text(at, 1, (const char *)event, end - event);
}

void events_fill(Producer *producer, int count, int payload) {
  if (payload > 4000) fail("payloads have 4000 bytes at most");
  if (!producer->bytes) producer->bytes = malloc(64 + (size_t)count * (EVENT_BYTES + (payload > 0 ? payload : 0)));
  uint8_t *at = producer->bytes + 5;
  for (int index = 0; index < count; index++) at = put_event(at, producer, payload);
  at = put_text(at, 2, producer->instance, strlen(producer->instance));
  uint32_t length = at - producer->bytes - 5;
  const uint8_t prefix[5] = {0, length >> 24, length >> 16, length >> 8, length};
  memcpy(producer->bytes, prefix, 5);
  producer->call.body = producer->bytes;
  producer->call.body_count = 5 + length;
}

int receipts_read(const Buffer *answer, uint64_t *end) {
  const uint8_t *at = answer->bytes + 5, *last = answer->bytes + answer->count;
  int count = 0;
  while (at < last) {
    if (*at++ != (1 << 3 | 2)) fail("not an AppendEntriesResponse");
    uint64_t length = read_varint(&at, last);
    const uint8_t *next = at + length;
    if (next > last) fail("a receipt is cut off");
    uint64_t index = 0;
    while (at < next) {
      int key = *at++;
      uint64_t value = read_varint(&at, next);
      if (key == 2 << 3) index = value;
      else at += value;
    }
    if (index + 1 > *end) *end = index + 1;
    count++;
  }
  return count;
}

uint64_t checkpoint_size(const Buffer *answer) {
  const uint8_t *at = answer->bytes + 5, *end = answer->bytes + answer->count;
  if (at >= end || *at++ != (1 << 3 | 2)) fail("not a GetCheckpointResponse");
  read_varint(&at, end);
  const uint8_t *line = memchr(at, '\n', end - at);
  if (!line) fail("a checkpoint without a size");
  return strtoull((const char *)line + 1, NULL, 10);
}
