#pragma once
// New ids: UUIDv7 from the machine's clock and random source.

#include <cstdint>
#include <string>

namespace am::kernel {

std::string new_id();
/// 64 random bits (jitter, request ids); not for secrets.
std::uint64_t random_bits();
/// Uniform in [0, 1); for jitter.
double random_unit();

}  // namespace am::kernel
