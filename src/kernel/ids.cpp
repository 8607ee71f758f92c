#include "am/kernel/ids.hpp"

#include <random>

#include "am/base/uuid.hpp"
#include "am/kernel/clock.hpp"

namespace am::kernel {

std::uint64_t random_bits() {
  thread_local std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

double random_unit() { return static_cast<double>(random_bits() >> 11U) * 0x1.0p-53; }

std::string new_id() { return uuid_v7(Clock::wall(), random_bits(), random_bits()); }

}  // namespace am::kernel
