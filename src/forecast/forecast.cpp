#include "am/forecast/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "combine.hpp"
#include "holidays.hpp"
#include "intervals.hpp"
#include "origins.hpp"
#include "pool.hpp"
#include "totals.hpp"

namespace am::forecast {

namespace {

constexpr int kFewOrigins = 5;  // below, what the models say of themselves is heard too

/// What the members said from past origins, and how far off they were.
struct Trial {
  const PoolModel* model = nullptr;
  std::vector<Path> past;
  double error = std::nan("");
  std::unique_ptr<Fitted> fitted;  // on all that is known
  Path path;                       // from its end on
};

double mean_error(const std::vector<Path>& paths, const View& view, std::span<const int> origins) {
  double sum = 0;
  int count = 0;
  for (std::size_t o = 0; o < paths.size(); ++o) {
    for (std::size_t step = 0; step < paths[o].size(); ++step) {
      const double off = paths[o][step] - view.level[static_cast<std::size_t>(origins[o]) + step];
      if (std::isnan(off)) continue;
      sum += std::abs(off);
      ++count;
    }
  }
  return count == 0 ? std::nan("") : sum / count;
}

/// Off by so much: in logs where those were taken.
double error_of(double truth, double y_hat, bool logs) {
  return logs ? std::log(truth) - std::log(y_hat) : truth - y_hat;
}

std::string version_of(const Prepared& series, std::string_view kind, std::size_t origins) {
  std::string text = std::string(kind) + "/1";
  if (series.logs) text += " logs";
  for (std::size_t i = 0; i < series.seasons.size(); ++i) {
    text += (i == 0 ? " s" : "+") + std::to_string(series.seasons[i]);
  }
  if (origins > 0) text += " o" + std::to_string(origins);
  return text;
}

/// Back to the series' own magnitude, and finite.
double unscaled(double y, int scale) {
  constexpr double kMost = std::numeric_limits<double>::max();
  if (std::isnan(y)) return 0;
  return std::clamp(std::scalbn(y, scale), -kMost, kMost);
}

Bounds bounds_of(double y_hat, double width95, double width80, const Prepared& series) {
  const auto off = [&](double by) {
    return series.logs ? y_hat * std::exp(std::clamp(by, -700.0, 700.0)) : y_hat + by;
  };
  Bounds b{
      .y_hat = y_hat, .lo = off(-width95), .hi = off(width95), .lo80 = off(-width80), .hi80 = off(width80)};
  for (double* y : {&b.y_hat, &b.lo, &b.hi, &b.lo80, &b.hi80}) {
    if (series.non_negative) *y = std::max(*y, 0.0);
    *y = unscaled(*y, series.scale);
  }
  b.lo80 = std::min(b.lo80, b.y_hat);
  b.lo = std::min(b.lo, b.lo80);
  b.hi80 = std::max(b.hi80, b.y_hat);
  b.hi = std::max(b.hi, b.hi80);
  return b;
}

/// The members that have something to say, each tried at past origins.
std::vector<Trial> tried(std::span<const PoolModel> models, const Prepared& series, const View& old_view,
                         const View& view, std::span<const int> origins, int span, int horizon,
                         Forecast& result) {
  const int size = series.size();
  std::vector<Trial> trials;
  for (const PoolModel& model : models) {
    const auto drop = [&](std::string reason) {
      result.members.push_back({.name = std::string(model.name),
                                .weight = 0,
                                .error = std::nan(""),
                                .dropped = std::move(reason)});
    };
    if (model.with_logs_only && !series.logs) {
      drop("no logs are taken: it is the same as the one before");
      continue;
    }
    const auto signal = [&](const View& of) {
      return series.signal(model.space == Space::work ? of.work : of.level);
    };
    Trial trial;
    trial.model = &model;
    if (!origins.empty()) {
      const std::unique_ptr<Fitted> fitted = model.fit(signal(old_view), origins.front());
      if (!fitted) {
        drop("too little is known before the oldest past origin");
        continue;
      }
      trial.past = ask(model, *fitted, series, old_view, origins, span);
      trial.error = mean_error(trial.past, old_view, origins);
    }
    trial.fitted = model.fit(signal(view), size);
    if (!trial.fitted) {
      drop("too little is known");
      continue;
    }
    trial.path = ask(model, *trial.fitted, series, view, std::span(&size, 1), horizon).front();
    trials.push_back(std::move(trial));
  }
  return trials;
}

/// How far all together were off at each past origin.
Errors errors_together(const std::vector<Trial>& trials, std::span<const double> weights,
                       const Prepared& series, const View& view, std::span<const int> origins) {
  Errors errors;
  for (std::size_t o = 0; o < origins.size(); ++o) {
    std::vector<const Path*> paths;
    for (const Trial& trial : trials) paths.push_back(&trial.past[o]);
    Path& off = errors.emplace_back(combined(paths, weights));
    for (std::size_t step = 0; step < off.size(); ++step) {
      off[step] = error_of(view.level[static_cast<std::size_t>(origins[o]) + step], off[step], series.logs);
    }
  }
  return errors;
}

/// Deviations by a model itself: of the first that has a say in the bounds, else of naive.
Path own_deviations(const std::vector<Trial>& trials, int horizon, bool few) {
  const Trial* naive = nullptr;
  for (const Trial& trial : trials) {
    if (trial.model->own_deviations) return trial.fitted->deviations(horizon);
    if (trial.model->name == "naive") naive = &trial;
  }
  return few && naive != nullptr ? naive->fitted->deviations(horizon) : Path{};
}

void forecast_nothing(const Prepared& series, const Horizon& horizon, Forecast& result) {
  result.days.assign(static_cast<std::size_t>(horizon.steps), Bounds{});
  result.totals = totals_of(horizon, result.days, {}, {}, series);
  result.model_version = version_of(series, "nothing-known", 0);
}

}  // namespace

Forecast forecast_series(const SeriesInput& input, const Horizon& horizon) {
  Forecast result;
  Prepared series = prepare(input, horizon);
  if (series.known > 2 && last_is_outlier(series)) {
    result.outlier = series.first + series.size() - 1;
    drop_last(series);
  }
  result.logs = series.logs;
  result.seasons = series.seasons;
  if (series.known == 0) {
    forecast_nothing(series, horizon, result);
    return result;
  }
  const std::vector<int> origins = past_origins(series.size(), horizon.span, series.cycle);
  const HolidayEffects effects = holiday_effects(series, input.holidays, series.size());
  const std::vector<double> by_day = effects_by_day(series, input.holidays, effects);
  const View view = view_of(series, by_day);
  const View old_view =
      origins.empty()
          ? View{}
          : view_of(series, effects_by_day(series, input.holidays,
                                           holiday_effects(series, input.holidays, origins.front())));
  for (const auto& [key, effect] : effects) {
    result.holidays.push_back(effect);
    result.holidays.back().effect =
        series.logs ? std::exp(effect.effect) : unscaled(effect.effect, series.scale);
  }

  const Pool pool = pool_for(series, origins.empty() ? series.size() / 2 : origins.front());
  const std::vector<Trial> trials =
      tried(pool.models, series, old_view, view, origins, horizon.span, series.ahead, result);
  std::vector<double> errors_of_members;
  std::vector<const Path*> paths;
  for (const Trial& trial : trials) {
    errors_of_members.push_back(trial.error);
    paths.push_back(&trial.path);
  }
  const std::vector<double> weights = weights_of(errors_of_members);
  const Path path = combined(paths, weights);
  const Errors errors = errors_together(trials, weights, series, old_view, origins);
  const Path own = own_deviations(trials, series.ahead, origins.size() < kFewOrigins);
  const std::array<Path, 2> widths = half_widths(errors, own, series.ahead);

  const int lead = series.ahead - horizon.steps;
  const auto put_back = [&](double y, int step) {
    const std::size_t t = view.work.size() + static_cast<std::size_t>(step);
    if (by_day.empty() || by_day[t] == 0) return y;
    return series.logs ? y * std::exp(by_day[t]) : y + by_day[t];
  };
  for (int step = lead; step < series.ahead; ++step) {
    const auto s = static_cast<std::size_t>(step);
    const double y_hat = put_back(path[s], step);
    result.days.push_back(series.intermittent ? empirical_bounds(series, 1, std::max(y_hat, 0.0))
                                              : bounds_of(y_hat, widths[0][s], widths[1][s], series));
  }
  result.totals = totals_of(horizon, result.days, errors, own, series);
  for (std::size_t m = 0; m < trials.size(); ++m) {
    Member member{.name = std::string(trials[m].model->name),
                  .weight = weights[m],
                  .error = std::scalbn(trials[m].error, series.scale)};
    for (int step = lead; step < series.ahead; ++step) {
      member.y_hat.push_back(
          unscaled(put_back(trials[m].path[static_cast<std::size_t>(step)], step), series.scale));
    }
    result.members.push_back(std::move(member));
  }
  result.origins = static_cast<int>(origins.size());
  result.model_version =
      version_of(series, trials.size() == 1 ? trials.front().model->name : pool.kind, origins.size());
  return result;
}

}  // namespace am::forecast
