// A load generator for LedgerService that costs little, so that what is measured is the server: one thread, nghttp2 and
// OpenSSL, requests encoded once and patched in place, answers read without a decoder.
#pragma once
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT 36
#define SUBMIT_PATH "/ndx.settlement.v1.LedgerService/SubmitTransfers"

// Prints why and ends the program: after a failure nobody knows what was acknowledged.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
double now_seconds(void);
uint64_t wall_milliseconds(void);

// Bytes that grow.
typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} Buffer;
void buffer_append(Buffer *buffer, const void *bytes, size_t count);

// ---- transfers (transfers.c)

// What one transfer of a request moves: indices into the accounts, and minor units.
typedef struct {
  uint32_t debit, credit;
  int32_t amount;
  char hold[UUID_TEXT];
} Item;

// Which transfers to make.
typedef enum { POSTS, TWO_PHASE } Kind;

// The accounts, and what their counters must have grown by, counting what was answered OK and nothing else.
typedef struct {
  char *ids;
  uint32_t count;
  int64_t *debits, *credits;
  uint64_t random;
} Accounts;
void accounts_read(Accounts *accounts, const char *path);
void accounts_write_growth(const Accounts *accounts, const char *path);

// Two different accounts and an amount, by the seed.
void item_choose(Item *item, Accounts *accounts);
// A UUIDv7 (RFC 9562) as text.
void uuid_write(char *text, uint64_t milliseconds, uint64_t *random);

// A request of a fixed number of transfers behind its gRPC prefix. With TWO_PHASE, holds and their captures alternate.
typedef struct {
  uint8_t *bytes;
  size_t count;
  Item *items;
  int transfers;
  bool captures;
} Request;
void request_fill(Request *request, Accounts *accounts, Kind kind);
// Books the results of a SubmitTransfersResponse; the number that is OK. Other outcomes are counted by number.
int request_book(const Request *request, Accounts *accounts, const Buffer *answer, uint64_t outcomes[32]);

// ---- connections (connection.c)

typedef struct Connection Connection;

// One call in flight, used again for the next.
typedef struct {
  Connection *connection;
  Request request;
  const char *path;
  const uint8_t *body;
  size_t body_count, body_sent;
  Buffer answer;
  double start;
  int http_status, grpc_status;
  char message[256];
} Call;

// What is sent as `authorization`; another version when it changed.
typedef struct {
  char text[4096];
  size_t count;
  int version;
} Token;

// What the server's dynamic table holds of a connection's headers.
typedef struct {
  const char *path;
  int token_version;
  Buffer block;
} Headers;
// Appends a HEADERS frame in place of one of nghttp2's. All fields are indexed, as the clients in Go and on Netty do; nghttp2
// never indexes a token, and would Huffman-code it anew for every call.
void headers_append(Headers *sent, Buffer *output, const uint8_t frame[9], const char *path, const Token *token);

struct Connection {
  SSL *ssl;
  int socket;
  nghttp2_session *session;
  Headers headers;
  Buffer output;
  size_t output_sent;
  bool wants_write;
  // Told when an answer is complete; may start another call.
  void (*done)(Call *call);
};

// A profile of `ndx` or the folder of a service (certificate.pem, key.pem, trust.pem); in the file `token` an access token.
SSL_CTX *credentials_load(const char *folder);
Connection *connection_open(SSL_CTX *context, const char *host, const char *port, void (*done)(Call *));
void connection_close(Connection *connection);
// Starts a call; its body must stay where it is until it is done.
void call_start(Call *call);
void connection_receive(Connection *connection);
void connection_send(Connection *connection);
// The token is read again when its file has changed. Services have none: they are known by certificate alone.
void token_refresh(const char *folder);
