#pragma once
// Daily closes and the one interface through which they come: a web vendor, or a directory of CSV
// files (market_dir.hpp). A provider asks once and answers with what it was told; it neither caches nor
// decides whether a close is final (closes.hpp does both), and it does not retry (kernel/retry.hpp does).

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"

namespace am::market {

/// What one record of a vendor or file says. The day and the price never come from different records.
struct Close {
  Date day;       ///< a New York session
  Decimal close;  ///< USD per share (index points for an index), as price.hpp says what can be one
  /// Of a source that adjusts its history: the day up to which all splits are in it. Nothing: as traded, its own day.
  std::optional<Date> basis{};
};

/// Closes of one symbol, ascending by day, without duplicates.
struct Series {
  std::vector<Close> closes;
  /// The earliest day that the provider can answer for in this call; nullopt: everything. A day before
  /// it is unknown, which is not the same as a day without a record.
  std::optional<Date> reaches_back_to;
  /// Records of this series whose price cannot be right (price.hpp), by day, with what
  /// they said. Such a day has no close, and whoever asks for it must not take it for a late one.
  std::map<Date, std::string> refused;

  /// The close of exactly that day; nullptr if there is none. Valid as long as the series.
  const Close* at(Date day) const& {
    const auto found = std::ranges::lower_bound(closes, day, {}, &Close::day);
    return found != closes.end() && found->day == day ? &*found : nullptr;
  }
  const Close* at(Date day) const&& = delete;
  const Decimal* find(Date day) const& {
    const Close* found = at(day);
    return found != nullptr ? &found->close : nullptr;
  }
  const Decimal* find(Date day) const&& = delete;
};

struct CorporateAction;  // corporate_actions.hpp

/// What is in a source's closes of the splits since.
enum class Adjustment {
  none,      ///< closes as traded
  at_fetch,  ///< each answer is adjusted for every split up to the moment of asking (Close::basis)
  whole      ///< one history, all of it on one basis
};

/// Of a vendor by its name; a csv: directory says it itself (CsvMarket).
Adjustment adjustment_of(std::string_view source);

class PriceProvider {
 public:
  PriceProvider() = default;
  PriceProvider(const PriceProvider&) = delete;
  PriceProvider& operator=(const PriceProvider&) = delete;
  virtual ~PriceProvider() = default;

  /// Identity under which closes are cached and remembered with a batch: "alpha-vantage", "stooq",
  /// "csv:/abs/dir".
  virtual const std::string& source() const = 0;

  /// True when asking costs nothing (a local file): such closes are not cached in the database.
  virtual bool local() const = 0;

  /// Closes of one symbol within range: one call to the vendor at most, besides retries.
  ///
  /// Shape:   a day without a record is simply absent; the series may be empty.
  /// Errors:  Error{data} for an unknown symbol or a record that cannot be right.
  virtual Series fetch(std::string_view symbol, DateRange range) = 0;

  virtual Adjustment adjustment() { return adjustment_of(source()); }
  /// What is kept beside the closes of a local source; nothing for a vendor, who is asked (splits).
  virtual std::vector<CorporateAction> known_actions();
  /// Whether it can be asked for the splits of a symbol.
  virtual bool tells_splits() const { return false; }
  /// All splits of a symbol, with this source's name: one call to the vendor.
  ///
  /// Errors:  as fetch; Error{bug} if it tells none.
  virtual std::vector<CorporateAction> splits(std::string_view symbol);

  /// Announces that so many calls follow, so that a shared budget grants them together or not at all.
  /// Errors:  Error{deferred} with not_before when the budget is spent.
  virtual void reserve(int /*calls*/) {}
  /// Gives back what was announced and not needed.
  virtual void release() {}
};

}  // namespace am::market
