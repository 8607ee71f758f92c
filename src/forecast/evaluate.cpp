#include "am/forecast/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "am/forecast/numbers.hpp"

namespace am::forecast {

namespace {

/// Less past than this says nothing.
constexpr std::size_t kLeastPast = 8;
constexpr std::array<std::pair<int, int>, 3> kSpans = {
    {{1, 7}, {8, 28}, {29, std::numeric_limits<int>::max()}}};

class Sums {
 public:
  void add(double value, const Bounds& bounds, double naive, double seasonal, std::optional<double> scale) {
    ++days_;
    const double error = std::abs(value - bounds.y_hat);
    within95_ += bounds.lo <= value && value <= bounds.hi ? 1 : 0;
    within80_ += bounds.lo80 <= value && value <= bounds.hi80 ? 1 : 0;
    if (const double size = std::abs(value) + std::abs(bounds.y_hat); size > 0) {
      ++sized_;
      smape_ += 200 * error / size;
    }
    if (!scale) return;
    ++scaled_;
    model_ += error / *scale;
    naive_ += std::abs(value - naive) / *scale;
    seasonal_ += std::abs(value - seasonal) / *scale;
  }

  int days() const { return days_; }
  SpanScore score(int first_step, int last_step) const {
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

 private:
  int days_ = 0, sized_ = 0, scaled_ = 0, within95_ = 0, within80_ = 0;
  double smape_ = 0, model_ = 0, naive_ = 0, seasonal_ = 0;
};

/// How much a value differs from that of `lag` days before, in the mean; none: it does not, or there is no such pair.
std::optional<double> usual_step(const std::vector<double>& past, std::size_t lag) {
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

/// The last value before `at` in steps of `lag`.
double last_before(const std::vector<double>& past, std::size_t at, std::size_t lag) {
  while (at >= lag) {
    at -= lag;
    if (at < past.size() && std::isfinite(past[at])) return past[at];
  }
  return lag == 1 ? 0 : last_before(past, past.size(), 1);
}

std::vector<Date> slice(const std::vector<Date>& days, std::size_t first, std::size_t last) {
  return {days.begin() + static_cast<std::ptrdiff_t>(first),
          days.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace

Evaluation evaluate(const SeriesInput& input, const EvaluationOptions& options, const Forecaster& forecaster,
                    const std::function<void()>& between) {
  const auto horizon = static_cast<std::size_t>(options.horizon);
  const std::vector<double>& y = input.values;
  std::array<Sums, kSpans.size()> sums;
  Sums all;
  Evaluation result;
  for (int k = 0; k < options.origins; ++k) {
    const std::size_t ahead = horizon * static_cast<std::size_t>(k + 1);
    if (y.size() < ahead + kLeastPast) break;
    const std::size_t known = y.size() - ahead;
    between();
    SeriesInput past = input;
    past.values.resize(known);
    past.days = slice(input.days, 0, known);
    const Forecast forecast = forecaster(past, {.steps = options.horizon,
                                                .lead = 0,
                                                .span = options.horizon,
                                                .days = slice(input.days, known, known + horizon)});
    const std::size_t season =
        forecast.seasons.empty() ? 1 : static_cast<std::size_t>(forecast.seasons.front());
    const std::optional<double> scale = usual_step(past.values, season);
    const double naive = last_before(past.values, known, 1);
    for (std::size_t i = 0; i < horizon; ++i) {
      const double value = y[known + i];
      if (!std::isfinite(value)) continue;
      const double seasonal = last_before(past.values, known + i, season);
      all.add(value, forecast.days.at(i), naive, seasonal, scale);
      for (std::size_t span = 0; span < kSpans.size(); ++span) {
        const int step = static_cast<int>(i) + 1;
        if (kSpans[span].first <= step && step <= kSpans[span].second)
          sums[span].add(value, forecast.days[i], naive, seasonal, scale);
      }
    }
    ++result.origins;
    result.first_origin = input.days[known - 1];
    if (!result.last_origin) {
      result.last_origin = input.days[known - 1];
      result.model_version = forecast.model_version;
    }
  }
  for (std::size_t span = 0; span < kSpans.size(); ++span) {
    if (sums[span].days() > 0)
      result.spans.push_back(
          sums[span].score(kSpans[span].first, std::min(kSpans[span].second, options.horizon)));
  }
  result.all = all.score(1, options.horizon);
  return result;
}

void store_scores(kernel::Transaction& tx, const std::string& series, Date as_of,
                  const Evaluation& evaluation) {
  tx.query("DELETE FROM forecast.scores WHERE series = $1 AND kind = 'backtest' AND as_of = $2::date",
           kernel::sql_values(series, as_of));
  const auto text = [](const std::optional<double>& value) {
    return value ? kernel::SqlValue(number_text(*value)) : kernel::SqlValue();
  };
  for (const SpanScore& score : evaluation.spans) {
    tx.query(
        "INSERT INTO forecast.scores (series, kind, as_of, first_step, last_step, days, mase, naive_mase, seasonal_mase, "
        "smape, covered95, covered80, model_version, scored_at) VALUES ($1, 'backtest', $2::date, $3::integer, $4::integer, "
        "$5::integer, $6::double precision, $7::double precision, $8::double precision, $9::double precision, $10::double "
        "precision, $11::double precision, $12, clock_timestamp())",
        kernel::sql_values(series, as_of, score.first_step, score.last_step, score.days, text(score.mase),
                           text(score.naive_mase), text(score.seasonal_mase), text(score.smape),
                           text(score.covered95), text(score.covered80), evaluation.model_version));
  }
}

}  // namespace am::forecast
