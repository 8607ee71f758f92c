#include "support/silent_relay.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/pg.hpp"

namespace am::test {

namespace {

constexpr int kTick = 20;  // milliseconds: how soon it sees that it is to be silent, or to end

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

/// "ReadyForQuery", as it ends every login.
bool ends_a_login(const std::string& from_server) {
  return from_server.size() >= 6 &&
         from_server.substr(from_server.size() - 6, 5) == std::string("Z\0\0\0\5", 5);
}

}  // namespace

SilentRelay::SilentRelay(When when) : when_(when), silent_(when == When::at_once) {
  const auto cluster = kernel::open_db({.url = cluster_url(), .application_name = "am test", .probe = {}});
  const std::string sockets = value_of(*cluster, "SHOW unix_socket_directories");
  server_ = sockets.substr(0, sockets.find(',')) + "/.s.PGSQL." + value_of(*cluster, "SHOW port");
  user_ = value_of(*cluster, "SELECT current_user");
  listen_and_serve();
}

SilentRelay::SilentRelay(When when, std::string socket)
    : when_(when), server_(std::move(socket)), silent_(when == When::at_once) {
  listen_and_serve();
}

void SilentRelay::listen_and_serve() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the relay can't listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

SilentRelay::~SilentRelay() {
  ending_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

std::string SilentRelay::url(const std::string& database) const {
  return "postgresql://" + user_ + "@127.0.0.1:" + std::to_string(port_) + "/" + database +
         "?sslmode=disable&gssencmode=disable";
}

bool SilentRelay::wait_for_a_victim() const {
  for (int tick = 0; tick < 60'000 / kTick; ++tick) {
    if (swallowed_ > 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(kTick));
  }
  return false;
}

void SilentRelay::accept_loop() {
  while (!ending_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, kTick) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void SilentRelay::serve(int client) {
  const int server = silent_ ? -1 : connect_to(server_);
  std::array<char, 65536> buffer{};
  while (!ending_) {
    pollfd ends[2] = {{client, POLLIN, 0}, {silent_ ? -1 : server, POLLIN, 0}};
    if (server < 0 && !silent_) break;
    if (poll(ends, 2, kTick) <= 0) continue;
    if (ends[0].revents != 0) {
      const ssize_t got = recv(client, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      if (silent_ || send(server, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) < 0)
        swallowed_ += got;
    }
    if (ends[1].revents != 0 && !silent_) {
      const ssize_t got = recv(server, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      const bool is_login = when_ == When::after_login &&
                            ends_a_login(std::string(buffer.data(), static_cast<std::size_t>(got)));
      if (is_login) silent_ = true;
      if (send(client, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) < 0) break;
    }
  }
  if (server >= 0) close(server);
  close(client);
}

}  // namespace am::test
