#include "am/kernel/stop.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "wait.hpp"

namespace am::kernel {

namespace {

std::atomic<Stop*> target{nullptr};

extern "C" void on_signal(int signal) {
  const int kept = errno;
  if (Stop* stop = target.load(std::memory_order_relaxed)) stop->request(signal);
  errno = kept;
}

}  // namespace

Stop::Stop(Grace grace) : grace_(grace), descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Stop::~Stop() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Stop::install(Stop& stop) {
  target.store(&stop);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

void Stop::request(int signal) noexcept {
  std::chrono::steady_clock::rep never = 0;
  requested_at_.compare_exchange_strong(never, std::chrono::steady_clock::now().time_since_epoch().count());
  signal_.store(signal);
  const std::uint64_t one = 1;
  // It can only fail when it is readable already.
  [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
}

void Stop::check() const {
  const int signal = signal_.load();
  if (signal == 0) return;
  throw Error(signal == SIGINT ? ErrorKind::interrupted : ErrorKind::terminated,
              "asked to end: what was finished is stored",
              "run the same command again: it goes on where it stopped");
}

void Stop::sleep(std::chrono::milliseconds duration) const {
  check();
  const Wait wait(nullptr, std::chrono::steady_clock::now() + duration);
  wait.for_events(descriptor_, POLLIN);
  check();
}

SteadyTime Stop::end_of_wait(SteadyTime began) const noexcept {
  const auto ticks = requested_at_.load();
  if (ticks == 0) return SteadyTime::max();
  const SteadyTime at{SteadyTime::duration(ticks)};
  return at + (began < at ? grace_.under_way : grace_.afterwards);
}

}  // namespace am::kernel
