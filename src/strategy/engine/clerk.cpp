#include "clerk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "am/base/error.hpp"

namespace am::strategy {

Clerk::Clerk(const kernel::DbOptions& db, kernel::Log& log, const kernel::Stop& stop,
             std::function<void()> wake)
    : Clerk(db, log, stop, std::move(wake), Options{}) {}

Clerk::Clerk(const kernel::DbOptions& db, kernel::Log& log, const kernel::Stop& stop,
             std::function<void()> wake, const Options& options)
    : log_(log), stop_(stop), wake_(std::move(wake)), options_(options), pool_(db, 1, options.most_waiting) {}

Clerk::~Clerk() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  changed_.notify_all();
}

bool Clerk::submit(std::string_view what, Work work, std::function<bool()> needed) {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  const bool taken =
      pool_.submit([this, what = std::string(what), work = std::move(work),
                    needed = std::move(needed)](kernel::Db& db) { serve(db, what, work, needed); });
  if (taken) return true;
  const std::lock_guard lock(mutex_);
  --under_way_;
  return false;
}

void Clerk::serve(kernel::Db& db, const std::string& what, const Work& work,
                  const std::function<bool()>& needed) {
  Reply reply;
  try {
    reply = attempt(db, what, work, needed);
  } catch (...) {
    reply = [error = std::current_exception()] { std::rethrow_exception(error); };
  }
  {
    const std::lock_guard lock(mutex_);
    if (reply) replies_.push_back(std::move(reply));
    --under_way_;
  }
  changed_.notify_all();
  wake_();
}

Clerk::Reply Clerk::attempt(kernel::Db& db, const std::string& what, const Work& work,
                            const std::function<bool()>& needed) {
  for (auto wait = options_.first_wait;; wait = std::min(wait * 2, options_.most_wait)) {
    try {
      return work(db);
    } catch (const Error& error) {
      // One whose COMMIT may have come through says that it can't be repeated: here it can.
      if (error.kind() != ErrorKind::unavailable) {
        if (stop_.requested()) return {};
        throw;
      }
      if (wait == options_.first_wait)
        log_.warn(what + ": the database is away, it is tried again", {{"error", error.message()}});
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return ending_; });
    if (ending_ || stop_.requested() || (needed && !needed())) return {};
  }
}

void Clerk::run_replies() {
  std::vector<Reply> replies;
  {
    const std::lock_guard lock(mutex_);
    replies.swap(replies_);
  }
  for (const Reply& reply : replies) reply();
}

std::size_t Clerk::waiting() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

bool Clerk::settle(SteadyTime until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [this] { return under_way_ == 0; });
}

}  // namespace am::strategy
