#include "day_run.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"

namespace am::cli {

namespace {

kernel::DbOptions beat_options(Context& context) {
  kernel::DbOptions own = context.db_options();
  own.application_name = "am heartbeat";
  own.probe = nullptr;  // it counts what the command itself does
  return own;
}

}  // namespace

strategy::AssetType market_type(const std::optional<std::string>& text) {
  const auto type = strategy::asset_type_of(text.value_or("stock"));
  if (!type) throw Error(ErrorKind::usage, "--type " + shown(*text) + ": unknown (expected stock or crypto)");
  return *type;
}

std::optional<std::chrono::seconds> length_of(const std::optional<std::string>& text, const char* flag) {
  if (!text) return std::nullopt;
  const auto length = parse_duration(*text);
  if (!length)
    throw Error(ErrorKind::usage,
                std::string(flag) + " " + shown(*text) + ": no length of time (expected as 90s, 15min, 4h)");
  return length;
}

std::optional<Instant> end_of_run(const std::optional<std::string>& until,
                                  const std::optional<std::chrono::seconds>& length, Instant now) {
  std::optional<Instant> end;
  if (until) {
    end = parse_rfc3339(*until);
    if (!end)
      throw Error(ErrorKind::usage,
                  "--until " + shown(*until) + ": no moment (expected as 2026-01-26T16:00:00-05:00)");
  }
  if (length) end = std::min(end.value_or(Instant::max()), now + *length);
  return end;
}

std::function<Instant()> running_clock(const Context& context) {
  if (!context.clock.is_replaced()) return [&clock = context.clock] { return clock.now(); };
  return [from = context.clock.now(), since = std::chrono::steady_clock::now()] {
    return from +
           std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - since);
  };
}

Outcome skipped(const std::string& slot, const std::string& why) {
  Outcome outcome;
  outcome.kind = OutcomeKind::skipped;
  outcome.slot = slot;
  outcome.table = "skipped: " + why + "\n";
  outcome.data = nlohmann::ordered_json{{"reason", why}}.dump();
  return outcome;
}

DayRun::DayRun(Context& context, std::string_view job, const strategy::DaySlot& slot)
    : heartbeat(beat_options(context), context.log),
      ledger(context.job_db(), context.log, context.stop,
             {.lease = std::chrono::seconds(context.config.integer("ledger.lease_s")),
              .fail_when_busy = true,
              .business_now = context.options.now,
              .heartbeat = &heartbeat}) {
  claim = ledger.claim(std::string(job), slot.to_string(), "{}");
}

}  // namespace am::cli
