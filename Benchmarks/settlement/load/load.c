// load FOLDER HOST PORT call PATH
//   Sends each message of standard input (4 bytes of length, most significant first, then the message) to the method,
//   one after the other, and prints the answers in the same form.
// load FOLDER HOST PORT submit --accounts FILE --growth FILE [--connections 8] [--streams 32] [--batch 1]
//     [--transfers N] [--every N] [--seed N] [--two-phase]
//   Keeps so many SubmitTransfers in flight until N transfers are answered. Prints a line of JSON every so many
//   transfers and at the end, and writes what the counters of the accounts must have grown by.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "run.h"

static const char *folder;
static Accounts accounts;

static void submit(Call *call) {
  Request *request = &call->request;
  // A hold that was begun is captured, whatever the count.
  if (!run_asks(options.kind == TWO_PHASE && request->bytes && !request->captures)) return;
  request_fill(request, &accounts, options.kind);
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

static Connection **open_all(const char *host, const char *port, int epoll) {
  SSL_CTX *context = credentials_load(folder);
  Connection **connections = calloc(options.connections, sizeof *connections);
  for (int index = 0; index < options.connections; index++) {
    connections[index] = connection_open(context, host, port, submitted);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connections[index]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[index]->socket, &event);
  }
  return connections;
}

static void serve(Connection *connection, uint32_t events, int epoll) {
  bool wanted = connection->wants_write;
  if (events & ~EPOLLOUT) connection_receive(connection);
  connection_send(connection);
  if (wanted == connection->wants_write) return;
  struct epoll_event event = {.events = EPOLLIN | (connection->wants_write ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_MOD, connection->socket, &event);
}

static void run_submit(const char *host, const char *port) {
  accounts_read(&accounts, options.accounts);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  Connection **connections = open_all(host, port, epoll);
  int count = options.connections * options.streams;
  Call *calls = calloc(count, sizeof *calls);
  for (int index = 0; index < count; index++) {
    calls[index].connection = connections[index % options.connections];
    calls[index].path = SUBMIT_PATH;
    calls[index].request.transfers = options.batch;
  }
  run_start();
  for (int index = 0; index < count; index++) submit(&calls[index]);
  for (int index = 0; index < options.connections; index++) serve(connections[index], EPOLLOUT, epoll);
  double refreshed = now_seconds();
  while (run_goes_on()) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll, events, 64, 30000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) fail("nothing was answered for 30 s");
    for (int index = 0; index < ready; index++) serve(events[index].data.ptr, events[index].events, epoll);
    if (now_seconds() - refreshed < 2) continue;
    refreshed = now_seconds();
    token_refresh(folder);
  }
  run_end(&accounts);
  for (int index = 0; index < options.connections; index++) connection_close(connections[index]);
}

static bool is_waiting;

static void printed(Call *call) {
  is_waiting = false;
  uint32_t count = call->answer.count - 5;
  const uint8_t length[] = {count >> 24, count >> 16, count >> 8, count};
  fwrite(length, 1, 4, stdout);
  fwrite(call->answer.bytes + 5, 1, count, stdout);
}

static void run_call(const char *host, const char *port, const char *path) {
  Call call = {.connection = connection_open(credentials_load(folder), host, port, printed), .path = path};
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = call.connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, call.connection->socket, &event);
  uint8_t length[4];
  while (fread(length, 1, 4, stdin) == 4) {
    size_t count = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    uint8_t *body = malloc(5 + count);
    body[0] = 0;
    memcpy(body + 1, length, 4);
    if (fread(body + 5, 1, count, stdin) != count) fail("standard input ends within a message");
    call.body = body;
    call.body_count = 5 + count;
    is_waiting = true;
    call_start(&call);
    serve(call.connection, EPOLLOUT, epoll);
    while (is_waiting && epoll_wait(epoll, &event, 1, -1) >= 0) serve(event.data.ptr, event.events, epoll);
    free(body);
    token_refresh(folder);
  }
  connection_close(call.connection);
}

int main(int count, char **arguments) {
  if (count < 5) fail("usage: load FOLDER HOST PORT (call PATH | submit --accounts FILE --growth FILE ...)");
  folder = arguments[1];
  token_refresh(folder);
  if (!strcmp(arguments[4], "call") && count == 6) {
    run_call(arguments[2], arguments[3], arguments[5]);
  } else if (!strcmp(arguments[4], "submit")) {
    run_parse(count - 4, arguments + 4, &accounts);
    run_submit(arguments[2], arguments[3]);
  } else {
    fail("see the top of load.c");
  }
}
