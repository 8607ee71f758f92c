#include "forecast/models/ets.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "forecast/models/intermittent.hpp"
#include "forecast/models/theta.hpp"
#include "r_datasets.hpp"

namespace am::forecast {
namespace {

Path forecast_of(const EtsModel& model, std::span<const double> y, int horizon) {
  EtsState state(model);
  for (const double day : y) state.step(day);
  return state.forecast(horizon);
}

// forecast 8.20: ets(Nile, "ANN"). Two parameters, both searches end within 1e-8 of the same likelihood: near the top α is
// free by the root of that.
TEST(Ets, SimpleSmoothingIsThatOfR) {
  const EtsModel model = fit_ets_kind(test::kNile, {});
  EXPECT_NEAR(model.alpha, 0.2455, 2e-3);
  EXPECT_NEAR(model.aicc, 1459.031, 2e-3);
  const double y_hat = forecast_of(model, test::kNile, 1)[0];
  EXPECT_NEAR(y_hat, 805.3813, 0.5);
  EXPECT_NEAR(1.959964 * ets_deviations(model, 1, y_hat)[0], (1088.0703 - 522.6922) / 2, 0.5);
}

// ets(WWWusage, "AAN", damped = TRUE) prints α 0.9999, β 0.9966, φ 0.815, l 90.3517, b -0.0173, AICc 718.6342. With these, to
// the digits printed, ours is the same model.
TEST(Ets, ADampedTrendWithTheParametersOfRIsThatOfR) {
  EtsModel model;
  model.kind = {.trend = true, .damped = true};
  model.alpha = 0.9999;
  model.beta = 0.9966;
  model.phi = 0.815;
  model.level = 90.3517;
  model.slope = -0.0173;
  EXPECT_NEAR(ets_aicc(model, test::kWWWusage), 718.634, 5e-3);
  const Path path = forecast_of(model, test::kWWWusage, 3);
  EXPECT_NEAR(path[0], 218.3663, 2e-3);
  EXPECT_NEAR(path[1], 217.0351, 4e-3);
  EXPECT_NEAR(path[2], 215.9501, 6e-3);
}

// R's Nelder–Mead stops short of the best first states; ours goes one AICc further, which moves φ in its third digit.
TEST(Ets, ADampedTrendIsAtLeastAsLikelyAsThatOfR) {
  const EtsModel model = fit_ets_kind(test::kWWWusage, {.trend = true, .damped = true});
  EXPECT_NEAR(model.phi, 0.815, 0.01);
  EXPECT_LT(model.aicc, 718.634 + 0.01);
  EXPECT_GT(model.aicc, 718.634 - 1.5);
  const Path path = forecast_of(model, test::kWWWusage, 3);
  EXPECT_NEAR(path[0], 218.3663, 0.1);
  EXPECT_NEAR(path[1], 217.0351, 0.15);
  EXPECT_NEAR(path[2], 215.9501, 0.2);
}

// ets(USAccDeaths) (ANA): α 0.5946, AICc 1148.716. Of its fourteen parameters twelve are first states, where R stops six AICc
// short: the forecasts then differ by up to a third of an error's deviation (290).
TEST(Ets, ASeasonIsAtLeastAsLikelyAsThatOfR) {
  const EtsModel model = fit_ets_kind(test::kUSAccDeaths, {.season = EtsKind::Season::sums, .length = 12});
  EXPECT_LT(model.aicc, 1148.716 + 0.01);
  EXPECT_GT(model.aicc, 1148.716 - 8);
  EXPECT_NEAR(model.alpha, 0.5946, 0.05);
  const Path path = forecast_of(model, test::kUSAccDeaths, 3);
  EXPECT_NEAR(path[0], 8397.4969, 97);
  EXPECT_NEAR(path[1], 7599.2206, 97);
  EXPECT_NEAR(path[2], 8396.5947, 97);
}

// ets(AirPassengers) chooses M,Ad,M and prints these parameters, σ 0.0392 and AICc 1400.638: to the digits printed, with
// factors of errors and season, ours is the same model.
TEST(Ets, FactorsWithTheParametersOfRAreThoseOfR) {
  EtsModel model;
  model.kind = {
      .season = EtsKind::Season::factors, .factor_errors = true, .trend = true, .damped = true, .length = 12};
  model.alpha = 0.7096;
  model.beta = 0.0204;
  model.gamma = 1e-4;
  model.phi = 0.98;
  model.level = 120.9939;
  model.slope = 1.7705;
  model.season = {0.9059, 0.8869, 1.011,  0.9804, 0.9786, 1.1105,
                  1.2318, 1.2203, 1.0592, 0.9217, 0.7993, 0.8944};
  EXPECT_NEAR(ets_aicc(model, test::kAirPassengers), 1400.638, 0.02);
}

// forecast 8.20: ets(AirPassengers, "MAM", damped = FALSE), its parameters in full: AICc 1403.66438, σ² 0.00158214814.
TEST(Ets, ASeasonOfFactorsOnATrendIsThatOfR) {
  EtsModel model;
  model.kind = {.season = EtsKind::Season::factors, .factor_errors = true, .trend = true, .length = 12};
  model.alpha = 0.394996850495;
  model.beta = 0.0107004419033;
  model.gamma = 0.3995392024006;
  model.level = 122.375426016476;
  model.slope = 1.107366582084;
  model.season = {0.902745301416, 0.952247884187, 1.080756909901, 1.033161642576,
                  0.978658898783, 1.083995121463, 1.183031401968, 1.153706799062,
                  1.047617769761, 0.901368043869, 0.782669107068, 0.900041119947};
  EXPECT_NEAR(ets_aicc(model, test::kAirPassengers), 1403.66438, 1e-5);
  const Path path = forecast_of(model, test::kAirPassengers, 3);
  EXPECT_NEAR(path[0], 448.973767, 1e-6);
  EXPECT_NEAR(path[1], 425.227817, 1e-6);
  EXPECT_NEAR(path[2], 484.213711, 1e-6);
  const EtsModel found = fit_ets_kind(test::kAirPassengers, model.kind);
  EXPECT_LT(found.aicc, 1403.66438 + 0.01);
}

// ets(USAccDeaths, "ANA"), its parameters in full: forecasts to the last digit printed.
TEST(Ets, ASeasonWithTheParametersOfRIsThatOfR) {
  EtsModel model;
  model.kind = {.season = EtsKind::Season::sums, .length = 12};
  model.alpha = 5.94589890836e-01;
  model.gamma = 2.02895995407e-03;
  model.level = 9.24836282413e+03;
  model.season = {0,
                  -1.53779172434e+03,
                  -7.39900427056e+02,
                  -4.89562713202e+02,
                  3.06421216534e+02,
                  7.56091981289e+02,
                  1.68323661061e+03,
                  9.70738744866e+02,
                  -1.21771020334e+02,
                  2.18290114669e+02,
                  -2.55352755428e+02,
                  -5.13448748277e+01};
  for (std::size_t i = 1; i < 12; ++i) model.season[0] -= model.season[i];  // they sum up to 0
  EXPECT_NEAR(ets_aicc(model, test::kUSAccDeaths), 1148.716, 1e-3);
  const Path path = forecast_of(model, test::kUSAccDeaths, 3);
  EXPECT_NEAR(path[0], 8397.4969, 1e-4);
  EXPECT_NEAR(path[1], 7599.2206, 1e-4);
  EXPECT_NEAR(path[2], 8396.5947, 1e-4);
}

// ets(lynx) chooses M,N,N: α 0.9999 (its bound), l 2372.8047119724, AICc 2058.35573; forecast 3395.92608. R starts the level
// at the mean of the first days and stays there: where α is 1 it is of one day alone, which ours finds.
TEST(Ets, FactorErrorsAloneAreThoseOfR) {
  EtsModel model;
  model.kind = {.factor_errors = true};
  model.alpha = 0.9998999853;
  model.level = 2372.8047119724;
  EXPECT_NEAR(ets_aicc(model, test::kLynx), 2058.35573, 1e-5);
  EXPECT_NEAR(forecast_of(model, test::kLynx, 1)[0], 3395.92608, 1e-5);
  const EtsModel found = fit_ets_kind(test::kLynx, model.kind);
  EXPECT_LT(found.aicc, 2058.35573);
  EXPECT_NEAR(found.alpha, 0.9999, 1e-4);
  EXPECT_NEAR(forecast_of(found, test::kLynx, 1)[0], 3395.92608, 0.1);
}

// forecast 8.20: thetaf(AirPassengers, 12). The smoothing's α stands at its upper bound, 1 − 1e-4.
TEST(Theta, IsThatOfR) {
  const Path path = theta_forecast(test::kAirPassengers, 12, 3);
  EXPECT_NEAR(path[0], 440.0782, 0.1);
  EXPECT_NEAR(path[1], 428.3843, 0.1);
  EXPECT_NEAR(path[2], 489.7071, 0.1);
}

TEST(Ets, AGapIsAsExpected) {
  std::vector<double> y(test::kNile.begin(), test::kNile.end());
  const double whole = forecast_of(fit_ets_kind(y, {}), y, 1)[0];
  y[50] = y[51] = std::nan("");
  EXPECT_NEAR(forecast_of(fit_ets_kind(y, {}), y, 1)[0], whole, 15);
}

// forecast 8.20: croston(y, h = 1, alpha), which SBA lowers by half of the smoothing. No start, no optimiser.
TEST(Intermittent, CrostonIsThatOfR) {
  const std::vector<double> y = {0, 0, 5, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0};
  EXPECT_NEAR(intermittent_means(y, 0.1).sba / (1 - 0.1 / 2), 1.265380971, 1e-9);
  EXPECT_NEAR(intermittent_means(y, 0.3).sba / (1 - 0.3 / 2), 0.8422971245, 1e-9);
}

TEST(Intermittent, MeansOfWhatComesNowAndThen) {
  std::vector<double> y;
  for (int t = 0; t < 500; ++t) y.push_back(t % 5 == 4 ? 10 : 0);
  const IntermittentMeans means = intermittent_means(y, 0.1);
  EXPECT_NEAR(means.sba, 0.95 * 10 / 5, 1e-9);
  EXPECT_GT(means.tsb, 2);  // something came on the last day
  EXPECT_LT(means.tsb, 3);
  y.insert(y.end(), 60, 0.0);
  EXPECT_LT(intermittent_means(y, 0.1).tsb, 0.01);  // what has died out fades
  EXPECT_EQ(intermittent_means(std::vector<double>(9, 0.0), 0.1).sba, 0);
}

}  // namespace
}  // namespace am::forecast
