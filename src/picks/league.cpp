#include "am/picks/league.hpp"

#include <algorithm>
#include <map>

namespace am::picks {

namespace {

/// The batches of a week, whoever's they are.
std::vector<std::pair<Date, int>> batches_in(const Week& week) {
  std::vector<std::pair<Date, int>> batches;
  for (const Part& part : week.parts) batches.emplace_back(part.history->batch.run_date, part.week);
  return batches;
}

std::vector<std::vector<Week>> common_weeks(std::span<const std::span<const Week>> series) {
  std::vector<std::vector<Week>> common(series.size());
  for (const Week& week : series.front()) {
    std::vector<const Week*> same;
    for (const std::span<const Week>& one : series) {
      const auto at = std::ranges::lower_bound(one, week.monday, {}, &Week::monday);
      if (at != one.end() && at->monday == week.monday && batches_in(*at) == batches_in(week))
        same.push_back(&*at);
    }
    if (same.size() != series.size()) continue;
    for (std::size_t i = 0; i < same.size(); ++i) common[i].push_back(*same[i]);
  }
  return common;
}

LeaguePair pair_of(const std::vector<std::vector<Week>>& common, std::size_t a, std::size_t b,
                   long long comparisons) {
  Judgement difference;
  for (std::size_t week = 0; week < common[a].size(); ++week) {
    const Week& of_a = common[a][week];
    difference.tally.add(limited(static_cast<__int128_t>(of_a.sum) - common[b][week].sum),
                         static_cast<int>(of_a.parts.size()));
  }
  difference.log_e = difference.tally.log_e();
  return {a, b, difference.log_e, difference.decides(comparisons) != 0};
}

/// The share of draws whose best picker is as good as each, plus one for what happened itself.
void rate(League& league, const std::vector<std::span<const Week>>& series, const NameField& field) {
  std::vector<double> actual;
  for (const std::span<const Week>& one : series) actual.push_back(t_of(one.first(field.weeks)));
  std::vector<int> as_good(actual.size());
  Relabelling relabelling(field.names.size(), field.picked.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::span<const std::uint32_t> names = relabelling.next();
    double best = relabelled(field.held.front(), field.moves, field.names.size(), names).t();
    for (std::size_t i = 1; i < field.held.size(); ++i)
      best = std::max(best, relabelled(field.held[i], field.moves, field.names.size(), names).t());
    for (std::size_t i = 0; i < actual.size(); ++i) as_good[i] += best >= actual[i] ? 1 : 0;
  }
  for (std::size_t i = 0; i < actual.size(); ++i)
    league.lines[i].p = Decimal(1 + as_good[i]) / Decimal(kDraws + 1);
  league.control_through = field.through;
}

}  // namespace

std::optional<League> league_of(std::span<const std::span<const Week>> series, int entered,
                                const std::vector<std::string>& symbols, const ClosesBySymbol& closes,
                                Betas& betas) {
  if (series.size() < 2) return std::nullopt;
  const std::vector<std::vector<Week>> common = common_weeks(series);
  if (common.front().empty()) return std::nullopt;
  League league;
  league.entered = std::max(entered, static_cast<int>(series.size()));
  for (const Week& week : common.front()) league.weeks.push_back(week.monday);
  for (const std::vector<Week>& weeks : common) {
    LeagueLine& line = league.lines.emplace_back();
    line.judgement = judgement_of(weeks);
    line.decides = line.judgement.decides(league.entered);
    if (line.judgement.tally.sum > league.lines[league.leader].judgement.tally.sum)
      league.leader = league.lines.size() - 1;
  }
  const long long comparisons = static_cast<long long>(league.entered) * (league.entered - 1) / 2;
  for (std::size_t a = 0; a < common.size(); ++a) {
    for (std::size_t b = a + 1; b < common.size(); ++b) {
      const LeaguePair& pair = league.pairs.emplace_back(pair_of(common, a, b, comparisons));
      if (!pair.differ) continue;
      if (a == league.leader) league.lines[b].ties_the_leader = false;
      if (b == league.leader) league.lines[a].ties_the_leader = false;
    }
  }
  const std::vector<std::span<const Week>> spans(common.begin(), common.end());
  if (const std::optional<NameField> field = field_of(spans, symbols, closes, betas))
    rate(league, spans, *field);
  return league;
}

}  // namespace am::picks
