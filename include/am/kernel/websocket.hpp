#pragma once
// A WebSocket client (RFC 6455) for text: ws:// and wss://, one thread, every wait with an end. Certificate and host name are
// checked, as in http_client.hpp; no proxy, no compression. Boost is named in src/kernel/websocket*.cpp only.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/stop.hpp"

namespace am::kernel {

struct WebSocketOptions {
  std::string url;  ///< "wss://stream.example.com/v2", "ws://127.0.0.1:8080/"
  std::vector<std::pair<std::string, std::string>> headers{};  ///< of the request that opens it
  std::string user_agent = "am";
  std::string ca_file{};                             ///< instead of the machine's certificates
  std::chrono::milliseconds connect_timeout{10000};  ///< name, connection, TLS and opening together
  std::chrono::milliseconds write_timeout{5000};
  /// Of a connection from which nothing is heard: a ping goes out after half of it. It counts while receive() waits.
  std::chrono::milliseconds idle_timeout{20000};
  std::size_t max_message = std::size_t{1} << 20U;  ///< bytes
};

/// "stream.example.com:443": all of a URL that a message may show. Errors: config: not a ws or wss URL.
std::string websocket_host(std::string_view url);

/// An open connection. After an error it is of no use any more.
/// Threads: one.
class WebSocket {
 public:
  /// Connects.
  /// Errors:  config (URL, ca_file); denied: the server answered 401 or 403; unavailable; interrupted or terminated: asked
  ///          to end meanwhile, within a second. Messages name host and port, never the path.
  WebSocket(const WebSocketOptions& options, const Stop& stop);
  /// Says that it goes, and waits a moment for the answer.
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// Errors:  unavailable: lost, or not taken within write_timeout; interrupted, terminated.
  void send(std::string_view text);
  /// The next message. Nothing: none within that time.
  /// Errors:  unavailable: closed, lost, nothing heard within idle_timeout; data: longer than max_message;
  ///          interrupted, terminated.
  std::optional<std::string> receive(std::chrono::milliseconds longest);

  struct Link;

 private:
  std::unique_ptr<Link> link_;
};

}  // namespace am::kernel
