#include "server.h"

namespace {

class Repeater final : public grpc::ServerWriteReactor<Any> {
 public:
  explicit Repeater(const Any* request) : request_(request), left_(copies(*request)) { next(); }
  void OnWriteDone(bool ok) override { ok ? next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void next() { left_-- > 0 ? StartWrite(request_) : Finish(grpc::Status::OK); }

  const Any* request_;
  int left_;
};

class Service final : public EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(
      grpc::CallbackServerContext* context, const Any* request, Any* response) override {
    *response = *request;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<Any>* Repeat(grpc::CallbackServerContext*, const Any* request) override {
    return new Repeater(request);
  }
};

class CallbackServer final : public EchoServer {
 public:
  explicit CallbackServer(grpc::ServerBuilder& builder) {
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~CallbackServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

 private:
  Service service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

// The library chooses the number of threads by itself.
std::unique_ptr<EchoServer> serveCallback(grpc::ServerBuilder& builder, int) {
  return std::make_unique<CallbackServer>(builder);
}
