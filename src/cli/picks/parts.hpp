#pragma once
// What the commands of the picks desk work with, made from flags and configuration. Private.

#include <memory>
#include <optional>
#include <string>

#include "am/cli/outcome.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/ports.hpp"
#include "cli/market_parts.hpp"

namespace am::cli {

/// What decides how a batch is made; what is not given follows from the configuration.
struct WeeklyChoice {
  std::optional<std::string> picker;
  std::optional<std::string> prices;
  std::optional<std::string> benchmark;
};

/// Lives as long as the command, and longer than what it gives.
class PicksParts {
 public:
  explicit PicksParts(Context& context) : market(context), context_(context) {}

  MarketParts market;

  /// Errors:  as Context::db; config: the database can't hold every text.
  picks::Workbench workbench();
  /// Errors:  usage, config: as the sources and the benchmark's symbol.
  picks::WeeklyOptions weekly_options(Date run_date, const WeeklyChoice& choice);
  /// Whoever picks, by the names that are chosen. Errors: usage, config.
  picks::Picker& picker(const std::string& name, const std::string& price_source);
  /// Of picks.universe; none: not set. Errors: as market::read_universe.
  std::optional<market::Universe> universe();
  /// Fetches closes of it with what the budget leaves, once nothing else waits for it; into the counts and warnings.
  void fetch_universe(picks::Workbench& bench, Outcome& outcome);
  /// Flag, else configuration, else what the csv: market names, else SPY.
  std::string benchmark(const std::optional<std::string>& flag, const std::string& price_source);

 private:
  Context& context_;
  std::unique_ptr<picks::Picker> picker_;
};

}  // namespace am::cli
