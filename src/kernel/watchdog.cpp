#include "watchdog.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace am::kernel {

namespace {

/// How often it looks whether the process was asked to end; short against the grace that a statement then gets.
constexpr std::chrono::milliseconds kLook{50};
/// How long a cancelled statement may take to end.
constexpr std::chrono::milliseconds kCancelPatience{150};

}  // namespace

Lifeline::Lifeline(PGconn* connection)
    : cancel_(PQgetCancel(connection), [](PGcancel* cancel) { PQfreeCancel(cancel); }),
      socket_(fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)) {}

Lifeline::~Lifeline() {
  if (socket_ >= 0) close(socket_);
}

void Lifeline::cancel() const {
  if (!cancel_) return;
  try {
    // It connects and reads without a deadline of its own.
    start_thread([cancel = cancel_] {
      std::array<char, 256> problem{};
      PQcancel(cancel.get(), problem.data(), static_cast<int>(problem.size()));
    }).detach();
  } catch (const Error&) {  // then the connection is cut a moment later
    return;
  }
}

void Lifeline::cut() const { shutdown(socket_, SHUT_RDWR); }

class Watchdog::Watcher {
 public:
  void watch() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      if (state_ == State::idle || state_ == State::cut) {
        asleep_ = true;
        changed_.wait(lock, [this] { return ending_ || state_ == State::watching; });
        asleep_ = false;
        continue;
      }
      const SteadyTime now = std::chrono::steady_clock::now();
      const SteadyTime end = state_ == State::watching ? wait_->end() : cut_at_;
      if (now >= end) {
        step_in(now);
      } else {
        // Statements come and go meanwhile: most are over before it looks at all.
        changed_.wait_until(lock, std::min(end, now + kLook), [this] { return ending_; });
      }
    }
  }

  void arm(const Lifeline& lifeline, const Wait& wait) {
    const std::lock_guard lock(mutex_);
    lifeline_ = &lifeline;
    wait_ = wait;
    state_ = State::watching;
    if (asleep_) changed_.notify_one();
  }

  bool disarm() {
    const std::lock_guard lock(mutex_);
    const bool stepped_in = state_ == State::cancelled || state_ == State::cut;
    state_ = State::idle;
    return stepped_in;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_one();
  }

 private:
  enum class State { idle, watching, cancelled, cut };

  void step_in(SteadyTime now) {
    if (state_ == State::watching) {
      lifeline_->cancel();
      cut_at_ = now + kCancelPatience;
      state_ = State::cancelled;
    } else {
      lifeline_->cut();
      state_ = State::cut;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool asleep_ = false;  ///< until somebody wakes it: nothing is watched
  State state_ = State::idle;
  const Lifeline* lifeline_ = nullptr;
  std::optional<Wait> wait_;
  SteadyTime cut_at_{};
};

Watchdog::~Watchdog() {
  if (watcher_) watcher_->end();
}

void Watchdog::arm(const Lifeline& lifeline, SteadyTime deadline) {
  if (!watcher_) {
    const auto watcher = std::make_shared<Watcher>();
    start_thread([watcher] { watcher->watch(); }).detach();
    watcher_ = watcher;
  }
  watcher_->arm(lifeline, Wait(stop_, deadline));
}

bool Watchdog::disarm() { return watcher_->disarm(); }

}  // namespace am::kernel
