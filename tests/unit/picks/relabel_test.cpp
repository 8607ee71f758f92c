#include "am/picks/relabel.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <gtest/gtest.h>

#include "report_fixture.hpp"

namespace am::picks {
namespace {

constexpr Date kStart{2000, 1, 10};

TEST(Generator, IsTheStandardsAndDrawsAsEver) {
  Generator standard;
  standard.discard(9999);
  EXPECT_EQ(standard(), 9981545732273789042ULL);
  Generator generator(kSeed);
  EXPECT_EQ(generator(), 13167128801773425849ULL);
  EXPECT_EQ(generator(), 7094374327876458351ULL);
  EXPECT_EQ(generator(), 5057022329321670674ULL);
  Generator drawn(kSeed);
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t bound = 30; bound > 16; --bound) numbers.push_back(draw_below(drawn, bound));
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{21, 11, 7, 5, 10, 1, 17, 16, 5, 8, 2, 3, 6, 4}));
}

TEST(Relabelling, DrawsEveryArrangementAlike) {
  Relabelling relabelling(5, 3);
  std::map<std::array<std::uint32_t, 3>, int> counts;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto names = relabelling.next();
    ++counts[{names[0], names[1], names[2]}];
  }
  EXPECT_EQ(counts.size(), 60U);
  for (const auto& [names, count] : counts) EXPECT_NEAR(count, kDraws / 60, 45);
  EXPECT_EQ((counts[{0, 1, 2}]), 161) << "the names as they are";
}

TEST(Relabelling, AddsUpWeekByWeek) {
  // Two weeks; in the second a name is bought by one part and sold by another.
  const std::vector<Held> held{{0, 0, 0, 1}, {0, 0, 1, -1}, {1, 1, 0, 1}, {1, 2, 0, -1}, {1, 2, 1, 1}};
  const std::vector<Units> moves{10, 20, 30, /**/ 1, 2, 3, /**/ 100, 200, 400};
  const std::array<std::uint32_t, 2> same{0, 1};
  const WeekSums sums = relabelled(held, moves, 3, same);
  EXPECT_EQ(static_cast<long long>(sums.sum), (10 - 20) + (1 - 100 + 200));
  EXPECT_EQ(static_cast<long long>(sums.squares), 10 * 10 + 101 * 101);
  const std::array<std::uint32_t, 2> other{2, 0};
  EXPECT_EQ(static_cast<long long>(relabelled(held, moves, 3, other).sum), (30 - 10) + (3 - 400 + 100));
}

/// Batches of 12 Mondays that buy N0 and N1 and sell N2 of `names` names, which move each in its way; an index at rest.
struct Made {
  std::vector<BatchHistory> histories;
  ClosesBySymbol closes;
  std::vector<std::string> symbols;

  static Decimal close_of(int name, Date day) {
    const int week = (day - kStart + 70) / 7;
    return Decimal(100 + (week * (7 + 2 * name) + name * name) % 23);
  }

  explicit Made(int names, bool swapped = false) {
    const int last = 7 * 13;
    closes["SPX"];
    for (int day = -3; day < last; ++day) closes["SPX"].closes.push_back({kStart + day, Decimal(1000)});
    for (int name = 0; name < names; ++name) {
      symbols.push_back("N" + std::to_string(name));
      for (int day = -3; day < last; ++day)
        closes[symbols.back()].closes.push_back({kStart + day, close_of(name, kStart + day)});
    }
    for (int week = 0; week < 12; ++week) {
      BatchHistory history = history_of(kStart + 7 * week);
      for (std::size_t i = 0; i < 3; ++i) {
        StoredPick& stored = history.batch.picks[i];
        stored.pick.ticker = symbols[i];
        stored.initial_price = close_of(static_cast<int>(i), history.baseline);
        if (swapped) stored.pick.action = stored.pick.action == Action::buy ? Action::sell : Action::buy;
      }
      for (const int day : {1, 2, 3, 4, 5, 8, 9, 10, 11, 12}) {
        std::vector<std::string> prices;
        for (int i = 0; i < 3; ++i)
          prices.push_back(close_of(i, checkpoint_date(history.batch.run_date, day)).to_string());
        add_day(history, day, "1000", prices);
      }
      histories.push_back(std::move(history));
    }
  }

  std::vector<Week> weeks() const {
    std::vector<const BatchHistory*> group;
    for (const BatchHistory& history : histories) group.push_back(&history);
    return weekly_series(group, market_beta).weeks;
  }
};

std::optional<NameField> field_over(const Made& made, const std::vector<Week>& weeks) {
  Betas betas(made.closes, {});
  const std::span<const Week> one(weeks);
  return field_of(std::span(&one, 1), made.symbols, made.closes, betas);
}

TEST(NameField, HoldsWhatThePicksThemselvesEarned) {
  const Made made(24);
  const std::vector<Week> weeks = made.weeks();
  const auto field = field_over(made, weeks);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->names.size(), 24U);
  EXPECT_TRUE(std::ranges::is_sorted(field->names)) << "bytewise: N10 before N2";
  EXPECT_EQ(field->picked, (std::vector<std::string>{"N0", "N1", "N2"}));
  EXPECT_EQ(field->filled, 0);
  std::vector<std::uint32_t> as_they_are;
  for (const std::string& name : field->picked)
    as_they_are.push_back(
        static_cast<std::uint32_t>(std::ranges::find(field->names, name) - field->names.begin()));
  const WeekSums sums = relabelled(field->held.front(), field->moves, field->names.size(), as_they_are);
  const WeekTally& tally = judgement_of(weeks).tally;
  EXPECT_TRUE(sums.sum == tally.sum);
  EXPECT_TRUE(sums.squares == tally.squares);
  EXPECT_EQ(sums.t(), t_of(weeks));
}

TEST(NameField, SwappedDirectionsMirrorThePercentile) {
  const Made made(24);
  const Made swapped(24, true);
  const std::vector<Week> weeks = made.weeks();
  const std::vector<Week> mirrored = swapped.weeks();
  EXPECT_EQ(*judgement_of(mirrored).mean_pct, -*judgement_of(weeks).mean_pct);
  const Luck luck = luck_of(*field_over(made, weeks), t_of(weeks));
  const Luck mirror = luck_of(*field_over(swapped, mirrored), t_of(mirrored));
  EXPECT_EQ(luck.percentile + mirror.percentile, Decimal(100));
  EXPECT_TRUE(luck.percentile.is_positive() && luck.percentile < Decimal(100)) << luck.percentile.to_string();
}

TEST(NameField, ScalingOneNamesPricesChangesNothing) {
  const Made made(24);
  const std::vector<Week> weeks = made.weeks();
  Made scaled = made;
  for (market::Close& close : scaled.closes["N7"].closes) close.close = close.close * Decimal(8);
  EXPECT_EQ(field_over(scaled, weeks)->moves, field_over(made, weeks)->moves);
}

TEST(NameField, NeedsTwentyNamesAndTenWeeks) {
  const Made made(20);
  const std::vector<Week> weeks = made.weeks();
  EXPECT_TRUE(field_over(made, weeks));
  EXPECT_FALSE(field_over(Made(19), weeks));
  const std::vector<Week> nine(weeks.begin(), weeks.begin() + 9);
  EXPECT_FALSE(field_over(Made(20), nine));
  Made nothing(20);
  nothing.symbols.clear();
  EXPECT_FALSE(field_over(nothing, weeks));
  Made with_benchmark(19);
  with_benchmark.symbols.push_back("SPX");
  EXPECT_FALSE(field_over(with_benchmark, weeks)) << "the benchmark is no name to pick";
}

TEST(NameField, FillsHolesWithTheMeanAndDropsWhoHasTooMany) {
  Made made(22);
  const std::vector<Week> weeks = made.weeks();  // 24 parts
  const auto remove = [&](const std::string& name, Date day) {
    std::erase_if(made.closes[name].closes, [&](const market::Close& close) { return close.day == day; });
  };
  remove("N21", checkpoint_date(kStart + 7 * 11, 12));  // the last day of the last part
  const auto one = field_over(made, weeks);
  EXPECT_EQ(one->names.size(), 22U);
  EXPECT_EQ(one->filled, 1);
  const auto hole = static_cast<std::size_t>(std::ranges::find(one->names, "N21") - one->names.begin());
  const Units* last = one->moves.data() + 23 * one->names.size();
  __int128_t sum = 0;
  for (std::size_t name = 0; name < 22; ++name) sum += name == hole ? 0 : last[name];
  EXPECT_EQ(last[hole], rounded_mean(sum, 21));

  remove("N21", kStart + 4 * 7 - 3);  // a baseline, and a Friday of the two batches before
  const auto dropped = field_over(made, weeks);
  EXPECT_EQ(std::ranges::find(dropped->names, "N21"), dropped->names.end())
      << "1 + 5 of 24 are above a tenth";
  EXPECT_EQ(dropped->filled, 0);

  made.closes.erase("N0");
  const auto picked = field_over(made, weeks);
  EXPECT_EQ(picked->names.size(), 21U) << "who was picked stays";
  EXPECT_EQ(picked->filled, 24);
}

TEST(NameField, LagsBehindClosesThatAreNotFetchedYet) {
  Made made(24);
  const std::vector<Week> weeks = made.weeks();
  for (int name = 3; name < 9; ++name) {
    std::erase_if(made.closes["N" + std::to_string(name)].closes,
                  [&](const market::Close& close) { return close.day >= kStart + 7 * 11; });
  }
  const auto field = field_over(made, weeks);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->weeks, 11U);
  EXPECT_EQ(field->through, kStart + 7 * 10);
  EXPECT_EQ(field->names.size(), 24U);
  EXPECT_EQ(field->filled, 0);
}

}  // namespace
}  // namespace am::picks
