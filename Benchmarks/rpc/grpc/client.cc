// client FOLDER PORT CONNECTIONS IN_FLIGHT CALLS BYTES: calls Echo by gRPC C++ over mutual TLS, with so many calls in
// flight on each connection, and prints one line of JSON, as client/EchoClient.swift does.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "credentials.h"
#include "echo.grpc.pb.h"

using Clock = std::chrono::steady_clock;
using google::protobuf::Any;
using ndx::benchmark::v1::EchoService;

namespace {

struct Call {
  EchoService::Stub* stub;
  Clock::time_point start;
  Any response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Any>> reader;

  void begin(const Any& request, grpc::CompletionQueue& queue) {
    start = Clock::now();
    context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader = stub->AsyncEcho(context.get(), request, &queue);
    reader->Finish(&response, &status, this);
  }
};

double processorSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](timeval time) { return time.tv_sec + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Makes `total` calls; microseconds that each took.
std::vector<double> run(std::vector<Call>& calls, size_t total, const Any& request, grpc::CompletionQueue& queue) {
  std::vector<double> latencies;
  latencies.reserve(total);
  size_t begun = 0;
  for (auto& call : calls) {
    if (begun++ < total) call.begin(request, queue);
  }
  begun = std::min(begun, total);
  void* tag;
  bool ok;
  while (latencies.size() < total && queue.Next(&tag, &ok)) {
    auto* call = static_cast<Call*>(tag);
    if (!call->status.ok() || call->response.value() != request.value()) {
      std::fprintf(stderr, "call failed: %s\n", call->status.error_message().c_str());
      std::exit(1);
    }
    latencies.push_back(std::chrono::duration<double, std::micro>(Clock::now() - call->start).count());
    if (begun < total) {
      begun++;
      call->begin(request, queue);
    }
  }
  return latencies;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) return 64;
  const std::string folder = arguments[1];
  const int connections = std::atoi(arguments[3]), inFlight = std::atoi(arguments[4]);
  const size_t total = std::atoll(arguments[5]);

  grpc::SslCredentialsOptions options{
      pem(folder, "root.pem"), pem(folder, "client.key"), pem(folder, "client.pem")};
  auto credentials = grpc::SslCredentials(options);
  std::vector<std::unique_ptr<EchoService::Stub>> stubs;
  for (int index = 0; index < connections; index++) {
    grpc::ChannelArguments channelArguments;
    channelArguments.SetInt("benchmark.connection", index);  // A pool of its own, hence a connection of its own.
    channelArguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(EchoService::NewStub(grpc::CreateCustomChannel(
        std::string("localhost:") + arguments[2], credentials, channelArguments)));
  }
  std::vector<Call> calls(connections * inFlight);
  for (size_t index = 0; index < calls.size(); index++) calls[index].stub = stubs[index % stubs.size()].get();

  Any request;
  request.set_value(std::string(std::atoi(arguments[6]), 'x'));
  grpc::CompletionQueue queue;
  run(calls, calls.size() * 10, request, queue);
  const double processor = processorSeconds();
  const auto start = Clock::now();
  auto latencies = run(calls, total, request, queue);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::sort(latencies.begin(), latencies.end());
  std::printf(
      "{\"calls\": %zu, \"seconds\": %f, \"processor_seconds\": %f, \"p50\": %f, \"p99\": %f}\n", total, seconds,
      processorSeconds() - processor, latencies[total / 2], latencies[total * 99 / 100]);
}
