#include "holidays.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "order.hpp"

namespace am::forecast {

namespace {

constexpr int kWeeksAround = 3;

bool is_weekend(Date day) { return day.weekday().iso_encoding() >= 6; }

std::optional<std::size_t> index_of(std::span<const Date> days, Date day) {
  const auto at = std::lower_bound(days.begin(), days.end(), day);
  if (at == days.end() || *at != day) return std::nullopt;
  return static_cast<std::size_t>(at - days.begin());
}

}  // namespace

HolidayEffects holiday_effects(const Prepared& series, std::span<const Holiday> holidays, int end) {
  const std::span<const Date> days(series.days.data(),
                                   series.days.empty() ? 0 : static_cast<std::size_t>(end));
  std::set<Date> special;
  for (const Holiday& holiday : holidays) special.insert(holiday.date);
  std::map<std::pair<std::string, bool>, std::vector<double>> seen;
  for (const Holiday& holiday : holidays) {
    const auto at = index_of(days, holiday.date);
    if (!at || std::isnan(series.work[*at])) continue;
    std::vector<double> usual;
    for (int week = -kWeeksAround; week <= kWeeksAround; ++week) {
      const Date day = holiday.date + 7 * week;
      const auto near = special.contains(day) ? std::nullopt : index_of(days, day);
      if (near && !std::isnan(series.work[*near])) usual.push_back(series.work[*near]);
    }
    if (usual.empty()) continue;
    seen[{holiday.name, is_weekend(holiday.date)}].push_back(series.work[*at] - median(std::move(usual)));
  }
  HolidayEffects effects;
  for (const auto& [key, offs] : seen) {
    if (offs.size() < 2) continue;
    double sum = 0;
    for (const double off : offs) sum += off;
    const auto n = static_cast<double>(offs.size());
    effects[key] = {.name = key.first,
                    .weekend = key.second,
                    .occurrences = static_cast<int>(offs.size()),
                    .effect = sum / n * n / (n + 0.5)};
  }
  return effects;
}

std::vector<double> effects_by_day(const Prepared& series, std::span<const Holiday> holidays,
                                   const HolidayEffects& effects) {
  if (effects.empty()) return {};
  std::vector<double> by_day(series.days.size());
  for (const Holiday& holiday : holidays) {
    const auto at = index_of(series.days, holiday.date);
    const auto effect = effects.find({holiday.name, is_weekend(holiday.date)});
    if (at && effect != effects.end()) by_day[*at] = effect->second.effect;
  }
  return by_day;
}

}  // namespace am::forecast
