#pragma once
// Is there alpha? A judgement that may be read every week, and that of pickers without skill is wrong in one record of
// twenty however often it is read. It is an e-value: a bet against "no skill" whose stake grows with the evidence; to reach
// 20 ever has probability 1/20 at most. Weekly sums are taken as Gaussian around a mean of zero with an unknown spread; the
// bet is the mixture over effect sizes (Gaussian, variance 1/10), with the right Haar prior over the spread, in closed
// form. Its inversion is the interval. Below ten weeks the formula cannot reach 20.
// Source: Wang and Ramdas 2023, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance".

#include <optional>
#include <span>
#include <string>

#include "am/picks/statistics.hpp"
#include "am/picks/weeks.hpp"

namespace am::picks {

inline constexpr int kMinWeeks = 10;       ///< below, E cannot be 20
inline constexpr double kDecisive = 20;    ///< the e-value that decides
inline constexpr int kMaxPatience = 2000;  ///< weeks

inline constexpr double kEffectVariance =
    0.1;  ///< of the effect sizes that are bet on, in standard deviations of a week

/// ln E of n weeks whose sum over the root of their squares' sum is t. 0 for no week.
double log_e_value(int n, double t, double g = kEffectVariance);
/// k(n): the half width of the interval in standard deviations of a week. Infinite below kMinWeeks.
double half_width(int n, double g = kEffectVariance);

/// Sums of a series as it grows.
struct WeekTally {
  int weeks = 0;
  int parts = 0;
  __int128_t sum = 0;      ///< units
  __int128_t squares = 0;  ///< units²

  void add(Units week, int with_parts);
  double t() const;  ///< sum / √squares; 0 when nothing moved
  double log_e() const { return log_e_value(weeks, t()); }
  /// Population standard deviation of a week, in percent of one batch (three picks).
  double deviation() const;
  double spread() const;                       ///< of a batch, in percent: what a week's deviation comes to
  std::optional<Decimal> mean_pct() const;     ///< per batch; none without a part
  std::optional<Interval> every_week() const;  ///< as Judgement has it
};
/// t() of sums that are elsewhere.
double studentised(__int128_t sum, __int128_t squares);

/// What a series comes to.
struct Judgement {
  WeekTally tally;
  double log_e = 0;
  std::optional<Decimal> mean_pct;      ///< per batch; none without a part
  std::optional<Interval> every_week;   ///< 95 % however often it is read, ten decimals; none below kMinWeeks
  std::optional<Interval> today;        ///< 95 % read only once, today: never decides; none below 2 weeks
  std::optional<double> highest_log_e;  ///< at any week from the kMinWeeks-th on
  std::optional<Date> highest_week;     ///< the first with it
  std::optional<int> patience_weeks;    ///< as patience(); none too below kMinWeeks

  /// +1 alpha, −1 the picks lose, 0 neither. `times`: one of so many comparisons (league.hpp).
  int decides(long long times = 1) const;
};

/// Shape:   weeks by Monday.
/// Units:   percent per batch; E and the interval are doubles, relative 1e-9; all else is exact.
/// Threads: pure.
Judgement judgement_of(std::span<const Week> weeks);

/// The verdict in words, as report and pages print it. Of a chosen range there is none.
std::string verdict_text(const Judgement& judgement, bool is_range = false);
/// "0.60"; from 1,000 on "above 1000".
std::string e_value_text(double log_e);

/// Weeks until a true +1 % per batch shows, in six of ten records: the smallest n up to kMaxPatience with
/// spread · k(n) ≤ 1; none: more.
///
/// Units:   spread in percent per batch.
std::optional<int> patience(double spread);

}  // namespace am::picks
