#include "socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "am/base/text.hpp"

namespace am::strategy {

namespace {

Error not_reached(const std::string& why) {
  return {ErrorKind::unavailable, to_lower(why), "start it, or set REDIS_URL"};
}

std::string text_of_errno(int number) {
  char text[128] = "";
  return strerror_r(number, text, sizeof text);
}

/// 0, or an errno.
int connect_until(int fd, const sockaddr* address, socklen_t size, kernel::SteadyTime until) {
  if (connect(fd, address, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;  // EAGAIN of a Unix socket: its queue is full
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ETIMEDOUT;
    pollfd waiting{fd, POLLOUT, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min<long long>(left.count(), 1000)));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int problem = 0;
    socklen_t length = sizeof problem;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length) == 0 ? problem : errno;
  }
}

/// Blocking, and of TCP: at once, and a peer that is gone is noticed though nothing is sent.
void settle(int fd, bool is_tcp) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  if (!is_tcp) return;
  const auto set = [fd](int level, int name, int value) {
    setsockopt(fd, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

/// The connected descriptor, or -1 with the errno in `problem`.
int open_and_connect(int family, const sockaddr* address, socklen_t size, kernel::SteadyTime until,
                     int& problem) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  problem = fd < 0 ? errno : connect_until(fd, address, size, until);
  if (problem == 0) {
    settle(fd, family != AF_UNIX);
    return fd;
  }
  if (fd >= 0) close(fd);
  return -1;
}

int connect_unix(const std::string& path, kernel::SteadyTime until) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  int problem = 0;
  const int fd =
      open_and_connect(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, until, problem);
  if (fd < 0) throw not_reached(text_of_errno(problem));
  return fd;
}

}  // namespace

int connect_socket(const RedisTarget& target, kernel::SteadyTime until) {
  if (!target.path.empty()) return connect_unix(target.path, until);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &wanted, &found);
  if (failed != 0) throw not_reached(std::string("no address of this host: ") + gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  int problem = ETIMEDOUT;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const int fd = open_and_connect(each->ai_family, each->ai_addr, each->ai_addrlen, until, problem);
    if (fd >= 0) return fd;
  }
  throw not_reached(text_of_errno(problem));
}

}  // namespace am::strategy
