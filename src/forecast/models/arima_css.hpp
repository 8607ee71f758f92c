#pragma once
// The conditional sum of squares of a differenced series, its start and its least: what arima_fit chooses with.

#include <span>
#include <vector>

#include "arima_fit.hpp"

namespace am::forecast {

/// y differenced d times; NaN where a value is missing.
std::vector<double> differenced(std::span<const double> y, int d);

/// A fit: coefficients in the order ar, ma, mean.
struct CssFit {
  std::vector<double> ar, ma;
  double mean = 0;
  double squares = 0;  ///< of the innovations from kMostLags on
  int counted = 0;
  double aicc() const;
};

class ConditionalFit {
 public:
  /// w must outlive it.
  explicit ConditionalFit(std::span<const double> w);
  /// Gauss–Newton from the start of Hannan and Rissanen; `rounds` at most.
  CssFit fit(int p, int q, bool constant, int rounds);

 private:
  CssFit start(int p, int q, bool constant) const;
  double innovations(const CssFit& at);
  bool improve(CssFit& at, bool constant);

  std::span<const double> w_;
  double mean_ = 0;
  double deviation_ = 1;
  int known_ = 0;
  std::vector<double> sums_;  // of products of 1, lags and innovations' lags (Hannan and Rissanen)
  std::vector<double> centred_, innovations_, by_ar_, by_ma_, by_mean_;
};

}  // namespace am::forecast
