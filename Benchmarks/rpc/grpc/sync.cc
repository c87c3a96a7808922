#include "server.h"

namespace {

class Service final : public EchoService::Service {
  grpc::Status Echo(grpc::ServerContext*, const Any* request, Any* response) override {
    *response = *request;
    return grpc::Status::OK;
  }

  grpc::Status Repeat(grpc::ServerContext*, const Any* request, grpc::ServerWriter<Any>* writer) override {
    for (int left = copies(*request); left > 0 && writer->Write(*request); left--) {
    }
    return grpc::Status::OK;
  }
};

class SyncServer final : public EchoServer {
 public:
  SyncServer(grpc::ServerBuilder& builder, int threads) {
    builder.RegisterService(&service_);
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, threads);
    server_ = builder.BuildAndStart();
  }
  ~SyncServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

 private:
  Service service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<EchoServer> serveSync(grpc::ServerBuilder& builder, int threads) {
  return std::make_unique<SyncServer>(builder, threads);
}
