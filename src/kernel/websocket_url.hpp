#pragma once
// The parts of a ws or wss URL. Pure.

#include <string>
#include <string_view>

namespace am::kernel {

struct WebSocketUrl {
  bool secure = true;
  std::string host;  ///< without brackets
  std::string port;
  std::string target;  ///< path and query

  std::string host_and_port() const {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
  }
};

/// Errors:  config: not an absolute ws or wss URL, or one with a user.
WebSocketUrl parse_websocket_url(std::string_view url);

}  // namespace am::kernel
