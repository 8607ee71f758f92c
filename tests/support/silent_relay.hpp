#pragma once
// A proxy before the tests' PostgreSQL, or any server with a Unix socket, that takes connections and then says nothing, as a broken load balancer, a
// firewall that forgot a connection or a stopped server does.

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace am::test {

class SilentRelay {
 public:
  enum class When {
    at_once,  ///< not even the login is answered
    after_login,  ///< the first connection logs in, then nothing of it goes through any more, and no other is answered
    on_demand,  ///< silence()
  };
  explicit SilentRelay(When when);
  /// Before the server that listens there; `after_login` is PostgreSQL's.
  SilentRelay(When when, std::string socket);
  ~SilentRelay();
  SilentRelay(const SilentRelay&) = delete;
  SilentRelay& operator=(const SilentRelay&) = delete;

  std::string url(const std::string& database) const;
  int port() const { return port_; }
  void silence() { silent_ = true; }
  /// Connections are served again; one that was made meanwhile is closed.
  void speak() { silent_ = false; }
  /// Bytes of clients that got no answer.
  long long swallowed() const { return swallowed_; }
  /// Waits, for a minute at most, until a client waits for an answer. False: none came.
  bool wait_for_a_victim() const;

 private:
  void listen_and_serve();
  void accept_loop();
  void serve(int client);

  const When when_;
  std::string server_;  ///< path of the cluster's socket
  std::string user_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> silent_{false};
  std::atomic<bool> ending_{false};
  std::atomic<long long> swallowed_{0};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace am::test
