#pragma once
// A day's prices on the basis of the batch's baseline: what splits, renames and ends of listing since then make of the
// closes that a source has. Pure; the ledger's part is at the end. Private to the jobs.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/market/closes.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

/// What one of the batch's shares is worth on a day.
struct DayPrice {
  std::string ticker;  ///< as the batch has it
  std::string symbol;  ///< what the share is called on that day
  Decimal raw_close;   ///< as the source has it; of an ended listing the price that it ended with
  Decimal ratio{1};    ///< shares on the basis of raw_close for one on that of the baseline
  std::vector<market::CorporateAction>
      because{};  ///< ascending: what makes the price another than the ticker's close

  Decimal price() const { return raw_close * ratio; }
};

/// What is known about a batch's shares from its baseline to a day.
class DayBasis {
 public:
  /// baseline_bases: Closes::bases of the baseline's session. The batch outlives this.
  DayBasis(const Batch& batch, Date day, std::vector<market::CorporateAction> actions,
           std::map<std::string, Date> baseline_bases);

  /// What to ask the source for: each share once, the benchmark first, none whose listing ended.
  std::vector<std::string> symbols() const;
  /// Shape:   one price each, the benchmark first, then the picks in their order; a share without a close is left out.
  std::vector<DayPrice> prices(const market::ClosesOnDay& closes) const;

 private:
  DayPrice price_of(const std::string& ticker, const market::ClosesOnDay& closes, bool& known) const;

  const Batch& batch_;
  Date baseline_;
  Date day_;
  std::vector<market::CorporateAction> actions_;
  std::map<std::string, Date> baseline_bases_;
};

/// DayBasis::symbols with what is known of the batch's source now.
std::vector<std::string> symbols_on(const Workbench& bench, const Batch& batch, Date day);

/// By ticker, as compute_checkpoint takes them.
std::map<std::string, Decimal> by_ticker(const std::vector<DayPrice>& prices);

/// What is remembered of the prices that are not simply the ticker's close: a JSON array; "[]": all are.
std::string prices_json(const std::vector<DayPrice>& prices);

/// The events of a day that is stored: split_applied, rename_followed and listing_ended once for each batch and action,
/// unexplained_move once for each batch, symbol and day. In the caller's transaction, which holds the batch.
void record_actions(kernel::Sql& sql, const Batch& batch, const std::string& run_id, Date day,
                    const std::vector<DayPrice>& prices, const std::vector<market::Move>& unexplained);

}  // namespace am::picks
