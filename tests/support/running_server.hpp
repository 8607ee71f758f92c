#pragma once
// The server itself, in process, with a handler made for tests.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "am/kernel/http_server.hpp"

namespace am::test {

/// What /big answers: 8 MB.
const std::string& big_body();

/// /later is answered after a moment from another thread, /big is 8 MB, /drop gives its responder up, /throw throws,
/// /echo with "TYPE AUTHORIZATION BODY", /never never (the responder is kept),
/// /wait holds its worker's thread until let_go(); anything else is answered with its target at once.
class RunningServer {
 public:
  /// refusal: the body of what the server refuses by itself; empty: its message.
  explicit RunningServer(kernel::HttpServerOptions options = {}, std::string refusal = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  int port() const { return port_; }
  kernel::HttpServer& server() { return *server_; }
  void ask_to_end();
  /// Returns when a worker is held.
  void wait_until_held();
  void let_go();
  /// Lets go, asks to end and waits for it.
  void end();
  /// The log, when nobody writes it any more.
  std::string lines();

 private:
  void handle(const kernel::ServerRequest& request, kernel::Responder responder);

  std::ostringstream out_;
  kernel::Log log_{out_, {}};
  kernel::Stop stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holds_ = true;  ///< whoever asks for /wait
  bool held_ = false;
  std::vector<std::thread> later_;
  std::vector<kernel::Responder> never_;
  std::shared_ptr<const std::string> big_ = std::make_shared<const std::string>(big_body());
  std::unique_ptr<kernel::HttpServer> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace am::test
