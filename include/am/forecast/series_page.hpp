#pragma once
// One series as HTML: what is expected of it as a drawing with bands, by day, by week and month, what came of earlier
// forecasts, and how good they were. `am forecast show -o html` makes one file of it; the pages of the server put the same
// parts into a frame of their own. Figures are rounded as in the command's table.
//
// Threads: pure.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "am/forecast/band_chart.hpp"
#include "am/forecast/evaluate.hpp"
#include "am/forecast/import.hpp"
#include "am/forecast/predictions.hpp"

namespace am::forecast {

/// What is known of a series and what is predicted of it; all ascending by day.
struct SeriesSheet {
  std::string name;
  std::optional<std::string> unit{};
  std::optional<Date> as_of{};       ///< as it was predicted then; empty: as it is now
  std::optional<Date> drawn_from{};  ///< what the drawing begins with; empty: all days
  std::vector<SeriesDay> days{};
  std::vector<PredictedTotal> totals{};
  std::vector<StoredScore> scores{};
};

/// Days of either, or of both. earlier: in any order.
std::vector<SeriesDay> days_of(const std::vector<Observed>& known, const std::vector<Prediction>& predicted);
void add_earlier(std::vector<SeriesDay>& days, const std::vector<EarlierForecast>& earlier);

/// Those after the newest that came: one before it without a value has no more to come.
std::span<const SeriesDay> days_to_come(const std::vector<SeriesDay>& days);

/// One self-contained page: inline SVG, no script, nothing loaded; every value escaped.
std::string render_html(const SeriesSheet& sheet);

/// How a row of a day begins: its date, or a link to more of it.
using DayHead = std::function<std::string(Date)>;

/// The next day that is predicted, in a sentence; else why there is none.
std::string answer_html(const SeriesSheet& sheet);
/// This and what follows: empty where there is nothing to show.
std::string bands_html(const std::vector<SeriesDay>& days);
/// Those to come, the first `most` of them; and those before, the newest first.
std::string coming_html(const std::vector<SeriesDay>& days, std::size_t most, const DayHead& head);
std::string past_html(const std::vector<SeriesDay>& days, std::size_t most, const DayHead& head);
std::string totals_html(const std::vector<PredictedTotal>& totals);
std::string scores_html(const std::vector<StoredScore>& scores);

/// For people: about four digits, the sign a real minus; HTML and text alike.
std::string figure_html(double value, int digits = 4);
/// Empty for none.
std::string figure_html(const std::optional<double>& value, int digits = 4);
/// "12.3 to 15.0".
std::string range_html(double low, double high);
/// "95 %", of a part of 1.
std::string share_html(double part);

}  // namespace am::forecast
