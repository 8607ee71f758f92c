#pragma once
// A small real HTTP/1.1 server on 127.0.0.1, for tests of the real transport and of limits between processes.
// It can also misbehave: stall, cut an answer short, send garbage. One thread a connection; connections are
// kept alive.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace am::test {

class LoopbackServer {
 public:
  struct Request {
    std::chrono::steady_clock::time_point at;  ///< when its last byte arrived
    int connection = 0;                        ///< number of the connection, from 0
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };
  struct Answer {
    enum class Mode {
      normal,
      cut,      ///< promises the whole body, sends half of it, closes
      garbage,  ///< sends `body` as it is, without any HTTP, closes
      hang_up,  ///< closes without an answer
    };
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    Mode mode = Mode::normal;
    std::chrono::milliseconds stall{0};  ///< before the first byte; ends early when the server stops
  };
  using Handler = std::function<Answer(const Request&)>;

  /// Listens on a free port. The handler is called from several threads.
  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Request> requests() const;

  /// A port of 127.0.0.1 on which nobody listens.
  static int closed_port();

 private:
  void accept_loop();
  void serve(int socket, int number);
  bool answer(int socket, const Answer& answer, bool head);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::vector<Request> requests_;
  std::vector<int> open_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace am::test
