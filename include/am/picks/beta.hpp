#pragma once
// How much a stock moves with its benchmark: the least squares slope of the 89 daily returns up to the baseline, drawn a
// third of the way to one. The window has a fixed length, so that a beta is the same whatever the cache grows to; it never
// holds later data; and its intercept is never used: picks are chosen on that window, so that it is no forecast.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/decimal.hpp"
#include "am/market/prices.hpp"

namespace am::picks {

/// Closes of one source, by canonical symbol.
using ClosesBySymbol = std::map<std::string, market::Series, std::less<>>;

inline constexpr int kBetaReturns = 89;
inline constexpr int kMinBetaReturns = 60;  ///< fewer: without history, as if beta were 1

struct Beta {
  Decimal value{1};                ///< (1 + 2 · slope) / 3, six decimals; 1 without history
  int returns = 0;                 ///< days with both returns
  std::optional<Decimal> slope{};  ///< none: without history
};

/// Betas at the baselines of a report's batches. Of a symbol all are computed when the first is asked for: one pass over
/// its closes, from one baseline to the next the window's sums are moved on.
///
/// Units:   returns as fractions, rounded to 30 decimals as their products are, so that sums that are moved are exact.
/// Owns:    nothing of the closes; they must outlive it.
/// Threads: one at a time.
class Betas {
 public:
  Betas(const ClosesBySymbol& closes, std::vector<Date> baselines);
  ~Betas();
  Betas(const Betas&) = delete;
  Betas& operator=(const Betas&) = delete;

  /// Any spelling of a symbol. Without history: unknown symbols, and days that are none of the baselines.
  const Beta& of(std::string_view symbol, std::string_view benchmark, Date baseline);

 private:
  class Window;
  const ClosesBySymbol& closes_;
  std::vector<Date> baselines_;                             ///< ascending
  std::map<std::string, std::unique_ptr<Window>> windows_;  ///< by benchmark
};

}  // namespace am::picks
