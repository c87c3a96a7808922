// postgres-load CONNINFO --accounts FILE --growth FILE [the options of load submit]
//   The same load on PostgreSQL: prepared statements with binary parameters; --streams calls follow each other in the
//   pipeline of each connection, every one its own transaction.
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "load.h"
#include "run.h"

static Accounts accounts;

// One call in flight; those of a connection are answered in turn.
typedef struct {
  Item *items;
  double start;
} Slot;

typedef struct {
  PGconn *connection;
  Slot *slots;
  uint64_t sent, received;
  bool wants_write;
} Session;

enum { UUID_TYPE = 2950, BIGINT_TYPE = 20, TEXT_TYPE = 1042, UUIDS_TYPE = 2951, BIGINTS_TYPE = 1016 };

static void must(bool good, PGconn *connection) {
  if (!good) fail("%s", PQerrorMessage(connection));
}

static void open_session(Session *session, const char *conninfo, int epoll) {
  PGconn *connection = session->connection = PQconnectdb(conninfo);
  must(PQstatus(connection) == CONNECTION_OK, connection);
  const char *text = options.batch == 1 ? "SELECT submit($1, $2, $3, $4, $5)" : "SELECT submit_all($1, $2, $3, $4)";
  const Oid one[] = {UUID_TYPE, UUID_TYPE, UUID_TYPE, BIGINT_TYPE, TEXT_TYPE};
  const Oid many[] = {UUIDS_TYPE, UUIDS_TYPE, UUIDS_TYPE, BIGINTS_TYPE};
  PGresult *result =
      PQprepare(connection, "submit", text, options.batch == 1 ? 5 : 4, options.batch == 1 ? one : many);
  must(PQresultStatus(result) == PGRES_COMMAND_OK, connection);
  PQclear(result);
  must(!PQsetnonblocking(connection, 1) && PQenterPipelineMode(connection), connection);
  session->slots = calloc(options.streams, sizeof(Slot));
  for (int index = 0; index < options.streams; index++)
    session->slots[index].items = calloc(options.batch, sizeof(Item));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
  epoll_ctl(epoll, EPOLL_CTL_ADD, PQsocket(connection), &event);
}

static void to_bytes(uint8_t bytes[16], const char *text) {
  for (int at = 0, byte = 0; byte < 16; byte++) {
    if (text[at] == '-') at++;
    int value = 0;
    for (int digit = 0; digit < 2; digit++, at++) value = value << 4 | (text[at] <= '9' ? text[at] - '0' : text[at] - 'a' + 10);
    bytes[byte] = value;
  }
}

// The head of a one-dimensional array without NULLs in PostgreSQL's binary form.
static uint8_t *array_head(uint8_t *at, Oid element) {
  const uint32_t head[] = {htonl(1), 0, htonl(element), htonl(options.batch), htonl(1)};
  memcpy(at, head, sizeof head);
  return at + sizeof head;
}

static uint8_t *put(uint8_t *at, const void *bytes, uint32_t count, bool in_array) {
  uint32_t length = htonl(count);
  if (in_array) {
    memcpy(at, &length, 4);
    at += 4;
  }
  memcpy(at, bytes, count);
  return at + count;
}

static void send_call(Session *session, Slot *slot) {
  static uint8_t *columns[4];
  uint8_t *ends[4];
  bool batch = options.batch > 1;
  for (int column = 0; column < 4; column++) {
    if (!columns[column]) columns[column] = malloc(20 + (size_t)options.batch * 20);
    ends[column] = batch ? array_head(columns[column], column == 3 ? BIGINT_TYPE : UUID_TYPE) : columns[column];
  }
  uint64_t milliseconds = wall_milliseconds();
  for (int index = 0; index < options.batch; index++) {
    Item *item = &slot->items[index];
    char id[UUID_TEXT];
    item_choose(item, &accounts);
    uuid_write(id, milliseconds, &accounts.random);
    const char *texts[] = {id, accounts.ids + (size_t)item->debit * UUID_TEXT,
                           accounts.ids + (size_t)item->credit * UUID_TEXT};
    for (int column = 0; column < 3; column++) {
      uint8_t bytes[16];
      to_bytes(bytes, texts[column]);
      ends[column] = put(ends[column], bytes, 16, batch);
    }
    uint64_t amount = htobe64(item->amount);
    ends[3] = put(ends[3], &amount, 8, batch);
  }
  const char *values[] = {(char *)columns[0], (char *)columns[1], (char *)columns[2], (char *)columns[3], "VND"};
  const int lengths[] = {ends[0] - columns[0], ends[1] - columns[1], ends[2] - columns[2], ends[3] - columns[3], 3};
  const int formats[] = {1, 1, 1, 1, 1};
  slot->start = now_seconds();
  must(PQsendQueryPrepared(session->connection, "submit", batch ? 4 : 5, values, lengths, formats, 1),
       session->connection);
  must(PQpipelineSync(session->connection), session->connection);
}

static void fill(Session *session) {
  while (session->sent - session->received < (uint64_t)options.streams && run_asks(false)) {
    send_call(session, &session->slots[session->sent % options.streams]);
    session->sent++;
  }
}

static void book(Session *session, const PGresult *result) {
  Slot *slot = &session->slots[session->received % options.streams];
  uint64_t outcomes[32] = {0};
  bool good;
  if (options.batch == 1) {
    int outcome = ntohs(*(const uint16_t *)PQgetvalue(result, 0, 0)) & 31;
    outcomes[outcome] = 1;
    good = outcome == 1;
  } else {
    // A batch in sets stands as a whole or not at all.
    good = ntohl(*(const uint32_t *)PQgetvalue(result, 0, 0)) == (uint32_t)options.batch;
    outcomes[good ? 1 : 0] = options.batch;
  }
  for (int index = 0; good && index < options.batch; index++) {
    accounts.debits[slot->items[index].debit] += slot->items[index].amount;
    accounts.credits[slot->items[index].credit] += slot->items[index].amount;
  }
  run_answered(now_seconds() - slot->start, good ? options.batch : 0, outcomes);
  session->received++;
}

static void receive(Session *session) {
  must(PQconsumeInput(session->connection), session->connection);
  while (session->received < session->sent && !PQisBusy(session->connection)) {
    PGresult *result = PQgetResult(session->connection);
    if (!result) continue;
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK)
      book(session, result);
    else if (status != PGRES_PIPELINE_SYNC)
      fail("%s", PQresultErrorMessage(result));
    PQclear(result);
  }
}

static void serve(Session *session, uint32_t events, int epoll) {
  if (events & ~EPOLLOUT) receive(session);
  fill(session);
  int left = PQflush(session->connection);
  must(left >= 0, session->connection);
  if (session->wants_write == (left > 0)) return;
  session->wants_write = left > 0;
  struct epoll_event event = {.events = EPOLLIN | (left ? EPOLLOUT : 0), .data.ptr = session};
  epoll_ctl(epoll, EPOLL_CTL_MOD, PQsocket(session->connection), &event);
}

int main(int count, char **arguments) {
  if (count < 2) fail("usage: postgres-load CONNINFO --accounts FILE --growth FILE ...");
  run_parse(count - 1, arguments + 1);
  if (!options.accounts || !options.growth) fail("--accounts and --growth are needed");
  accounts.random = options.seed;
  accounts_read(&accounts, options.accounts);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  Session *sessions = calloc(options.connections, sizeof *sessions);
  for (int index = 0; index < options.connections; index++) open_session(&sessions[index], arguments[1], epoll);
  run_start();
  for (int index = 0; index < options.connections; index++) serve(&sessions[index], EPOLLOUT, epoll);
  while (run_goes_on()) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll, events, 64, 30000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) fail("nothing was answered for 30 s");
    for (int index = 0; index < ready; index++) serve(events[index].data.ptr, events[index].events, epoll);
  }
  run_end();
  accounts_write_growth(&accounts, options.growth);
  for (int index = 0; index < options.connections; index++) PQfinish(sessions[index].connection);
}
