#pragma once
// Final closes for the desks: from the cache in market.daily_closes, or from the provider, which is asked
// at most once per symbol and session, also by processes that run at the same time (a lease per source).
// A local provider (files) is its own store and is not cached.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "am/kernel/clock.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/market/prices.hpp"

namespace am::market {

/// The moment from which the close of a session is final: 20:00 in New York, when the vendors' late
/// corrections are in.
Instant final_at(Date session);

/// A close that is more than a quarter away from the one of the session before.
struct Move {
  std::string symbol;
  Date day, before_day;
  Decimal close, before;

  /// "KO: close 10.25 on 2026-10-07 after 102.4 on 2026-10-06 (a split?)"
  std::string text() const;
};

/// Of all that is stored, and of what a local source has beside its closes: what holds for its closes. None when its
/// history is adjusted as a whole.
std::vector<CorporateAction> actions_of_source(PriceProvider& provider, std::vector<CorporateAction> stored);

struct ClosesOnDay {
  std::map<std::string, Decimal> closes;
  /// On which basis a close is (corporate_actions.hpp), where that is not its own day.
  std::map<std::string, Date> bases;
  std::vector<std::string> missing;            ///< nothing published (yet), in the order asked
  std::map<std::string, std::string> refused;  ///< a record is there and cannot be right: "XOM …"
  std::map<std::string, Date> out_of_reach;    ///< the provider's answer begins only at that day
  std::vector<Move> moves;                     ///< of the closes, by more than a quarter
  std::vector<Move> unexplained;               ///< those that no known action explains

  bool complete() const { return missing.empty() && refused.empty() && out_of_reach.empty(); }
};

/// Threads: one at a time; up to 3 requests to the provider run at once inside.
class Closes {
 public:
  Closes(kernel::Db& db, kernel::Ledger& ledger, kernel::Log& log, const kernel::Clock& clock,
         PriceProvider& provider);

  const std::string& source() const { return provider_.source(); }
  bool local() const { return provider_.local(); }

  /// The answer, if no vendor has to be asked for it.
  std::optional<ClosesOnDay> known(Date session, const std::vector<std::string>& symbols);

  /// Shape:   symbols.front() is the benchmark: it is asked first, and when it has no close nothing else is asked
  ///          (the other symbols are then missing too).
  /// Errors:  what the provider and the limiter throw; what was fetched until then is kept in the cache. A budget that is
  ///          spent, and another process that is fetching from this source, are of_the_source.
  ClosesOnDay on(Date session, const std::vector<std::string>& symbols);

  /// The last day before the session of which a close is known, as far back as `on` asks; none: there is none. Asks no
  /// vendor, so it tells of what `on` has asked for.
  std::optional<Date> last_close(const std::string& symbol, Date before);

  /// The splits, renames and ends of listing that hold for this source's closes: what is stored, and what a local source
  /// has beside its closes. None when its history is adjusted as a whole.
  std::vector<CorporateAction> actions();
  /// On which basis its close of a day is, of each symbol: the day itself, unless the source adjusts its answers.
  std::map<std::string, Date> bases(Date day, const std::vector<std::string>& symbols);
  bool adjusted_as_a_whole() { return provider_.adjustment() == Adjustment::whole; }
  /// Whether somebody can be asked if one of the moves was a split, and was not asked yet.
  bool can_explain(const std::vector<Move>& moves);
  /// Asks for the splits of the symbols that moved, once for each symbol and day, and stores them. That the vendor can't be
  /// asked, has no answer or none that can be read is a warning in the log, and it is asked again when the day is.
  /// Errors:  busy, interrupted, terminated; of the database.
  void explain(const std::vector<Move>& moves);

  /// Asks the provider now for all sessions of the range that the cache lacks, one call per symbol, so that
  /// known() answers afterwards (backfill). Nothing to do for a local provider.
  void prefetch(const std::vector<std::string>& symbols, DateRange sessions);

  /// The newest close that the cache has of each symbol, as far back as `on` asks before `last`; one that has none is not in
  /// it. Nothing for a local provider.
  std::map<std::string, Date> newest(const std::vector<std::string>& symbols, Date last);
  /// Asks the provider for one symbol's closes up to `last`, as far back as `on` asks: one call.
  ///
  /// Shape:   why it has none, or none that can be right; nullopt: they are in the cache.
  /// Errors:  as `on`, but for data.
  std::optional<std::string> refresh(const std::string& symbol, Date last);

 private:
  using SymbolSeries = std::map<std::string, Series>;
  /// Runs `work` under the source's lease, so that no other process asks the same at the same time.
  void with_lease(const std::function<void()>& work);
  bool usable(Date session) const;
  SymbolSeries cached(const std::vector<std::string>& symbols, DateRange range);
  void ask(const std::vector<std::string>& symbols, DateRange range, SymbolSeries& into);
  /// Nothing: the vendor could not be asked.
  std::optional<std::vector<CorporateAction>> splits_of(const std::string& symbol);
  void keep(const std::string& symbol, const Series& series);
  ClosesOnDay answer(Date session, const std::vector<std::string>& symbols, const SymbolSeries& series);
  /// The moves that no known action explains. In a history that is adjusted as a whole every move is real.
  std::vector<Move> left_unexplained(std::vector<Move> moves, const SymbolSeries& series);

  kernel::Db& db_;
  kernel::Ledger& ledger_;
  kernel::Log& log_;
  const kernel::Clock& clock_;
  PriceProvider& provider_;
};

}  // namespace am::market
