#include "support/running_server.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>

namespace am::test {

namespace {

kernel::ServerReply text(int status, std::string body) {
  return {status,
          std::make_shared<const std::string>("Content-Type: text/plain\r\n"),
          {},
          std::make_shared<const std::string>(std::move(body)),
          "test"};
}

}  // namespace

const std::string& big_body() {
  static const std::string kBig(8 << 20, 'x');
  return kBig;
}

RunningServer::RunningServer(kernel::HttpServerOptions options, std::string refusal) {
  options.listen.host = "127.0.0.1";
  if (options.workers == 0) options.workers = 2;
  server_ = std::make_unique<kernel::HttpServer>(
      options,
      [this](const kernel::ServerRequest& request, kernel::Responder responder) {
        handle(request, std::move(responder));
      },
      [refusal = std::move(refusal)](int status, std::string_view message) {
        return text(status, refusal.empty() ? std::string(message) : refusal);
      },
      log_);
  port_ = std::stoi(server_->address().substr(server_->address().rfind(':') + 1));
  thread_ = std::thread([this] { server_->run(stop_); });
}

RunningServer::~RunningServer() { end(); }

void RunningServer::ask_to_end() { stop_.request(SIGTERM); }

void RunningServer::wait_until_held() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return held_; });
}

void RunningServer::let_go() {
  const std::lock_guard lock(mutex_);
  holds_ = false;
  changed_.notify_all();
}

void RunningServer::end() {
  ask_to_end();
  let_go();
  if (thread_.joinable()) thread_.join();
  for (std::thread& each : later_) each.join();
  later_.clear();
  never_.clear();
}

std::string RunningServer::lines() {
  end();
  server_.reset();
  return out_.str();
}

void RunningServer::handle(const kernel::ServerRequest& request, kernel::Responder responder) {
  if (request.target == "/later") {
    const std::lock_guard lock(mutex_);
    later_.emplace_back([responder = std::move(responder)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      responder.send(text(200, "later"));
    });
    return;
  }
  if (request.target == "/never") {
    const std::lock_guard lock(mutex_);
    never_.push_back(std::move(responder));
    return;
  }
  if (request.target == "/echo") {
    std::string said(request.content_type);
    said.append(" ").append(request.authorization).append(" ").append(request.body);
    return responder.send(text(200, std::move(said)));
  }
  if (request.target == "/throw") throw std::runtime_error("thrown");
  if (request.target == "/drop") return;
  if (request.target == "/big") return responder.send({200, nullptr, {}, big_, "big"});
  if (request.target == "/wait") {
    std::unique_lock lock(mutex_);
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holds_; });
  }
  responder.send(text(200, std::string(request.target)));
}

}  // namespace am::test
