#include "am/kernel/stop.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>

#include "am/base/error.hpp"

namespace am::kernel {

namespace {

std::atomic<Stop*> target{nullptr};

extern "C" void on_signal(int signal) {
  if (Stop* stop = target.load(std::memory_order_relaxed)) stop->request(signal);
}

}  // namespace

void Stop::install(Stop& stop) {
  target.store(&stop);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // a query or an answer that is under way is finished
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

void Stop::check() const {
  const int signal = signal_.load(std::memory_order_relaxed);
  if (signal == 0) return;
  throw Error(signal == SIGINT ? ErrorKind::interrupted : ErrorKind::terminated,
              "asked to end: what was finished is stored",
              "run the same command again: it goes on where it stopped");
}

void Stop::sleep(std::chrono::milliseconds duration) const {
  const auto end = std::chrono::steady_clock::now() + duration;
  for (;;) {
    check();
    const auto left =
        std::chrono::duration_cast<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    // Short naps: the signal may arrive just before the call, when nothing would wake it.
    const auto nap = std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds(100));
    const timespec ts{0, static_cast<long>(nap.count())};
    nanosleep(&ts, nullptr);
  }
}

}  // namespace am::kernel
