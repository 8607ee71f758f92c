#include "prepare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "forecast/models/regression.hpp"
#include "order.hpp"

namespace am::forecast {

namespace {

constexpr int kWatched = 200;  // errors of one step
constexpr double kFarOff = 8;
constexpr double kWorse = 1.5;
constexpr double kMostlyZero = 0.5;

/// How many values lie before the first day asked for.
std::size_t before_the_first(const SeriesInput& input, const Horizon& horizon) {
  if (input.days.empty() || horizon.days.empty()) return input.values.size();
  const Date first = horizon.days[static_cast<std::size_t>(horizon.lead)];
  return static_cast<std::size_t>(std::lower_bound(input.days.begin(), input.days.end(), first) -
                                  input.days.begin());
}

void check_dates(const SeriesInput& input, const Horizon& horizon) {
  const auto ahead = static_cast<std::size_t>(std::max(horizon.lead, 0) + std::max(horizon.steps, 0));
  const bool fits = input.days.empty()
                        ? horizon.days.empty()
                        : input.days.size() == input.values.size() && horizon.days.size() == ahead;
  if (horizon.steps < 1 || horizon.lead < 0 || horizon.span < 1 || !fits) {
    throw Error{ErrorKind::bug, "forecast: the dates do not fit the values or the days asked for"};
  }
}

/// Weekdays that there are, as a mask by ISO order.
unsigned weekdays_of(std::span<const Date> days) {
  unsigned mask = 0;
  for (const Date day : days) mask |= 1U << (day.weekday().iso_encoding() - 1);
  return mask;
}

int bits(unsigned mask) { return __builtin_popcount(mask); }

double half_life_of(int season) {
  if (season == 52) return 156;
  if (season == 24) return 500;
  return 300;
}

void place_days(Prepared& series, unsigned week) {
  const int all = series.size() + series.ahead;
  const int season = series.seasons.empty() ? 1 : series.seasons.front();
  series.phase.clear();
  for (int t = 0; t < all; ++t) {
    if (!series.days.empty() && season == bits(week)) {
      const unsigned day = series.days[static_cast<std::size_t>(t)].weekday().iso_encoding() - 1;
      series.phase.push_back(bits(week & ((1U << day) - 1)));
    } else {
      series.phase.push_back(t % season);
    }
  }
}

}  // namespace

Prepared prepare(const SeriesInput& input, const Horizon& horizon) {
  check_dates(input, horizon);
  Prepared series;
  const std::size_t most = before_the_first(input, horizon);
  std::vector<double> values(input.values.begin(), input.values.begin() + static_cast<std::ptrdiff_t>(most));
  double lowest = INFINITY, highest = -std::numeric_limits<double>::infinity();
  std::size_t first = most, end = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& y = values[i];
    if (!std::isfinite(y) || (input.zero_means_missing && y == 0)) y = std::nan("");
    if (std::isnan(y)) continue;
    first = std::min(first, i);
    end = i + 1;
    ++series.known;
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  }
  series.first = static_cast<int>(first);
  // Values that reach into what is asked for leave no days between.
  series.ahead = horizon.steps + (most < input.values.size() ? 0 : horizon.lead);
  if (series.known == 0) {
    series.ahead += static_cast<int>(most);
    series.first = 0;
    series.phase.assign(static_cast<std::size_t>(series.ahead), 0);
    return series;
  }
  series.ahead += static_cast<int>(most - end);
  series.logs = lowest > 0;
  series.non_negative = input.non_negative.value_or(lowest >= 0);
  const double greatest = std::max(std::abs(lowest), std::abs(highest));
  series.scale = greatest > 0 ? std::ilogb(greatest) : 0;
  for (std::size_t i = first; i < end; ++i) {
    const double y = std::scalbn(values[i], -series.scale);
    series.level.push_back(y);
    series.work.push_back(series.logs ? std::log(y) : y);
  }
  const auto zeros = std::count(series.level.begin(), series.level.end(), 0.0);
  series.intermittent = lowest == 0 && highest > 0 && static_cast<double>(zeros) > kMostlyZero * series.known;

  unsigned week = 0;
  std::vector<int> candidates = input.candidates;
  if (!input.days.empty()) {
    const auto from = input.days.begin() + static_cast<std::ptrdiff_t>(first);
    series.days.assign(from, input.days.begin() + static_cast<std::ptrdiff_t>(most));
    const auto rest = series.size() + series.ahead - static_cast<int>(series.days.size());
    series.days.insert(series.days.end(), horizon.days.end() - rest, horizon.days.end());
    week = weekdays_of(series.days);
    if (candidates.empty()) candidates = {bits(week), 52 * bits(week)};
  }
  if (candidates.empty()) candidates = {7, 364};
  series.seasons = input.seasons.empty() ? seasons_of(series.work, candidates) : input.seasons;
  std::erase_if(series.seasons, [](int season) { return season < 2; });
  std::sort(series.seasons.begin(), series.seasons.end());
  series.cycle = series.seasons.empty() ? candidates.front() : series.seasons.front();
  series.half_life = half_life_of(series.cycle);
  place_days(series, week);
  return series;
}

bool last_is_outlier(const Prepared& series) {
  const int last = series.size() - 1;
  const Signal signal = series.signal(series.work);
  const std::unique_ptr<Fitted> model = fit_regression_near(signal, last);
  if (!model) return false;
  std::vector<int> origins;
  for (int t = std::max(last - kWatched, last / 2); t <= last; ++t) origins.push_back(t);
  const std::vector<Path> paths = model->run(signal, origins, 1);
  std::vector<double> errors;
  for (std::size_t i = 0; i < origins.size(); ++i) {
    const double error = std::abs(series.work[static_cast<std::size_t>(origins[i])] - paths[i].front());
    if (!std::isnan(error)) errors.push_back(error);
  }
  const double own = errors.back();
  errors.pop_back();
  if (errors.size() < 10) return false;
  return own > kFarOff * 1.4826 * median(errors) &&
         own > kWorse * *std::max_element(errors.begin(), errors.end());
}

void drop_last(Prepared& series) {
  do {
    series.level.pop_back();
    series.work.pop_back();
    ++series.ahead;
  } while (!series.level.empty() && std::isnan(series.level.back()));
  --series.known;
}

}  // namespace am::forecast
