#pragma once
// One stored batch and the checks on it: pure, so that they need no database. Figures are kept as the text
// that is stored, since equality of text is what is checked.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/picks/verify.hpp"

namespace am::picks {

struct VerifyPick {
  std::string id, ticker, initial_price;
};
struct VerifyMetric {
  std::string pick_id, current_price, absolute_return_pct, vs_benchmark_pct;
};
struct VerifyDay {
  std::string id;
  Date date;
  std::string status;
  std::optional<std::string> benchmark_price, benchmark_return_pct;
  std::vector<VerifyMetric> metrics;
};
struct VerifyRun {
  std::string id, status;
};
struct VerifyBatch {
  std::string id;
  Date run_date;
  std::string benchmark_symbol, benchmark_initial_price, status;
  Instant created_at{};
  std::optional<std::string> origin;  ///< nothing: no ops.batch_origin row
  std::vector<VerifyPick> picks;      ///< by ticker
  std::vector<VerifyDay> days;        ///< by date, the initial one too
  /// By slot, of both jobs; nothing: they are not what is checked.
  std::optional<std::map<std::string, VerifyRun>> runs;
  /// (symbol, day) → close, as the cache has it for this batch's source
  std::map<std::pair<std::string, Date>, std::string> closes;
  std::string price_source{};
  std::vector<market::CorporateAction> actions{};  ///< that hold for it
  /// (symbol, day) → on which basis the close is, of a source that adjusts its answers
  std::map<std::pair<std::string, Date>, Date> bases{};
  /// By day, what the ledger says of the closes of a csv: directory, which keeps them itself. Nothing for a day: pruned.
  struct Recorded {
    bool adjusted = false;                     ///< the directory's history is, as a whole
    std::map<std::string, std::string> raw{};  ///< (ticker) → close, where the stored price is another
  };
  std::map<Date, Recorded> recorded{};

  bool adopted() const { return origin == "adopted"; }
};

/// What a price ought to be, as far as the raw close is known.
struct DerivedPrice {
  std::string text;
  std::string from;  ///< "close in market.daily_closes", "close in market.daily_closes × 10"
};
/// Of the baseline's day or of one after it: the raw close on the basis of the baseline, by the splits, renames and ends of
/// listing that are known. stored: what a csv: directory had when the ledger names no other close. Threads: pure.
std::optional<DerivedPrice> derived_price(const VerifyBatch& batch, const std::string& ticker, Date day,
                                          const std::string& stored);

/// The stored text of a number without what does not change its value: "-0.0500" → "-0.05".
std::string normal_form(std::string_view number);

void check_batch(const VerifyBatch& batch, std::optional<Instant> pruned_before, Verification& into);

}  // namespace am::picks
