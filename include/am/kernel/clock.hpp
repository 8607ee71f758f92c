#pragma once
// Business time, passed in: what "today" is for the desks. `--now` replaces it. Leases, queue claims and
// rate windows never use it: they compare the database's clock_timestamp(). Whether this host's clock can be
// believed is for clock_guard.hpp to say.

#include <functional>
#include <optional>

#include "am/base/date.hpp"

namespace am::kernel {

class Clock {
 public:
  virtual ~Clock() = default;
  /// The machine's clock, whatever any Clock says: for what is named or logged by when it happened.
  static Instant wall();
  /// Business time.
  virtual Instant now() const = 0;
  /// This host's own clock, whatever replaces business time.
  virtual Instant host() const = 0;
  /// Business time is another one than the host's.
  virtual bool is_replaced() const = 0;
};

/// The machine's clock, or one fixed moment (`--now`).
class SystemClock final : public Clock {
 public:
  /// host: instead of the machine's clock, for tests.
  explicit SystemClock(std::optional<Instant> fixed = {}, std::function<Instant()> host = {})
      : fixed_(fixed), host_(std::move(host)) {}
  Instant now() const override { return fixed_ ? *fixed_ : host(); }
  Instant host() const override;
  bool is_replaced() const override { return fixed_.has_value(); }

 private:
  std::optional<Instant> fixed_;
  std::function<Instant()> host_;
};

}  // namespace am::kernel
