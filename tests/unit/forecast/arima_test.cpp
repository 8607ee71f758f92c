#include "forecast/models/arima.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "forecast/models/arima_fit.hpp"
#include "r_datasets.hpp"

namespace am::forecast {
namespace {

std::vector<double> forecast_of(const ArimaModel& model, std::span<const double> y, int horizon) {
  ArimaFilter filter(model);
  for (const double day : y) filter.step(day);
  return filter.forecast(horizon);
}

// forecast 8.20: Arima(WWWusage, c(3, 1, 0)). Both maximise the same exact likelihood, R by BFGS to 1e-8 of it: near the top
// the coefficients are free by the root of that.
TEST(Arima, IsThatOfR) {
  const ArimaModel model = fit_arima_exactly(test::kWWWusage, {.p = 3, .d = 1, .q = 0});
  EXPECT_NEAR(model.ar[0], 1.1513, 3e-4);
  EXPECT_NEAR(model.ar[1], -0.6612, 3e-4);
  EXPECT_NEAR(model.ar[2], 0.3407, 3e-4);
  EXPECT_NEAR(arima_likelihood(model, test::kWWWusage).log_likelihood, -252.00, 0.006);
  const std::vector<double> path = forecast_of(model, test::kWWWusage, 3);
  EXPECT_NEAR(path[0], 219.6608, 0.01);
  EXPECT_NEAR(path[1], 219.2299, 0.02);
  EXPECT_NEAR(path[2], 218.2766, 0.03);
}

// forecast 8.20: Arima(N, c(0, 1, 1)), N = Nile without the values 21 to 40 and 61 to 80.
TEST(Arima, WithGapsIsThatOfR) {
  std::vector<double> y(test::kNile.begin(), test::kNile.end());
  for (std::size_t t = 20; t < 40; ++t) y[t] = y[t + 40] = std::nan("");
  const ArimaModel model = fit_arima_exactly(y, {.p = 0, .d = 1, .q = 1});
  EXPECT_NEAR(model.ma[0], -0.8226, 5e-4);
  EXPECT_NEAR(arima_likelihood(model, y).log_likelihood, -380.01, 0.006);
  EXPECT_NEAR(forecast_of(model, y, 1)[0], 829.4094, 0.1);
}

void expect_fit(std::span<const double> y, const ArimaOrder& order, std::vector<double> coefficients,
                double log_likelihood, double tolerance) {
  const ArimaModel model = fit_arima_exactly(y, order);
  std::vector<double> ours = model.ar;
  ours.insert(ours.end(), model.ma.begin(), model.ma.end());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], coefficients[i], tolerance);
  EXPECT_NEAR(arima_likelihood(model, y).log_likelihood, log_likelihood, 0.006);
  if (order.constant) {
    EXPECT_NEAR(model.constant, coefficients.back(), 5 * tolerance * std::sqrt(model.variance));
  }
}

// R 4.2.2: the examples of arima, and Arima(WWWusage, c(1, 1, 1)); coefficients, and last the mean. Printed to four digits,
// and free by the root of 1e-8 of the likelihood as above.
TEST(Arima, ExamplesOfRAreThoseOfR) {
  expect_fit(test::kLh, {.p = 1, .d = 0, .q = 0, .constant = true}, {0.5739, 2.4133}, -29.38, 5e-4);
  expect_fit(test::kLh, {.p = 3, .d = 0, .q = 0, .constant = true}, {0.6448, -0.0634, -0.2198, 2.3931},
             -27.09, 5e-4);
  expect_fit(test::kLh, {.p = 1, .d = 0, .q = 1, .constant = true}, {0.4522, 0.1982, 2.4101}, -28.76, 1e-3);
  expect_fit(test::kPresidents, {.p = 3, .d = 0, .q = 0, .constant = true},
             {0.7496, 0.2523, -0.1890, 56.2236}, -414.08, 5e-4);  // with gaps
  expect_fit(test::kWWWusage, {.p = 1, .d = 1, .q = 1}, {0.6504, 0.5256}, -254.15, 5e-4);
}

// forecast 8.20: Arima(log10(lynx), order); coefficients, the mean, the likelihood, three forecasts. As above, R stops within
// 1e-8 of the likelihood.
TEST(Arima, OfTheLynxIsThatOfR) {
  std::vector<double> y;
  for (const double value : test::kLynx) y.push_back(std::log10(value));
  expect_fit(y, {.p = 2, .d = 0, .q = 0, .constant = true}, {1.3776053734, -0.7398757676, 2.9038162149},
             6.504659527, 5e-4);
  expect_fit(y, {.p = 2, .d = 0, .q = 2, .constant = true},
             {1.4764854037, -0.8032637831, -0.1659635284, -0.1096693375, 2.9026979622}, 8.20860791, 3e-3);
  const ArimaModel model = fit_arima_exactly(y, {.p = 2, .d = 0, .q = 0, .constant = true});
  const std::vector<double> path = forecast_of(model, y, 3);
  EXPECT_NEAR(path[0], 3.382622366, 1e-3);
  EXPECT_NEAR(path[1], 3.099407969, 1e-3);
  EXPECT_NEAR(path[2], 2.819007398, 1e-3);
  // R's deviations have the degrees of freedom that are left: 114 days, 3 parameters.
  const Path deviations = arima_deviations(model, 3);
  const double left = std::sqrt(114.0 / 111);
  EXPECT_NEAR(deviations[0] * left, 0.2290210242, 1e-4);
  EXPECT_NEAR(deviations[1] * left, 0.3898605571, 2e-4);
  EXPECT_NEAR(deviations[2] * left, 0.4715040181, 3e-4);
}

// urca 1.3.3: ur.kpss(y, type = "mu", use.lag)@teststat; 2 lags are what forecast::ndiffs takes for each. Only rounding.
TEST(Arima, TheStatisticForALevelIsThatOfR) {
  EXPECT_NEAR(kpss_statistic(test::kNile, 2), 1.315226463, 1e-9);
  EXPECT_NEAR(kpss_statistic(test::kNile, 4), 0.9654349078, 1e-9);
  EXPECT_NEAR(kpss_statistic(test::kLynx, 2), 0.06946508209, 1e-10);
  EXPECT_NEAR(kpss_statistic(test::kWWWusage, 2), 0.7219743181, 1e-9);
  EXPECT_NEAR(kpss_statistic(test::kAirPassengers, 2), 4.342286797, 1e-9);
  EXPECT_EQ(differences_needed(test::kNile), 1);  // as ndiffs says
}

TEST(Arima, ByConditionalSquaresIsNear) {
  const ArimaModel model = fit_arima(test::kWWWusage, {.p = 3, .d = 1, .q = 0});
  EXPECT_NEAR(model.ar[0], 1.15, 0.05);
  EXPECT_NEAR(model.ar[1], -0.66, 0.08);
  EXPECT_NEAR(model.ar[2], 0.34, 0.05);
}

TEST(Arima, FindsWhatASeriesWasMadeWith) {
  std::vector<double> y{0, 0};
  std::uint64_t state = 1;
  for (int t = 2; t < 2000; ++t) {
    double shock = -6;  // of twelve uniforms
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      shock += static_cast<double>(state >> 11U) / 9007199254740992.0;
    }
    y.push_back(0.5 * y[y.size() - 1] + 0.3 * y[y.size() - 2] + shock);
  }
  const ArimaModel model = fit_arima(y, {.p = 2, .d = 0, .q = 0, .constant = true});
  EXPECT_NEAR(model.ar[0], 0.5, 0.05);
  EXPECT_NEAR(model.ar[1], 0.3, 0.05);
  EXPECT_NEAR(model.variance, 1, 0.1);
  // A settled filter and the deviations agree on what one step is worth.
  EXPECT_NEAR(arima_deviations(model, 1)[0], std::sqrt(model.variance), 1e-12);
}

TEST(Arima, DifferencesWhatWanders) {
  EXPECT_EQ(differences_needed(test::kWWWusage), 1);
  EXPECT_EQ(differences_needed(test::kLynx), 0);
  EXPECT_EQ(differences_needed(std::vector<double>(100, 5.0)), 0);
}

TEST(Arima, StationaryMeansRootsOutside) {
  EXPECT_TRUE(is_stationary(std::vector<double>{0.5, 0.3}));
  EXPECT_FALSE(is_stationary(std::vector<double>{0.5, 0.5}));
  EXPECT_FALSE(is_stationary(std::vector<double>{0.5, 0.49}, 1.01));
  EXPECT_TRUE(is_invertible(std::vector<double>{-0.9}));
  EXPECT_FALSE(is_invertible(std::vector<double>{1.1}));
}

}  // namespace
}  // namespace am::forecast
