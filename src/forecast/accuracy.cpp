#include "accuracy.hpp"

#include <algorithm>
#include <cmath>

#include "am/base/text.hpp"

namespace am::forecast {

std::optional<double> usual_step(std::span<const double> past, std::size_t lag) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = lag; i < past.size(); ++i) {
    const double step = std::abs(past[i] - past[i - lag]);
    if (!std::isfinite(step)) continue;
    sum += step;
    ++count;
  }
  return count > 0 && sum > 0 ? std::optional(sum / count) : std::nullopt;
}

namespace {

/// The last value before `at` in steps of `lag`.
double last_before(std::span<const double> past, std::size_t at, std::size_t lag) {
  while (at >= lag) {
    at -= lag;
    if (at < past.size() && std::isfinite(past[at])) return past[at];
  }
  return lag == 1 ? 0 : last_before(past, past.size(), 1);
}

}  // namespace

std::size_t span_of_step(int step) {
  std::size_t span = 0;
  while (kSpans.at(span).second < step) ++span;
  return span;
}

Yardstick::Yardstick(std::span<const double> past, std::size_t season)
    : step(usual_step(past, season)), naive(last_before(past, past.size(), 1)) {}

double seasonal_naive(std::span<const double> past, std::size_t ahead, std::size_t season) {
  return last_before(past, past.size() + ahead - 1, season);
}

std::size_t season_of_version(std::string_view model_version) {
  constexpr int kMostSeason = 9999;
  for (const std::string& word : split(model_version, ' ')) {
    if (!word.starts_with('s')) continue;
    const std::string_view first = std::string_view(word).substr(1, word.find('+') - 1);
    if (const auto season = parse_integer(first, 2, kMostSeason)) return static_cast<std::size_t>(*season);
  }
  return 1;
}

void AccuracySums::add(double value, const Bounds& bounds, double seasonal, const Yardstick& yardstick) {
  ++days_;
  const double error = std::abs(value - bounds.y_hat);
  within95_ += bounds.lo <= value && value <= bounds.hi ? 1 : 0;
  within80_ += bounds.lo80 <= value && value <= bounds.hi80 ? 1 : 0;
  if (const double size = std::abs(value) + std::abs(bounds.y_hat); size > 0) {
    ++sized_;
    smape_ += 200 * error / size;
  }
  if (!yardstick.step) return;
  ++scaled_;
  model_ += error / *yardstick.step;
  naive_ += std::abs(value - yardstick.naive) / *yardstick.step;
  seasonal_ += std::abs(value - seasonal) / *yardstick.step;
}

SpanScore AccuracySums::score(int first_step, int last_step) const {
  SpanScore score{.first_step = first_step, .last_step = last_step, .days = days_};
  if (scaled_ > 0) {
    score.mase = model_ / scaled_;
    score.naive_mase = naive_ / scaled_;
    score.seasonal_mase = seasonal_ / scaled_;
  }
  if (sized_ > 0) score.smape = smape_ / sized_;
  score.covered95 = days_ > 0 ? static_cast<double>(within95_) / days_ : 0;
  score.covered80 = days_ > 0 ? static_cast<double>(within80_) / days_ : 0;
  return score;
}

std::vector<SpanScore> span_scores(std::span<const AccuracySums, kSpans.size()> sums, int last) {
  std::vector<SpanScore> scores;
  for (std::size_t span = 0; span < kSpans.size(); ++span) {
    if (sums[span].days() > 0)
      scores.push_back(sums[span].score(kSpans.at(span).first, std::min(kSpans.at(span).second, last)));
  }
  return scores;
}

}  // namespace am::forecast
