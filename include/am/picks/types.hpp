#pragma once
// The rows of the picks desk: plain values, as stored. Arithmetic and decisions are in rules.hpp.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"

namespace am::picks {

constexpr int kPicksPerBatch = 3;
constexpr int kDays = 14;  ///< daily checkpoints of a batch, one per calendar day

enum class Action { buy, sell };
constexpr std::string_view action_name(Action action) { return action == Action::buy ? "BUY" : "SELL"; }

/// What a picker says.
struct Pick {
  std::string ticker;
  Action action = Action::buy;
  std::string reasoning;
};

struct StoredPick {
  std::string id;
  Pick pick;
  Decimal initial_price;  ///< close of the baseline session, USD
};

struct Batch {
  std::string id;
  Date run_date;  ///< a Monday
  std::string benchmark_symbol;
  Decimal benchmark_initial_price;
  std::string status;             ///< active, completed, failed
  std::string picker;             ///< "openai", "momentum", "file"
  std::string model;              ///< that was asked for; empty: none
  std::string served_model;       ///< that answered, in its vendor's words; empty: none, or not known
  std::string template_hash;      ///< SHA-256 of the prompt's template; empty: none, or not known
  std::string price_source;       ///< the only source of this batch's prices
  std::string origin;             ///< live, backfill, adopted, imported
  std::vector<StoredPick> picks;  ///< by ticker
  /// Which stored initial price cannot be right (table, key, value, why); empty: all can. What is no finite number is 0
  /// above.
  std::string baseline_problem{};
  std::optional<Instant> imported_at{};  ///< when picks that were made elsewhere came in
};

/// One pick measured on one day.
struct Metric {
  std::string pick_id;
  Decimal current_price;        ///< USD
  Decimal absolute_return_pct;  ///< percent, follows the price, also for SELL
  Decimal vs_benchmark_pct;     ///< percent
};

/// A computed day, or (without prices) a skipped one.
struct Checkpoint {
  Date date;
  bool computed = false;
  std::optional<Decimal> benchmark_price;
  std::optional<Decimal> benchmark_return_pct;
  std::vector<Metric> metrics;  ///< in the picks' order; empty when skipped
  bool unreadable = false;      ///< stored as computed, but a figure of it is none: then it is not `computed`
};

}  // namespace am::picks
