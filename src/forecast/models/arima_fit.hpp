#pragma once
// The parameters of an ARIMA model, and which one. A start by Hannan and Rissanen: the innovations of a long autoregression
// stand in for those of the model, and least squares tells the rest, all orders from one table of sums. From there
// Gauss–Newton on the conditional sum of squares; where there are few days or gaps the exact likelihood has the last word.
// Source: Hannan and Rissanen 1982; orders stepwise by AICc as Hyndman and Khandakar 2008; d by KPSS (1992).

#include <span>
#include <vector>

#include "arima_filter.hpp"

namespace am::forecast {

struct ArimaOrder {
  int p = 0;
  int d = 0;
  int q = 0;
  bool constant = false;
  friend bool operator==(const ArimaOrder&, const ArimaOrder&) = default;
};

/// How often to difference until the level does not wander at 5 %; 2 at most.
int differences_needed(std::span<const double> y);
/// The statistic of Kwiatkowski, Phillips, Schmidt and Shin around a level; `lags` of the long-run variance.
double kpss_statistic(std::span<const double> y, int lags);

/// By conditional least squares: stationary, invertible. NaN in y is missing.
ArimaModel fit_arima(std::span<const double> y, const ArimaOrder& order);
/// The same by the exact likelihood.
ArimaModel fit_arima_exactly(std::span<const double> y, const ArimaOrder& order);
/// The order of the least AICc, from (2,d,2), (0,d,0), (1,d,0) and (0,d,1) on, by single steps.
ArimaOrder choose_arima(std::span<const double> y);

}  // namespace am::forecast
