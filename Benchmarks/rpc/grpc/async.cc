#include <optional>
#include <thread>
#include <vector>

#include "server.h"

namespace {

// Calls of each kind that wait to be made, per completion queue; the gRPC project's own benchmark keeps hundreds.
constexpr int kWaitingCalls = 512;

// What a completion queue hands back.
class Call {
 public:
  virtual ~Call() = default;
  virtual void proceed(bool ok) = 0;
};

class Unary final : public Call {
 public:
  Unary(EchoService::AsyncService* service, grpc::ServerCompletionQueue* queue)
      : service_(service), queue_(queue) {
    wait();
  }

  void proceed(bool ok) override {
    if (isAnswered_) {
      wait();
    } else if (ok) {
      isAnswered_ = true;
      call_->responder.Finish(call_->request, grpc::Status::OK, this);
    } else {
      delete this;
    }
  }

 private:
  struct State {
    grpc::ServerContext context;
    Any request;
    grpc::ServerAsyncResponseWriter<Any> responder{&context};
  };

  void wait() {
    isAnswered_ = false;
    call_.emplace();
    service_->RequestEcho(&call_->context, &call_->request, &call_->responder, queue_, queue_, this);
  }

  EchoService::AsyncService* service_;
  grpc::ServerCompletionQueue* queue_;
  std::optional<State> call_;
  bool isAnswered_ = false;
};

class Repeat final : public Call {
 public:
  Repeat(EchoService::AsyncService* service, grpc::ServerCompletionQueue* queue)
      : service_(service), queue_(queue) {
    service_->RequestRepeat(&context_, &request_, &writer_, queue_, queue_, this);
  }

  void proceed(bool ok) override {
    if (isFinished_ || (!ok && !isStarted_)) {
      delete this;
      return;
    }
    if (!isStarted_) {
      new Repeat(service_, queue_);
      isStarted_ = true;
      left_ = copies(request_);
    }
    if (ok && left_-- > 0) {
      writer_.Write(request_, this);
    } else {
      isFinished_ = true;
      writer_.Finish(ok ? grpc::Status::OK : grpc::Status::CANCELLED, this);
    }
  }

 private:
  EchoService::AsyncService* service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  Any request_;
  grpc::ServerAsyncWriter<Any> writer_{&context_};
  int left_ = 0;
  bool isStarted_ = false;
  bool isFinished_ = false;
};

class AsyncServer final : public EchoServer {
 public:
  AsyncServer(grpc::ServerBuilder& builder, int threads) {
    builder.RegisterService(&service_);
    for (int index = 0; index < threads; index++) queues_.push_back(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    for (auto& queue : queues_) {
      for (int index = 0; index < kWaitingCalls; index++) new Unary(&service_, queue.get());
      for (int index = 0; index < 16; index++) new Repeat(&service_, queue.get());
      threads_.emplace_back([queue = queue.get()] {
        void* tag;
        bool ok;
        while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->proceed(ok);
      });
    }
  }

  ~AsyncServer() override {
    server_->Shutdown(std::chrono::system_clock::now());
    for (auto& queue : queues_) queue->Shutdown();
    for (auto& thread : threads_) thread.join();
  }

 private:
  EchoService::AsyncService service_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<EchoServer> serveAsync(grpc::ServerBuilder& builder, int threads) {
  return std::make_unique<AsyncServer>(builder, threads);
}
