#pragma once
// Business time, passed in: what "today" is for the desks. `--now` replaces it. Leases, queue claims and
// rate windows never use it: they compare the database's clock_timestamp().

#include <optional>

#include "am/base/date.hpp"

namespace am::kernel {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// The machine's clock, or one fixed moment (`--now`, tests).
class SystemClock final : public Clock {
 public:
  explicit SystemClock(std::optional<Instant> fixed = {}) : fixed_(fixed) {}
  Instant now() const override;

 private:
  std::optional<Instant> fixed_;
};

}  // namespace am::kernel
