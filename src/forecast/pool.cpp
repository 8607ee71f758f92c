#include "pool.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "forecast/models/arima.hpp"
#include "forecast/models/ets.hpp"
#include "forecast/models/intermittent.hpp"
#include "forecast/models/naive.hpp"
#include "forecast/models/regression.hpp"
#include "forecast/models/theta.hpp"

namespace am::forecast {

namespace {

constexpr PoolModel kPool[] = {
    {.name = "near", .space = Space::work, .fit = fit_regression_near},
    {.name = "near-plain", .space = Space::level, .fit = fit_regression_near, .with_logs_only = true},
    {.name = "wide", .space = Space::work, .fit = fit_regression_wide},
    {.name = "changes", .space = Space::work, .fit = fit_regression_changes},
    {.name = "seasonal-changes", .space = Space::work, .fit = fit_regression_seasonal},
    {.name = "stl-arima", .space = Space::work, .fit = fit_stl_arima, .own_deviations = true},
    {.name = "seasonal-naive", .space = Space::work, .fit = fit_seasonal_naive},
    {.name = "naive", .space = Space::work, .fit = fit_naive},
};

constexpr PoolModel kShortPool[] = {
    {.name = "ets", .space = Space::work, .fit = fit_ets, .own_deviations = true},
    {.name = "dotm", .space = Space::level, .fit = fit_dotm},
    {.name = "near", .space = Space::work, .fit = fit_regression_near},
    {.name = "seasonal-naive", .space = Space::work, .fit = fit_seasonal_naive},
    {.name = "naive", .space = Space::work, .fit = fit_naive},
};

constexpr PoolModel kIntermittentPool[] = {
    {.name = "tsb", .space = Space::level, .fit = fit_tsb},
    {.name = "sba", .space = Space::level, .fit = fit_sba},
    {.name = "near", .space = Space::level, .fit = fit_regression_near},
    {.name = "seasonal-naive", .space = Space::level, .fit = fit_seasonal_naive},
};

constexpr int kShort = 40;  // days before the oldest origin: below, regressions know too little

}  // namespace

Pool pool_for(const Prepared& series, int oldest) {
  if (series.intermittent) return {.kind = "intermittent", .models = kIntermittentPool};
  if (oldest < kShort) return {.kind = "short", .models = kShortPool};
  return {.kind = "pool", .models = kPool};
}

View view_of(const Prepared& series, std::span<const double> holiday_effects) {
  View view{.work = series.work, .level = series.level};
  if (holiday_effects.empty()) return view;
  for (std::size_t t = 0; t < view.work.size(); ++t) {
    if (holiday_effects[t] == 0) continue;
    view.work[t] -= holiday_effects[t];
    view.level[t] = series.logs ? std::exp(view.work[t]) : view.work[t];
  }
  return view;
}

double floor_of(const Prepared& series, const View& view) {
  if (!series.logs) return -std::numeric_limits<double>::infinity();
  double lowest = INFINITY, highest = -std::numeric_limits<double>::infinity();
  for (const double y : view.work) {
    if (std::isnan(y)) continue;
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  }
  return std::exp(std::max(lowest - (highest - lowest) / 2, -700.0));
}

std::vector<Path> ask(const PoolModel& model, const Fitted& fitted, const Prepared& series, const View& view,
                      std::span<const int> origins, int horizon) {
  const bool logs = series.logs && model.space == Space::work;
  const double floor = floor_of(series, view);
  std::vector<Path> paths =
      fitted.run(series.signal(model.space == Space::work ? view.work : view.level), origins, horizon);
  for (Path& path : paths) {
    for (double& y : path) {
      if (logs) y = std::exp(std::clamp(y, -700.0, 700.0));
      y = std::max(y, floor);
    }
  }
  return paths;
}

}  // namespace am::forecast
