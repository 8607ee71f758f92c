#include "am/kernel/clock.hpp"

namespace am::kernel {

Instant SystemClock::now() const {
  if (fixed_) return *fixed_;
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace am::kernel
