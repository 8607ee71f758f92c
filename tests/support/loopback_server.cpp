#include "support/loopback_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "am/base/text.hpp"

namespace am::test {

namespace {

std::runtime_error system_error(const char* what) {
  return std::runtime_error(std::string("loopback server: ") + what + ": " + std::strerror(errno));
}

/// A socket bound to a free port of 127.0.0.1, and that port.
std::pair<int, int> bind_free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw system_error("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, any, size) != 0 || getsockname(fd, any, &size) != 0) {
    close(fd);
    throw system_error("bind");
  }
  return {fd, ntohs(address.sin_port)};
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_more(int socket, std::string& buffer) {
  char chunk[8192];
  const ssize_t got = recv(socket, chunk, sizeof chunk, 0);
  if (got <= 0) return false;
  buffer.append(chunk, static_cast<std::size_t>(got));
  return true;
}

/// The next request of a connection; what follows it stays in the buffer.
std::optional<LoopbackServer::Request> read_request(int socket, std::string& buffer) {
  std::size_t head_end = 0;
  while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(socket, buffer)) return {};
    if (buffer.front() < 'A' || buffer.front() > 'Z') return {};  // no method: a TLS client
  }
  LoopbackServer::Request request;
  const auto lines = split(buffer.substr(0, head_end), '\n');
  const auto words = split(trim(lines.front()), ' ');
  if (words.size() != 3) return {};
  request.method = words[0];
  request.target = words[1];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (colon == std::string::npos) return {};
    request.headers[to_lower(std::string_view(lines[i]).substr(0, colon))] =
        trim(std::string_view(lines[i]).substr(colon + 1));
  }
  const auto length = request.headers.find("content-length");
  const std::size_t body = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (buffer.size() < head_end + 4 + body) {
    if (!receive_more(socket, buffer)) return {};
  }
  request.body = buffer.substr(head_end + 4, body);
  buffer.erase(0, head_end + 4 + body);
  request.at = std::chrono::steady_clock::now();
  return request;
}

}  // namespace

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  std::tie(listener_, port_) = bind_free_port();
  if (listen(listener_, 64) != 0) throw system_error("listen");
  acceptor_ = std::thread([this] { accept_loop(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  stopping_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (std::thread& connection : connections_) connection.join();
}

std::vector<LoopbackServer::Request> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

int LoopbackServer::closed_port() {
  const auto [fd, port] = bind_free_port();
  close(fd);
  return port;
}

void LoopbackServer::accept_loop() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stop_) {
      if (socket >= 0) close(socket);
      return;
    }
    if (socket < 0) continue;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_.push_back(socket);
    const int number = static_cast<int>(connections_.size());
    connections_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void LoopbackServer::serve(int socket, int number) {
  std::string buffer;
  while (auto request = read_request(socket, buffer)) {
    request->connection = number;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    if (!answer(socket, handler_(*request), request->method == "HEAD")) break;
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  close(socket);
}

bool LoopbackServer::answer(int socket, const Answer& answer, bool head) {
  if (answer.stall.count() > 0) {
    std::unique_lock lock(mutex_);
    if (stopping_.wait_for(lock, answer.stall, [this] { return stop_; })) return false;
  }
  if (answer.mode == Answer::Mode::hang_up) return false;
  if (answer.mode == Answer::Mode::garbage) {
    send_all(socket, answer.body);
    return false;
  }
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " Some Reason\r\n";
  for (const auto& [name, value] : answer.headers) out.append(name).append(": ").append(value).append("\r\n");
  out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
  const bool cut = answer.mode == Answer::Mode::cut;
  if (!head) out += answer.body.substr(0, cut ? answer.body.size() / 2 : std::string::npos);
  return send_all(socket, out) && !cut;
}

}  // namespace am::test
