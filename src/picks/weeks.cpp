#include "am/picks/weeks.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "am/market/calendar.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

constexpr int kWeekDays = 7;
constexpr int kWeekdays = 5;

/// Signed excess of each pick since the baseline.
std::vector<Units> earned_by(const BatchHistory& history, const Checkpoint* day, const BetaOf& beta) {
  const std::vector<StoredPick>& picks = history.batch.picks;
  std::vector<Units> earned(picks.size());
  if (day == nullptr) return earned;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    const auto metric = std::ranges::find(day->metrics, picks[i].id, &Metric::pick_id);
    const Decimal excess =
        metric->absolute_return_pct - beta(history, picks[i].pick.ticker) * *day->benchmark_return_pct;
    earned[i] = to_units(directional(picks[i].pick.action, excess));
  }
  return earned;
}

/// The last measured day of one week.
const Checkpoint* end_of(const BatchHistory& history, Date monday) {
  const Checkpoint* end = nullptr;
  for (const Checkpoint& day : history.days) {
    if (monday <= day.date && day.date < monday + kWeekDays && is_measured(history, day)) end = &day;
  }
  return end;
}

/// Whether each weekday has a checkpoint, of whatever kind.
bool is_over(const BatchHistory& history, Date monday) {
  for (int day = 0; day < kWeekdays; ++day) {
    if (std::ranges::find(history.days, monday + day, &Checkpoint::date) == history.days.end()) return false;
  }
  return true;
}

/// How a batch stands in its two weeks.
struct Standing {
  const Checkpoint* end[2];
  bool finished[2];

  explicit Standing(const BatchHistory& history) {
    const Date monday = history.batch.run_date;
    const bool completed = history.batch.status == "completed";
    for (int week = 0; week < 2; ++week) {
      end[week] = end_of(history, monday + week * kWeekDays);
      finished[week] = completed || is_over(history, monday + week * kWeekDays);
    }
    // All of week 1 skipped: it is a week of nothing or no week at all, which week 2 decides.
    if (history.batch.status == "active" && !is_measured() && !finished[1]) finished[0] = false;
  }
  bool is_measured() const { return end[0] != nullptr || end[1] != nullptr; }
};

}  // namespace

Decimal market_beta(const BatchHistory& /*history*/, const std::string& /*ticker*/) { return 1; }

bool is_measured(const BatchHistory& history, const Checkpoint& day) {
  return day.computed && day.benchmark_return_pct &&
         std::ranges::all_of(history.batch.picks, [&](const StoredPick& pick) {
           return std::ranges::find(day.metrics, pick.id, &Metric::pick_id) != day.metrics.end();
         });
}

Units limited(__int128_t sum) {
  return static_cast<Units>(std::clamp<__int128_t>(sum, -kWeekLimit, kWeekLimit));
}

WeeklySeries weekly_series(std::span<const BatchHistory* const> group, const BetaOf& beta) {
  std::vector<const BatchHistory*> sorted(group.begin(), group.end());
  std::ranges::stable_sort(sorted, {}, [](const BatchHistory* history) { return history->batch.run_date; });
  std::map<Date, Week> weeks;
  std::set<Date> waiting;
  for (const BatchHistory* history : sorted) {
    const Standing standing(*history);
    const std::vector<Units> first = earned_by(*history, standing.end[0], beta);
    const std::vector<Units> last = earned_by(*history, standing.end[1], beta);
    for (int index = 0; index < 2; ++index) {
      const Date monday = market::week_monday(history->batch.run_date) + index * kWeekDays;
      if (!standing.finished[index]) {
        if (history->batch.status == "active") waiting.insert(monday);
        continue;
      }
      if (!standing.is_measured()) continue;
      Part part{history, index + 1, index == 0 ? nullptr : standing.end[0], standing.end[index], {}};
      part.earned.resize(first.size());
      if (index == 0) {
        part.earned = first;
      } else if (part.to != nullptr) {
        for (std::size_t i = 0; i < first.size(); ++i) part.earned[i] = last[i] - first[i];
      }
      Week& week = weeks[monday];
      week.monday = monday;
      week.parts.push_back(std::move(part));
    }
  }
  WeeklySeries series;
  series.waiting.assign(waiting.begin(), waiting.end());
  for (auto& [monday, week] : weeks) {
    if (waiting.contains(monday)) continue;
    __int128_t sum = 0;
    for (const Part& part : week.parts) {
      for (const Units units : part.earned) sum += units;
    }
    week.sum = limited(sum);
    series.weeks.push_back(std::move(week));
  }
  return series;
}

}  // namespace am::picks
