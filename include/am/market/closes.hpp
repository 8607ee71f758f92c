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
#include "am/market/prices.hpp"

namespace am::market {

/// The moment from which the close of a session is final: 20:00 in New York, when the vendors' late
/// corrections are in.
Instant final_at(Date session);

struct ClosesOnDay {
  std::map<std::string, Decimal> closes;
  std::vector<std::string> missing;            ///< nothing published (yet), in the order asked
  std::map<std::string, std::string> refused;  ///< a record is there and cannot be right: "XOM …"
  std::map<std::string, Date> out_of_reach;    ///< the provider's answer begins only at that day
  std::vector<std::string> warnings;           ///< a close that moved by more than a quarter (a split?)

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
  void keep(const std::string& symbol, const Series& series);
  ClosesOnDay answer(Date session, const std::vector<std::string>& symbols, const SymbolSeries& series) const;

  kernel::Db& db_;
  kernel::Ledger& ledger_;
  kernel::Log& log_;
  const kernel::Clock& clock_;
  PriceProvider& provider_;
};

}  // namespace am::market
