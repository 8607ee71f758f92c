#include "doorbell.hpp"

#include <cerrno>
#include <chrono>
#include <ctime>

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

std::uint32_t number_of(Doorbell::Bed bed) { return static_cast<std::uint32_t>(bed); }

}  // namespace

Doorbell::Doorbell() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw Error(ErrorKind::unavailable, "no event descriptor: too many open files");
}

Doorbell::~Doorbell() { close(descriptor_); }

void Doorbell::ring() noexcept {
  if (bed_.load(std::memory_order_seq_cst) == number_of(Bed::none)) return;
  const int kept = errno;
  const std::uint32_t bed = bed_.exchange(number_of(Bed::none));
  if (bed == number_of(Bed::futex)) syscall(SYS_futex, &bed_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  if (bed == number_of(Bed::descriptor)) {
    const std::uint64_t one = 1;
    // It can only fail when it is readable already.
    [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
  }
  errno = kept;
}

void Doorbell::sleep(kernel::SteadyTime until) {
  const auto since = until.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  const timespec at{seconds.count(), (since - seconds).count()};
  const timespec* const end = until == kernel::SteadyTime::max() ? nullptr : &at;
  // Absolute, by the monotonic clock, which is the steady one's.
  syscall(SYS_futex, &bed_, FUTEX_WAIT_BITSET_PRIVATE, number_of(Bed::futex), end, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

void Doorbell::get_up_from_descriptor() {
  get_up();
  std::uint64_t rings = 0;
  // Nothing to be read is no problem. What is written only now ends the next sleep early.
  [[maybe_unused]] const ssize_t got = read(descriptor_, &rings, sizeof rings);
}

}  // namespace am::strategy
