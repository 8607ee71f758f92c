#include "am/kernel/clock.hpp"

namespace am::kernel {

Instant Clock::wall() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Instant SystemClock::host() const { return host_ ? host_() : wall(); }

}  // namespace am::kernel
