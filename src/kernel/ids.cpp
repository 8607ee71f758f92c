#include "am/kernel/ids.hpp"

#include <chrono>
#include <random>

#include "am/base/uuid.hpp"

namespace am::kernel {

std::uint64_t random_bits() {
  thread_local std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

double random_unit() { return static_cast<double>(random_bits() >> 11U) * 0x1.0p-53; }

std::string new_id() {
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  return uuid_v7(now, random_bits(), random_bits());
}

}  // namespace am::kernel
