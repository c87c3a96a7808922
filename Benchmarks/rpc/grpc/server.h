#pragma once
#include <grpcpp/grpcpp.h>

#include <memory>

#include "echo.grpc.pb.h"

using google::protobuf::Any;
using ndx::benchmark::v1::EchoService;

// A gRPC C++ server on one of the three APIs that the library offers. Destroying it stops it.
class EchoServer {
 public:
  virtual ~EchoServer() = default;
};

// Each adds its service to `builder`, which has a port already, and serves with so many threads.
std::unique_ptr<EchoServer> serveAsync(grpc::ServerBuilder& builder, int threads);
std::unique_ptr<EchoServer> serveCallback(grpc::ServerBuilder& builder, int threads);
std::unique_ptr<EchoServer> serveSync(grpc::ServerBuilder& builder, int threads);

// How many copies a request for Repeat asks for.
inline int copies(const Any& request) { return std::atoi(request.type_url().c_str()); }
