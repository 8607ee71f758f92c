#include "am/forecast/evaluate.hpp"

#include <cmath>

#include "accuracy.hpp"
#include "am/forecast/numbers.hpp"

namespace am::forecast {

namespace {

/// Less past than this says nothing.
constexpr std::size_t kLeastPast = 8;

std::vector<Date> slice(const std::vector<Date>& days, std::size_t first, std::size_t last) {
  return {days.begin() + static_cast<std::ptrdiff_t>(first),
          days.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace

Evaluation evaluate(const SeriesInput& input, const EvaluationOptions& options, const Forecaster& forecaster,
                    const std::function<void()>& between) {
  const auto horizon = static_cast<std::size_t>(options.horizon);
  const std::vector<double>& y = input.values;
  std::array<AccuracySums, kSpans.size()> sums;
  AccuracySums all;
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
    const Yardstick yardstick(past.values, season);
    for (std::size_t i = 0; i < horizon; ++i) {
      const double value = y[known + i];
      if (!std::isfinite(value)) continue;
      const double seasonal = seasonal_naive(past.values, i + 1, season);
      all.add(value, forecast.days.at(i), seasonal, yardstick);
      sums.at(span_of_step(static_cast<int>(i) + 1)).add(value, forecast.days[i], seasonal, yardstick);
    }
    ++result.origins;
    result.first_origin = input.days[known - 1];
    if (!result.last_origin) {
      result.last_origin = input.days[known - 1];
      result.model_version = forecast.model_version;
    }
  }
  result.spans = span_scores(sums, options.horizon);
  result.all = all.score(1, options.horizon);
  return result;
}

std::string_view score_kind_name(ScoreKind kind) {
  switch (kind) {
    case ScoreKind::live:
      return "live";
    case ScoreKind::backtest:
      return "backtest";
  }
  return "backtest";
}

void store_scores(kernel::Sql& sql, const std::string& series, ScoreKind kind, Date as_of,
                  const std::vector<SpanScore>& spans, const std::string& model_version) {
  sql.query("DELETE FROM forecast.scores WHERE series = $1 AND kind = $2 AND as_of = $3::date",
            kernel::sql_values(series, score_kind_name(kind), as_of));
  const auto text = [](const std::optional<double>& value) {
    return value ? kernel::SqlValue(number_text(*value)) : kernel::SqlValue();
  };
  for (const SpanScore& score : spans) {
    sql.query(
        "INSERT INTO forecast.scores (series, kind, as_of, first_step, last_step, days, mase, naive_mase, seasonal_mase, "
        "smape, covered95, covered80, model_version, scored_at) VALUES ($1, $2, $3::date, $4::integer, $5::integer, "
        "$6::integer, $7::double precision, $8::double precision, $9::double precision, $10::double precision, $11::double "
        "precision, $12::double precision, $13, clock_timestamp())",
        kernel::sql_values(series, score_kind_name(kind), as_of, score.first_step, score.last_step,
                           score.days, text(score.mase), text(score.naive_mase), text(score.seasonal_mase),
                           text(score.smape), text(score.covered95), text(score.covered80), model_version));
  }
}

}  // namespace am::forecast
