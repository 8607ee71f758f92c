#pragma once
// The closes of one day of a batch, from its own source, with what is known of splits, renames and ends of listing: under
// which symbols to ask, what a move was, and the prices that follow. Private to the jobs.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "am/picks/jobs.hpp"
#include "day_prices.hpp"

namespace am::picks {

class DayCloses {
 public:
  /// Both outlive this.
  DayCloses(const Workbench& bench, const Batch& batch, Date day) : bench_(bench), batch_(batch), day_(day) {}

  /// What the source has, if nobody has to be asked for anything; first looks up what is known.
  std::optional<market::ClosesOnDay> known();
  /// Asks for what is not known, a move that might be a split too.
  ///
  /// Errors:  as market::Closes::on and explain; a symbol that the source does not know (any more) with the way out.
  market::ClosesOnDay ask();

  /// Of the closes that were known or asked for last.
  std::vector<DayPrice> prices(const market::ClosesOnDay& closes) const { return basis().prices(closes); }
  /// The source's history is adjusted for splits as a whole.
  bool adjusted() const { return adjusted_; }
  /// Keeps what a local source says beside what is made of it, for whoever looks at the batch without its files: its splits,
  /// and that moves of a history that is adjusted as a whole are real.
  void note_own(kernel::Sql& sql, const std::vector<market::Move>& moves) const;

 private:
  market::Closes& source() const { return bench_.closes(batch_.price_source); }
  DayBasis basis() const { return {batch_, day_, actions_, baseline_bases_}; }
  void look_up();
  market::ClosesOnDay on_day() const;

  const Workbench& bench_;
  const Batch& batch_;
  Date day_;
  bool adjusted_ = false;
  std::vector<market::CorporateAction> actions_;
  std::map<std::string, Date> baseline_bases_;
};

}  // namespace am::picks
