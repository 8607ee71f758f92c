#pragma once
// A Redis of the tests' own: a private server on a free port of the loopback and a Unix socket, with nothing on disk but a
// directory that goes with it. It runs as whoever runs the tests, and ends with them.

#include <string>
#include <vector>

#include <sys/types.h>

namespace am::test {

class RedisServer {
 public:
  /// Programs that are installed here: "redis-server", and "valkey-server" where there is one.
  /// Errors:  std::runtime_error: none.
  static std::vector<std::string> programs();

  enum class Port { plain, tls };
  /// options: of its command line, as {"--requirepass", "secret"}.
  /// Errors:  std::runtime_error: it is not installed, or does not come up.
  explicit RedisServer(const std::string& program = programs().front(), std::vector<std::string> options = {},
                       Port port = Port::plain);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::string url() const;         ///< redis://127.0.0.1:PORT
  std::string socket_url() const;  ///< unix:///…
  std::string socket() const { return directory_ + "/redis.sock"; }
  int port() const { return port_; }

  /// As by SIGKILL, and later on the same port, empty.
  void kill();
  void start();
  /// It keeps its connections, and says nothing.
  void pause();
  void resume();

 private:
  const std::string program_;
  const std::vector<std::string> options_;
  std::string directory_;
  const pid_t owner_;
  const bool is_tls_;
  const int port_;
  pid_t pid_ = -1;
};

}  // namespace am::test
