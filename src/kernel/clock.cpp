#include "am/kernel/clock.hpp"

namespace am::kernel {

Instant SystemClock::host() const {
  if (host_) return host_();
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace am::kernel
