#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"

enum { WINDOW = 16 << 20, RECORD = 16 << 10 };

static Token token = {.text = "Bearer "};
static struct timespec token_time;

void token_refresh(const char *folder) {
  char path[1024];
  snprintf(path, sizeof path, "%s/token", folder);
  struct stat status;
  if (stat(path, &status)) return;
  if (!memcmp(&status.st_mtim, &token_time, sizeof token_time)) return;
  FILE *file = fopen(path, "r");
  if (!file) fail("%s: %s", path, strerror(errno));
  token.count = 7 + fread(token.text + 7, 1, sizeof token.text - 8, file);
  token.version++;
  fclose(file);
  token_time = status.st_mtim;
}

SSL_CTX *credentials_load(const char *folder) {
  char chain[1024], key[1024], root[1024];
  snprintf(chain, sizeof chain, "%s/certificate.pem", folder);
  snprintf(key, sizeof key, "%s/key.pem", folder);
  snprintf(root, sizeof root, "%s/trust.pem", folder);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
      SSL_CTX_use_certificate_chain_file(context, chain) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_load_verify_locations(context, root, NULL) != 1 ||
      SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x02h2", 3))
    fail("%s: credentials not usable: %s", folder, ERR_error_string(ERR_get_error(), NULL));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count,
                     const uint8_t *value, size_t value_count, uint8_t flags, void *user) {
  Call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!call) return 0;
  if (name_count == 7 && !memcmp(name, ":status", 7)) call->http_status = atoi((const char *)value);
  if (name_count == 11 && !memcmp(name, "grpc-status", 11)) call->grpc_status = atoi((const char *)value);
  if (name_count == 12 && !memcmp(name, "grpc-message", 12))
    snprintf(call->message, sizeof call->message, "%.*s", (int)value_count, (const char *)value);
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count,
                   void *user) {
  Call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (call) buffer_append(&call->answer, bytes, count);
  return 0;
}

/// Leaves one message of all that came: joined, messages of one type are their merger (a stream's totals and findings).
static void join_messages(Buffer *answer) {
  uint8_t *bytes = answer->bytes;
  size_t read = 0, written = 5;
  while (answer->count - read >= 5 && !bytes[read]) {
    size_t length = (size_t)bytes[read + 1] << 24 | (size_t)bytes[read + 2] << 16 | (size_t)bytes[read + 3] << 8 | bytes[read + 4];
    if (answer->count - read - 5 < length) break;
    memmove(bytes + written, bytes + read + 5, length);
    written += length;
    read += 5 + length;
  }
  if (!read || read != answer->count) fail("answer of %zu bytes is not whole messages", answer->count);
  answer->count = written;
  written -= 5;
  for (int shift = 0; shift < 4; shift++) bytes[4 - shift] = (uint8_t)(written >> 8 * shift);
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user) {
  Call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (!call) return 0;
  if (error || call->http_status != 200 || call->grpc_status != 0)
    fail("call failed: HTTP/2 error %u, HTTP %d, gRPC %d %s", error, call->http_status, call->grpc_status,
         call->message);
  join_messages(&call->answer);
  call->connection->done(call);
  return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *target, size_t length, uint32_t *flags,
                         nghttp2_data_source *source, void *user) {
  Call *call = source->ptr;
  size_t left = call->body_count - call->body_sent, count = left < length ? left : length;
  memcpy(target, call->body + call->body_sent, count);
  call->body_sent += count;
  if (count == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return count;
}

static int connect_socket(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, port, &hints, &found)) fail("%s:%s: no such address", host, port);
  int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  if (descriptor < 0 || connect(descriptor, found->ai_addr, found->ai_addrlen))
    fail("%s:%s: %s", host, port, strerror(errno));
  freeaddrinfo(found);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return descriptor;
}

static void start_session(Connection *connection) {
  nghttp2_session_callbacks *callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  if (nghttp2_session_client_new(&connection->session, callbacks, connection)) fail("no memory");
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW}};
  nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
  nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, WINDOW);
}

Connection *connection_open(SSL_CTX *context, const char *host, const char *port, void (*done)(Call *)) {
  Connection *connection = calloc(1, sizeof *connection);
  connection->socket = connect_socket(host, port);
  connection->done = done;
  connection->ssl = SSL_new(context);
  SSL_set_fd(connection->ssl, connection->socket);
  if (SSL_connect(connection->ssl) != 1)
    fail("TLS handshake: %s", ERR_error_string(ERR_get_error(), NULL));
  start_session(connection);
  connection_send(connection);
  fcntl(connection->socket, F_SETFL, O_NONBLOCK);
  return connection;
}

void connection_close(Connection *connection) {
  nghttp2_session_terminate_session(connection->session, NGHTTP2_NO_ERROR);
  connection_send(connection);
  SSL_shutdown(connection->ssl);
  close(connection->socket);
  SSL_free(connection->ssl);
  nghttp2_session_del(connection->session);
  free(connection->headers.block.bytes);
  free(connection->output.bytes);
  free(connection);
}

void call_start(Call *call) {
  // What the server gets instead is in headers.c.
  const nghttp2_nv placeholder = {(uint8_t *)":method", (uint8_t *)"POST", 7, 4, NGHTTP2_NV_FLAG_NONE};
  const nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_body};
  call->body_sent = 0;
  call->answer.count = 0;
  call->http_status = 0;
  call->grpc_status = -1;
  call->message[0] = 0;
  call->start = now_seconds();
  int32_t stream = nghttp2_submit_request(call->connection->session, NULL, &placeholder, 1, &body, call);
  if (stream < 0) fail("no stream: %s", nghttp2_strerror(stream));
}

void connection_receive(Connection *connection) {
  uint8_t bytes[RECORD];
  for (;;) {
    int count = SSL_read(connection->ssl, bytes, sizeof bytes);
    if (count <= 0) {
      if (SSL_get_error(connection->ssl, count) == SSL_ERROR_WANT_READ) return;
      fail("the server closed the connection");
    }
    ssize_t taken = nghttp2_session_mem_recv(connection->session, bytes, count);
    if (taken != count) fail("HTTP/2: %s", nghttp2_strerror(taken));
    if (!nghttp2_session_want_read(connection->session)) fail("the server wants no more");
  }
}

static void append_frame(Connection *connection, const uint8_t *frame, size_t count) {
  if (count < 9 || frame[3] != NGHTTP2_HEADERS) return buffer_append(&connection->output, frame, count);
  int32_t stream = (frame[5] & 127) << 24 | frame[6] << 16 | frame[7] << 8 | frame[8];
  const Call *call = nghttp2_session_get_stream_user_data(connection->session, stream);
  if (!call) fail("headers of a call that was not made");
  headers_append(&connection->headers, &connection->output, frame, call->path, &token);
}

// Frames of several calls go into one TLS record.
void connection_send(Connection *connection) {
  Buffer *output = &connection->output;
  for (;;) {
    while (output->count - connection->output_sent < RECORD) {
      const uint8_t *frame;
      ssize_t count = nghttp2_session_mem_send(connection->session, &frame);
      if (count < 0) fail("HTTP/2: %s", nghttp2_strerror(count));
      if (count == 0) break;
      append_frame(connection, frame, count);
    }
    connection->wants_write = false;
    if (output->count == connection->output_sent) break;
    int written = SSL_write(connection->ssl, output->bytes + connection->output_sent,
                            output->count - connection->output_sent);
    if (written <= 0) {
      if (SSL_get_error(connection->ssl, written) != SSL_ERROR_WANT_WRITE) fail("the server closed the connection");
      connection->wants_write = true;
      return;
    }
    connection->output_sent += written;
    if (connection->output_sent < output->count) {
      memmove(output->bytes, output->bytes + connection->output_sent, output->count - connection->output_sent);
      output->count -= connection->output_sent;
    } else {
      output->count = 0;
    }
    connection->output_sent = 0;
  }
}
