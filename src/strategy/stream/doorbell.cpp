#include "doorbell.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "am/base/error.hpp"

namespace am::strategy {

Doorbell::Doorbell() : bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), both_(epoll_create1(EPOLL_CLOEXEC)) {
  if (bell_ < 0 || both_ < 0) {
    close(bell_);
    close(both_);
    throw Error(ErrorKind::unavailable, "no event descriptor: too many open files");
  }
  watch(bell_);
}

Doorbell::~Doorbell() {
  close(both_);
  close(bell_);
}

void Doorbell::watch(int socket) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket;
  epoll_ctl(both_, EPOLL_CTL_ADD, socket, &event);
}

void Doorbell::ring() noexcept {
  if (!asleep_.load(std::memory_order_seq_cst) || !asleep_.exchange(false)) return;
  const int kept = errno;
  const std::uint64_t one = 1;
  // It can only fail when it is readable already.
  [[maybe_unused]] const ssize_t written = write(bell_, &one, sizeof one);
  errno = kept;
}

void Doorbell::sleep(kernel::SteadyTime until) {
  constexpr std::chrono::milliseconds kLongest{60'000};
  const auto left =
      until == kernel::SteadyTime::max()
          ? kLongest
          : std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  epoll_event events[2];
  const int ready = epoll_wait(
      both_, events, 2, static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count()));
  for (int i = 0; i < ready; ++i)
    if (events[i].data.fd == bell_) hush();
}

void Doorbell::hush() {
  std::uint64_t rings = 0;
  // Nothing to be read is no problem.
  [[maybe_unused]] const ssize_t got = read(bell_, &rings, sizeof rings);
}

}  // namespace am::strategy
