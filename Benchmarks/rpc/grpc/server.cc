// server FOLDER THREADS async|callback|sync [mutual]: EchoService by gRPC C++, for comparison with ours. Takes the same
// certificates, prints its port, and ends when its standard input does.
#include "server.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "credentials.h"

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: server FOLDER THREADS async|callback|sync [mutual]\n");
    return 64;
  }
  const std::string folder = arguments[1], api = arguments[3];
  const int threads = std::atoi(arguments[2]);
  const bool isMutual = count > 4 && std::string(arguments[4]) == "mutual";

  grpc::SslServerCredentialsOptions options(
      isMutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
               : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_root_certs = pem(folder, "root.pem");
  options.pem_key_cert_pairs = {{pem(folder, "server.key"), pem(folder, "server.pem")}};

  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  auto serve = api == "async" ? serveAsync : api == "callback" ? serveCallback : serveSync;
  auto server = serve(builder, threads);
  if (port == 0) return 69;
  std::printf("%d\n", port);
  std::fflush(stdout);
  while (std::cin.get() != EOF) {
  }
}
