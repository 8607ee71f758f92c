#include "am/kernel/retry.hpp"

#include <algorithm>

#include "am/kernel/ids.hpp"

namespace am::kernel {

namespace {

constexpr std::chrono::milliseconds kNap = std::chrono::seconds(1);

}  // namespace

std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int n, double uniform) {
  std::chrono::milliseconds ceiling = std::min(policy.base, policy.cap);
  for (int i = 0; i < n && ceiling < policy.cap; ++i) ceiling = std::min(ceiling * 2, policy.cap);
  return std::chrono::milliseconds(
      static_cast<long long>(uniform * static_cast<double>(ceiling.count() + 1)));
}

void retry(const RetryPolicy& policy, const Stop& stop, const std::function<Attempt(int n)>& attempt,
           const std::function<void()>& while_waiting) {
  const auto end = std::chrono::steady_clock::now() + policy.budget;
  for (int n = 0;; ++n) {
    stop.check();
    const Attempt result = attempt(n);
    if (!result.failed) return;
    if (!result.again || n + 1 >= policy.attempts) throw Error(*result.failed);
    const auto wait = result.wait.value_or(retry_delay(policy, n, random_unit()));
    if (std::chrono::steady_clock::now() + wait >= end) throw Error(*result.failed);
    for (auto left = wait; left.count() > 0; left -= std::min(left, kNap)) {
      if (while_waiting) while_waiting();
      stop.sleep(std::min(left, kNap));
    }
  }
}

}  // namespace am::kernel
