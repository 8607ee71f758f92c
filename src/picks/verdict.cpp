#include "am/picks/verdict.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

namespace am::picks {

namespace {

constexpr double kUnitsPerPick = 10'000'000'000;  ///< of one percent

double log_decisive() { return std::log(kDecisive); }

Decimal exact(__int128_t value) {
  constexpr __int128_t kSplit = 1'000'000'000'000'000'000;
  return Decimal(static_cast<long long>(value / kSplit)) * Decimal(static_cast<long long>(kSplit)) +
         Decimal(static_cast<long long>(value % kSplit));
}

Decimal to_decimal(double percent) { return from_units(std::llround(percent * kUnitsPerPick)); }

/// A mean per week, of one pick, as one per batch: two weeks of three picks, or as many as there were.
Decimal per_batch(const Decimal& weekly, const WeekTally& tally) {
  return weekly * Decimal(2 * tally.weeks) / Decimal(3 * tally.parts);
}

std::optional<Interval> read_today(std::span<const Week> weeks, const WeekTally& tally) {
  std::vector<Units> sums;
  sums.reserve(weeks.size());
  for (const Week& week : weeks) sums.push_back(week.sum);
  const std::optional<Interval> once = bootstrap_mean(sums);
  if (!once) return std::nullopt;
  return Interval{per_batch(once->low, tally), per_batch(once->high, tally)};
}

}  // namespace

double log_e_value(int n, double t, double g) {
  const double shrink = g / (1 + n * g);
  return -0.5 * std::log1p(n * g) - n / 2.0 * std::log1p(-shrink * t * t);
}

double half_width(int n, double g) {
  const double a = 1 / (1 + n * g);
  const double k = std::exp((2 * log_decisive() - std::log(a)) / n);
  if (k * a >= 1) return std::numeric_limits<double>::infinity();
  return std::sqrt((k - 1) / (1 - k * a));
}

void WeekTally::add(Units week, int with_parts) {
  ++weeks;
  parts += with_parts;
  sum += week;
  squares += static_cast<__int128_t>(week) * week;
}

double studentised(__int128_t sum, __int128_t squares) {
  return squares == 0 ? 0 : static_cast<double>(sum) / std::sqrt(static_cast<double>(squares));
}

double WeekTally::t() const { return studentised(sum, squares); }

double WeekTally::deviation() const {
  if (weeks == 0) return 0;
  const auto total = static_cast<double>(sum);
  const double variance = (static_cast<double>(squares) - total * total / weeks) / weeks;
  return std::sqrt(std::max(variance, 0.0)) / (3 * kUnitsPerPick);
}

double WeekTally::spread() const { return parts == 0 ? 0 : 2.0 * weeks / parts * deviation(); }

std::optional<Decimal> WeekTally::mean_pct() const {
  if (parts == 0) return std::nullopt;
  return exact(sum) * Decimal(2) / Decimal(3 * parts) * Decimal::of("0.0000000001");
}

std::optional<Interval> WeekTally::every_week() const {
  if (parts == 0 || weeks < kMinWeeks) return std::nullopt;
  const double half = spread() * half_width(weeks);
  const double mean = mean_pct()->to_double();
  return Interval{to_decimal(mean - half), to_decimal(mean + half)};
}

int Judgement::decides(long long times) const {
  if (tally.weeks < kMinWeeks || log_e < std::log(kDecisive * static_cast<double>(times))) return 0;
  return tally.sum > 0 ? 1 : -1;
}

Judgement judgement_of(std::span<const Week> weeks) {
  Judgement judgement;
  WeekTally& tally = judgement.tally;
  for (const Week& week : weeks) {
    tally.add(week.sum, static_cast<int>(week.parts.size()));
    if (tally.weeks < kMinWeeks) continue;
    const double log_e = tally.log_e();
    if (judgement.highest_log_e && log_e <= *judgement.highest_log_e) continue;
    judgement.highest_log_e = log_e;
    judgement.highest_week = week.monday;
  }
  if (tally.parts == 0) return judgement;
  judgement.log_e = tally.log_e();
  judgement.mean_pct = tally.mean_pct();
  judgement.today = read_today(weeks, tally);
  judgement.every_week = tally.every_week();
  if (tally.weeks >= kMinWeeks) judgement.patience_weeks = patience(tally.spread());
  return judgement;
}

std::string e_value_text(double log_e) {
  if (log_e >= std::log(1000.0)) return "above 1000";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", std::exp(log_e));
  return text.data();
}

std::string verdict_text(const Judgement& judgement, bool is_range) {
  if (is_range) return "not for a range: a chosen range is a chosen result";
  if (judgement.tally.weeks < kMinWeeks) {
    return "none yet: " + std::to_string(judgement.tally.weeks) + " of the " + std::to_string(kMinWeeks) +
           " weeks that are the least";
  }
  const int decided = judgement.decides();
  if (decided > 0) return "evidence of alpha";
  if (decided < 0) return "evidence that the picks lose";
  std::string text = "no verdict yet";
  if (*judgement.highest_log_e >= log_decisive()) {
    text += "; the week of " + judgement.highest_week->to_string() + " had one (e-value " +
            e_value_text(*judgement.highest_log_e) + ")";
  }
  return text;
}

std::optional<int> patience(double spread) {
  for (int n = kMinWeeks; n <= kMaxPatience; ++n) {
    if (spread * half_width(n) <= 1) return n;
  }
  return std::nullopt;
}

}  // namespace am::picks
