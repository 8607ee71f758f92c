#pragma once
// What commands that live for a day's slot have in common: am strategy run, am strategy ingest. Private.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "am/cli/context.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/strategy/day_slot.hpp"

namespace am::cli {

/// --type: stock if it is not given. Errors: usage.
strategy::AssetType market_type(const std::optional<std::string>& text);
/// Errors:  usage, naming the flag.
std::optional<std::chrono::seconds> length_of(const std::optional<std::string>& text, const char* flag);
/// The earlier one of --until and --for. Errors: usage.
std::optional<Instant> end_of_run(const std::optional<std::string>& until,
                                  const std::optional<std::chrono::seconds>& length, Instant now);

/// Business time that goes on, also when --now says where it begins. Threads: any.
std::function<Instant()> running_clock(const Context& context);

Outcome skipped(const std::string& slot, const std::string& why);

/// The run of a slot, and what keeps it.
struct DayRun {
  kernel::Heartbeat heartbeat;
  kernel::Ledger ledger;
  kernel::Claim claim{};

  /// Errors:  busy: another process has the slot.
  DayRun(Context& context, std::string_view job, const strategy::DaySlot& slot);
};

}  // namespace am::cli
