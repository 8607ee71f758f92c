#include "support/verdict_simulation.hpp"

#include <algorithm>
#include <array>

#include "am/market/calendar.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/relabel.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/verdict.hpp"

namespace am::test {

namespace {

using namespace picks;

constexpr int kWeeks = 260;
constexpr int kWarmUp = 52;      ///< weeks that momentum looks back over
constexpr int kLeftOut = 4;      ///< of them the last
constexpr int kMeanBlock = 13;   ///< weeks
constexpr int kStickyWeeks = 8;  ///< mean stay of a sticky pick

struct Choice {
  std::uint32_t name = 0;
  int sign = 1;
};
using Choices = std::array<Choice, kPicksPerBatch>;

class Record {
 public:
  Record(const WeeklyMarket& market, Weeks kind, Generator& generator)
      : market_(market), generator_(generator), trailing_(market.names) {
    std::uint64_t at = 0;
    for (int week = 0; week < kWarmUp + kWeeks; ++week) {
      const bool jumps = week == 0 || draw_below(generator, kMeanBlock) == 0;
      at = jumps ? draw_below(generator, market.weeks()) : (at + 1) % market.weeks();
      const Units sign = kind == Weeks::turned && draw_below(generator, 2) == 0 ? -1 : 1;
      for (std::size_t name = 0; name < market.names; ++name)
        moves_.push_back(sign * market.rows[at * market.names + name]);
    }
    for (int week = 0; week < kWarmUp - kLeftOut; ++week) trail(week, 1);
  }

  /// Every pick of every week; a batch is held in its own week and the next.
  std::vector<Held> held_by(NoSkill picker) {
    std::vector<Held> held;
    Choices choices{};
    for (int week = 0; week < kWeeks; ++week) {
      if (week > 0) hold(held, week, choices);
      choose(picker, week, choices);
      hold(held, week, choices);
      trail(week, -1);
      trail(week + kWarmUp - kLeftOut, 1);
    }
    return held;
  }

  /// One row per week, without the first ones.
  std::vector<Units> moves() const {
    return {moves_.begin() + static_cast<std::ptrdiff_t>(kWarmUp * market_.names), moves_.end()};
  }

 private:
  static void hold(std::vector<Held>& held, int week, const Choices& choices) {
    for (const Choice& choice : choices) {
      held.push_back({.week = static_cast<std::uint32_t>(week),
                      .part = static_cast<std::uint32_t>(week),
                      .name = choice.name,
                      .sign = choice.sign});
    }
  }

  void trail(int week, int sign) {
    const Units* row = moves_.data() + static_cast<std::size_t>(week) * market_.names;
    for (std::size_t name = 0; name < market_.names; ++name) trailing_[name] += sign * row[name];
  }

  void choose(NoSkill picker, int week, Choices& choices) {
    if (picker == NoSkill::momentum) {
      by_trailing(choices);
      return;
    }
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (picker == NoSkill::sticky && week > 0 && draw_below(generator_, kStickyWeeks) != 0) continue;
      choices[i].sign = draw_below(generator_, 2) == 0 ? 1 : -1;
      do {
        choices[i].name = static_cast<std::uint32_t>(draw_below(generator_, market_.names));
      } while (is_twice(choices, i, picker == NoSkill::sticky && week > 0 ? choices.size() : i));
    }
  }

  static bool is_twice(const Choices& choices, std::size_t at, std::size_t among) {
    for (std::size_t i = 0; i < among; ++i) {
      if (i != at && choices[i].name == choices[at].name) return true;
    }
    return false;
  }

  /// The best two, and the worst to sell.
  void by_trailing(Choices& choices) const {
    std::uint32_t best = 0;
    std::uint32_t worst = 0;
    for (std::uint32_t name = 1; name < market_.names; ++name) {
      if (trailing_[name] > trailing_[best]) best = name;
      if (trailing_[name] < trailing_[worst]) worst = name;
    }
    std::uint32_t second = worst;
    for (std::uint32_t name = 0; name < market_.names; ++name) {
      if (name != best && trailing_[name] > trailing_[second]) second = name;
    }
    choices = {Choice{best, 1}, Choice{second, 1}, Choice{worst, -1}};
  }

  const WeeklyMarket& market_;
  Generator& generator_;
  std::vector<Units> moves_;
  std::vector<Units> trailing_;
};

/// The week by which E was 20; kWeeks + 1 for never.
int first_verdict(const std::vector<Held>& held, const std::vector<Units>& moves, std::size_t names) {
  Judgement judgement;
  for (auto at = held.begin(); at != held.end();) {
    const std::uint32_t week = at->week;
    Units earned = 0;
    int count = 0;
    for (; at != held.end() && at->week == week; ++at, ++count)
      earned += at->sign * moves[at->part * names + at->name];
    judgement.tally.add(earned, count / kPicksPerBatch);
    judgement.log_e = judgement.tally.log_e();
    if (judgement.decides() != 0) return judgement.tally.weeks;
  }
  return kWeeks + 1;
}

bool is_outside(std::vector<Held> held, const std::vector<Units>& moves, std::size_t names, int draws) {
  std::vector<std::uint32_t> picked;
  for (const Held& one : held) picked.push_back(one.name);
  std::ranges::sort(picked);
  const auto twice = std::ranges::unique(picked);
  picked.erase(twice.begin(), twice.end());
  for (Held& one : held)
    one.name = static_cast<std::uint32_t>(std::ranges::lower_bound(picked, one.name) - picked.begin());
  NameField field;
  field.names.resize(names);
  field.picked.resize(picked.size());
  field.moves = moves;
  field.held = {std::move(held)};
  const double actual = relabelled(field.held.front(), field.moves, names, picked).t();
  const Decimal percentile = luck_of(field, actual, draws).percentile;
  return percentile < Decimal::of("2.5") || percentile > Decimal::of("97.5");
}

}  // namespace

WeeklyMarket weekly_market(const std::filesystem::path& directory) {
  market::CsvMarket source(directory);
  const std::string benchmark = *source.benchmark();
  const market::Series index = source.fetch(benchmark, market::kCalendarRange);
  std::vector<Date> ends;
  for (const market::Close& close : index.closes) {
    if (!ends.empty() && market::week_monday(ends.back()) == market::week_monday(close.day)) ends.pop_back();
    ends.push_back(close.day);
  }
  WeeklyMarket result;
  result.names = source.universe().symbols.size();
  result.rows.resize(result.names * (ends.size() - 1));
  for (std::size_t name = 0; name < result.names; ++name) {
    const market::Series series = source.fetch(source.universe().symbols[name], market::kCalendarRange);
    __int128_t sum = 0;
    for (std::size_t week = 0; week + 1 < ends.size(); ++week) {
      Units& cell = result.rows[week * result.names + name];
      cell = to_units(*return_pct(*series.find(ends[week]), *series.find(ends[week + 1])) -
                      *return_pct(*index.find(ends[week]), *index.find(ends[week + 1])));
      sum += cell;
    }
    const Units mean = rounded_mean(sum, static_cast<long long>(result.weeks()));
    for (std::size_t week = 0; week + 1 < ends.size(); ++week)
      result.rows[week * result.names + name] -= mean;
  }
  return result;
}

SimulatedRecords simulate_records(const WeeklyMarket& market, Weeks kind, NoSkill picker, int records,
                                  int controlled, int draws) {
  Generator generator(kSeed + static_cast<std::uint64_t>(picker));
  SimulatedRecords result;
  for (; result.records < records; ++result.records) {
    Record record(market, kind, generator);
    std::vector<Held> held = record.held_by(picker);
    const std::vector<Units> moves = record.moves();
    const int week = first_verdict(held, moves, market.names);
    if (week <= 52) ++result.verdict_by_52;
    if (week <= kWeeks) ++result.verdict_by_260;
    if (result.controlled == controlled) continue;
    ++result.controlled;
    if (is_outside(std::move(held), moves, market.names, draws)) ++result.percentile_out;
  }
  return result;
}

}  // namespace am::test
