// Calls over several connections at once, one thread.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "run.h"

enum { TICK_MILLISECONDS = 10, PATIENCE_SECONDS = 30 };

static Connection **open_all(const char *folder, const char *host, const char *port, void (*done)(Call *), int epoll) {
  SSL_CTX *context = credentials_load(folder);
  Connection **connections = calloc(options.connections, sizeof *connections);
  for (int index = 0; index < options.connections; index++) {
    connections[index] = connection_open(context, host, port, done);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connections[index]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[index]->socket, &event);
  }
  return connections;
}

void connection_serve(Connection *connection, uint32_t events, int epoll) {
  bool wanted = connection->wants_write;
  if (events & ~EPOLLOUT) connection_receive(connection);
  connection_send(connection);
  if (wanted == connection->wants_write) return;
  struct epoll_event event = {.events = EPOLLIN | (connection->wants_write ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_MOD, connection->socket, &event);
}

void run_calls(const char *folder, const char *host, const char *port, void *calls, size_t size, int count,
               void (*next)(Call *), void (*done)(Call *), const Watcher *watcher) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  Connection **connections = open_all(folder, host, port, done, epoll);
  for (int index = 0; index < count; index++)
    ((Call *)((char *)calls + index * size))->connection = connections[index % options.connections];
  if (watcher) watcher->call->connection = connections[0];
  run_start();
  for (int index = 0; index < count; index++) next((Call *)((char *)calls + index * size));
  for (int index = 0; index < options.connections; index++) connection_serve(connections[index], EPOLLOUT, epoll);
  double refreshed = now_seconds(), heard = refreshed;
  while (run_goes_on() || (watcher && watcher->goes_on())) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll, events, 64, watcher ? TICK_MILLISECONDS : PATIENCE_SECONDS * 1000);
    if (ready < 0 && errno == EINTR) continue;
    double now = now_seconds();
    if (ready > 0) heard = now;
    if (ready < 0 || now - heard > PATIENCE_SECONDS) fail("nothing was answered for 30 s");
    for (int index = 0; index < ready; index++) connection_serve(events[index].data.ptr, events[index].events, epoll);
    if (watcher) {
      watcher->tick();
      for (int index = 0; index < options.connections; index++) connection_serve(connections[index], EPOLLOUT, epoll);
    }
    if (now - refreshed < 2) continue;
    refreshed = now;
    token_refresh(folder);
  }
  for (int index = 0; index < options.connections; index++) connection_close(connections[index]);
}

static bool is_waiting;

static void printed(Call *call) {
  is_waiting = false;
  uint32_t count = call->answer.count - 5;
  const uint8_t length[] = {count >> 24, count >> 16, count >> 8, count};
  fwrite(length, 1, 4, stdout);
  fwrite(call->answer.bytes + 5, 1, count, stdout);
  fflush(stdout);
}

void run_call(const char *folder, const char *host, const char *port, const char *path) {
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
    connection_serve(call.connection, EPOLLOUT, epoll);
    while (is_waiting && epoll_wait(epoll, &event, 1, -1) >= 0) connection_serve(event.data.ptr, event.events, epoll);
    free(body);
    token_refresh(folder);
  }
  connection_close(call.connection);
}
