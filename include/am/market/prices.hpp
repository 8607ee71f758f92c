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
  const Decimal* find(Date day) const& {
    const auto at = std::ranges::lower_bound(closes, day, {}, &Close::day);
    return at != closes.end() && at->day == day ? &at->close : nullptr;
  }
  const Decimal* find(Date day) const&& = delete;
};

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

  /// Announces that so many calls follow, so that a shared budget grants them together or not at all.
  /// Errors:  Error{deferred} with not_before when the budget is spent.
  virtual void reserve(int /*calls*/) {}
  /// Gives back what was announced and not needed.
  virtual void release() {}
};

}  // namespace am::market
