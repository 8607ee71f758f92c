#include "support/http_socket.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace am::test {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

sockaddr_in loopback(const std::string& address, int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, address.c_str(), &out.sin_addr);
  return out;
}

}  // namespace

HttpSocket::HttpSocket(int port, const std::string& source, int receive_buffer)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const sockaddr_in from = loopback(source, 0);
  const sockaddr_in to = loopback("127.0.0.1", port);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(fd_);
    throw std::runtime_error("no connection to 127.0.0.1:" + std::to_string(port) + ": " +
                             std::strerror(errno));
  }
}

HttpSocket::HttpSocket(const std::string& unix_path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, unix_path.c_str(), sizeof to.sun_path - 1);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(fd_);
    throw std::runtime_error("no connection to " + unix_path + ": " + std::strerror(errno));
  }
}

HttpSocket::~HttpSocket() { close(fd_); }

bool HttpSocket::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void HttpSocket::finish_sending() { shutdown(fd_, SHUT_WR); }

bool HttpSocket::read_more(std::chrono::steady_clock::time_point end) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  pollfd waiting{fd_, POLLIN, 0};
  if (closed_ || left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
  char bytes[16384];
  const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
  if (n <= 0) {
    closed_ = true;
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::optional<HttpAnswer> HttpSocket::answer(bool head, std::chrono::milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(until)) return std::nullopt;
  }
  HttpAnswer out;
  std::string lines = buffer_.substr(0, end + 2);
  out.version = lines.substr(0, 8);
  if (out.version != "HTTP/1.1" && out.version != "HTTP/1.0")
    throw std::runtime_error("not HTTP: " + lines.substr(0, 80));
  out.status = std::stoi(lines.substr(9, 3));
  for (std::size_t at = lines.find("\r\n") + 2; at < lines.size();) {
    const std::size_t line_end = lines.find("\r\n", at);
    const std::string line = lines.substr(at, line_end - at);
    const std::size_t colon = line.find(": ");
    const std::string name = lower(line.substr(0, colon));
    if (out.headers.contains(name)) throw std::runtime_error("header twice: " + name);
    out.headers[name] = line.substr(colon + 2);
    at = line_end + 2;
  }
  const std::size_t length =
      head || out.header("content-length").empty() ? 0 : std::stoul(out.header("content-length"));
  while (buffer_.size() < end + 4 + length) {
    if (!read_more(until)) return std::nullopt;
  }
  out.body = buffer_.substr(end + 4, length);
  buffer_.erase(0, end + 4 + length);
  return out;
}

bool HttpSocket::closed_within(std::chrono::milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (read_more(end)) buffer_.clear();
  return closed_;
}

std::optional<HttpAnswer> HttpSocket::get(const std::string& target, const std::string& headers,
                                          const std::string& method) {
  if (!send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"))
    return std::nullopt;
  return answer(method == "HEAD");
}

HttpAnswer http_get(int port, const std::string& target, const std::string& headers,
                    const std::string& method) {
  HttpSocket socket(port);
  return socket.get(target, headers, method).value_or(HttpAnswer{});
}

}  // namespace am::test
