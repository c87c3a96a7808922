#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same accounts and amounts.
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void accounts_read(Accounts *accounts, const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail("%s: not readable", path);
  Buffer ids = {0};
  char line[64];
  while (fgets(line, sizeof line, file)) {
    if (strlen(line) != UUID_TEXT + 1) fail("%s: not an id: %s", path, line);
    buffer_append(&ids, line, UUID_TEXT);
    accounts->count++;
  }
  fclose(file);
  if (accounts->count < 2) fail("%s: two accounts at least", path);
  accounts->ids = (char *)ids.bytes;
  accounts->debits = calloc(accounts->count, sizeof(int64_t));
  accounts->credits = calloc(accounts->count, sizeof(int64_t));
}

void accounts_write_growth(const Accounts *accounts, const char *path) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(accounts->debits, 8, accounts->count, file) != accounts->count ||
      fwrite(accounts->credits, 8, accounts->count, file) != accounts->count || fclose(file))
    fail("%s: not writable", path);
}

void uuid_write(char *text, uint64_t milliseconds, uint64_t *random) {
  static const char digits[] = "0123456789abcdef";
  uint64_t a = next_random(random), b = next_random(random);
  uint64_t high = milliseconds << 16 | 0x7000 | (a & 0xfff), low = b >> 2 | 0x8000000000000000;
  for (int byte = 0, at = 0; byte < 16; byte++) {
    unsigned value = (byte < 8 ? high >> (56 - 8 * byte) : low >> (120 - 8 * byte)) & 255;
    if (byte == 4 || byte == 6 || byte == 8 || byte == 10) text[at++] = '-';
    text[at++] = digits[value >> 4];
    text[at++] = digits[value & 15];
  }
}

// Fields of ndx.settlement.v1.Transfer in the order of their numbers; amounts take two bytes.
enum { POST_BYTES = 38 + 2 + 38 + 38 + 3 + 5, CAPTURE_BYTES = 38 + 2 + 3 + 5 + 38 };

static uint8_t *put_id(uint8_t *at, int field, const char *id) {
  *at++ = field << 3 | 2;
  *at++ = UUID_TEXT;
  memcpy(at, id, UUID_TEXT);
  return at + UUID_TEXT;
}

static uint8_t *put_amount_and_currency(uint8_t *at, int32_t amount) {
  const uint8_t bytes[] = {5 << 3, (amount & 127) | 128, amount >> 7, 6 << 3 | 2, 3, 'V', 'N', 'D'};
  memcpy(at, bytes, sizeof bytes);
  return at + sizeof bytes;
}

void item_choose(Item *item, Accounts *accounts) {
  uint64_t random = next_random(&accounts->random);
  item->debit = (uint32_t)random % accounts->count;
  item->credit = (item->debit + 1 + (uint32_t)(random >> 32) % (accounts->count - 1)) % accounts->count;
  item->amount = 256 + next_random(&accounts->random) % (16384 - 256);
}

static uint8_t *put_transfer(uint8_t *at, Item *item, Accounts *accounts, uint64_t milliseconds, Kind kind,
                             bool captures) {
  char id[UUID_TEXT];
  uuid_write(id, milliseconds, &accounts->random);
  *at++ = 1 << 3 | 2;
  *at++ = captures ? CAPTURE_BYTES : POST_BYTES;
  at = put_id(at, 1, id);
  *at++ = 2 << 3;
  if (captures) {
    item->amount -= next_random(&accounts->random) & 127;
    *at++ = 3;
    return put_id(put_amount_and_currency(at, item->amount), 7, item->hold);
  }
  item_choose(item, accounts);
  *at++ = kind == TWO_PHASE ? 2 : 1;
  at = put_id(at, 3, accounts->ids + (size_t)item->debit * UUID_TEXT);
  at = put_id(at, 4, accounts->ids + (size_t)item->credit * UUID_TEXT);
  if (kind == TWO_PHASE) memcpy(item->hold, id, UUID_TEXT);
  return put_amount_and_currency(at, item->amount);
}

void request_fill(Request *request, Accounts *accounts, Kind kind) {
  if (!request->bytes) {
    request->bytes = malloc(5 + (size_t)request->transfers * (2 + POST_BYTES));
    request->items = calloc(request->transfers, sizeof(Item));
    request->captures = kind == TWO_PHASE;
  }
  if (kind == TWO_PHASE) request->captures = !request->captures;
  uint64_t milliseconds = wall_milliseconds();
  uint8_t *at = request->bytes + 5;
  for (int index = 0; index < request->transfers; index++)
    at = put_transfer(at, &request->items[index], accounts, milliseconds, kind, request->captures);
  request->count = at - request->bytes;
  uint32_t length = request->count - 5;
  const uint8_t prefix[5] = {0, length >> 24, length >> 16, length >> 8, length};
  memcpy(request->bytes, prefix, 5);
}

// Outcome of one TransferResult; 0 when it is empty.
static int outcome(const uint8_t *bytes, size_t count) {
  return count >= 2 && bytes[0] == 1 << 3 && bytes[1] < 32 ? bytes[1] : 0;
}

int request_book(const Request *request, Accounts *accounts, const Buffer *answer, uint64_t outcomes[32]) {
  const uint8_t *at = answer->bytes + 5, *end = answer->bytes + answer->count;
  int index = 0, good = 0;
  while (end - at >= 2 && *at == (1 << 3 | 2) && at[1] < 128 && at + 2 + at[1] <= end && index < request->transfers) {
    const Item *item = &request->items[index++];
    int result = outcome(at + 2, at[1]);
    at += 2 + at[1];
    outcomes[result]++;
    if (result != 1) continue;
    good++;
    // Held amounts become counters that last when they are captured.
    if (item->hold[0] && !request->captures) continue;
    accounts->debits[item->debit] += item->amount;
    accounts->credits[item->credit] += item->amount;
  }
  if (index != request->transfers) fail("%d results for %d transfers", index, request->transfers);
  if (good < index && request->items->hold[0]) fail("a hold or capture was refused");
  return good;
}
