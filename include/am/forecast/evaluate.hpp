#pragma once
// How good forecasts of a series are: it is forecast from days of its own past, each time knowing nothing later, and
// compared with what came, and with two forecasts that need no model: the last value, and that of a season ago.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/forecast/jobs.hpp"

namespace am::forecast {

/// Of the days that lie so many existing days ahead.
struct SpanScore {
  int first_step = 1, last_step = 7;
  int days = 0;  ///< that were compared
  /// Mean absolute error in units of the usual step: of one season, before the origin. Empty: there was no such step.
  std::optional<double> mase{}, naive_mase{}, seasonal_mase{};
  std::optional<double> smape{};        ///< percent, 0 to 200; empty: all was zero
  double covered95 = 0, covered80 = 0;  ///< parts of 1: how often what came lay within the bounds
};

struct Evaluation {
  std::vector<SpanScore> spans;  ///< of 1 to 7, 8 to 28 and later steps those that have days
  SpanScore all;                 ///< over all steps
  int origins = 0;
  std::optional<Date> first_origin{}, last_origin{};  ///< the last days that were known
  std::string model_version;                          ///< of the last origin
};

struct EvaluationOptions {
  int origins = 12;  ///< at most, one horizon apart, so that each day is forecast once
  int horizon = 28;  ///< existing days
};

/// input: all that is known; its days are not empty.
/// between: called before each origin; may throw.
/// Errors:  what forecaster and between throw.
Evaluation evaluate(const SeriesInput& input, const EvaluationOptions& options, const Forecaster& forecaster,
                    const std::function<void()>& between);

enum class ScoreKind {
  live,      ///< of what was stored at that as_of
  backtest,  ///< of past origins up to that as_of
};
std::string_view score_kind_name(ScoreKind kind);

/// Replaces what was stored of that series, kind and moment; no spans: there is none any more.
void store_scores(kernel::Sql& sql, const std::string& series, ScoreKind kind, Date as_of,
                  const std::vector<SpanScore>& spans, const std::string& model_version);

/// What is stored of a series: the newest of either kind, by how far ahead they looked.
struct StoredScore {
  std::string kind;  ///< live: of what was stored; backtest: of past origins
  Date as_of;
  SpanScore span;
};
kernel::Statement ask_scores(const std::string& series);
std::vector<StoredScore> make_scores(const kernel::Rows& result);

}  // namespace am::forecast
