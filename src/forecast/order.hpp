#pragma once
// Order statistics of a handful of numbers.

#include <span>
#include <vector>

namespace am::forecast {

/// The middle one, or the mean of the two middle ones; 0 of none.
double median(std::vector<double> values);
/// The value that a share of them does not exceed, between neighbours linearly (R's type 7); 0 of none.
double quantile(std::vector<double> values, double share);
/// The half-width that holds with this probability for one more draw: of n magnitudes the one of rank share * (n + 1),
/// between neighbours linearly, the greatest at most; 0 of none.
double conformal(std::vector<double> magnitudes, double share);
/// Where the weights of the smaller values reach half: between neighbours linearly.
double weighted_median(std::span<const double> values, std::span<const double> weights);

}  // namespace am::forecast
