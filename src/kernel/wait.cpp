#include "wait.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>
#include <memory>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace am::kernel {

namespace {

using std::chrono::steady_clock;

/// Readable once it was set.
struct Event {
  Event() : descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor < 0)
      throw Error(ErrorKind::unavailable, "this process has too many open files", "raise ulimit -n");
  }
  ~Event() { close(descriptor); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void set() {
    happened = true;
    eventfd_write(descriptor, 1);
  }

  std::atomic<bool> happened{false};
  int descriptor;
};

}  // namespace

Wait::Wait(const Stop* stop, std::chrono::milliseconds longest) : Wait(stop, steady_clock::now() + longest) {}

SteadyTime Wait::end() const {
  return stop_ == nullptr ? deadline_ : std::min(deadline_, stop_->end_of_wait(began_));
}

Wait Wait::within(std::chrono::milliseconds longest) const {
  Wait part = *this;
  part.deadline_ = std::min(deadline_, steady_clock::now() + longest);
  return part;
}

int Wait::milliseconds_left() const {
  const SteadyTime at = end();
  if (at == SteadyTime::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - steady_clock::now()).count();
  return static_cast<int>(
      std::clamp<long long>(left, 0, static_cast<long long>(std::numeric_limits<int>::max())));
}

bool Wait::for_events(int descriptor, short events) const {
  for (;;) {
    const bool watching = stop_ != nullptr && !stop_->requested();
    pollfd polled[2] = {{descriptor, events, 0}, {watching ? stop_->descriptor() : -1, POLLIN, 0}};
    const int left = milliseconds_left();
    const int ready = poll(polled, 2, left);
    if (ready < 0 && errno != EINTR) return true;  // the next call on the descriptor says what is wrong
    if (ready > 0 && polled[0].revents != 0) return true;
    if (ready == 0 && is_over()) return false;
  }
}

void Wait::give_up(const Error& too_late) const {
  if (stop_ != nullptr) stop_->check();
  throw Error(too_late);
}

std::thread start_thread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error& error) {
    throw Error(
        ErrorKind::unavailable, std::string("this process can start no thread: ") + error.what(),
        "raise what limits this process: ulimit -u or -v, TasksMax= or MemoryMax= of its unit, the limits "
        "of its container");
  }
}

bool run_apart(std::function<void()> work, const Wait& wait) {
  const auto done = std::make_shared<Event>();
  start_thread([work = std::move(work), done] {
    work();
    done->set();
  }).detach();
  return wait.for_events(done->descriptor, POLLIN) && done->happened;
}

}  // namespace am::kernel
