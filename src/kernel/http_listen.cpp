#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "am/kernel/http_server.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kLongestUnixPath = sizeof(sockaddr_un::sun_path) - 1;

Error bad_listen(std::string_view text, const std::string& problem) {
  return {ErrorKind::usage, "listen address " + std::string(text.substr(0, 200)) + ": " + problem,
          "expected PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH"};
}

}  // namespace

ListenAddress parse_listen(std::string_view text) {
  ListenAddress listen;
  if (text.starts_with("unix:")) {
    listen.unix_path = text.substr(5);
    if (listen.unix_path.empty()) throw bad_listen(text, "no path");
    if (listen.unix_path.size() > kLongestUnixPath) {
      throw bad_listen(text, "the path is too long (expected at most " + std::to_string(kLongestUnixPath) +
                                 " bytes, got " + std::to_string(listen.unix_path.size()) + ")");
    }
    return listen;
  }
  const std::size_t colon = text.rfind(':');
  std::string_view port = text;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    listen.host = host;
    in6_addr address{};
    const int family = bracketed ? AF_INET6 : AF_INET;
    if ((bracketed || !host.empty()) && inet_pton(family, listen.host.c_str(), &address) != 1)
      throw bad_listen(text, "not an IP address: " + listen.host.substr(0, 64));
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (error != std::errc() || end != port.data() + port.size())
    throw bad_listen(text, "not a port (expected 0 to 65535)");
  return listen;
}

void notify_manager(const std::string& notify_socket, std::string_view state) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (notify_socket.empty() || notify_socket.size() > kLongestUnixPath) return;
  std::memcpy(address.sun_path, notify_socket.data(), notify_socket.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_socket.size());
  (void)sendto(fd, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length);
  (void)close(fd);
}

}  // namespace am::kernel
