#pragma once
// A series by day as inline SVG: what came as a line, what was predicted as a dashed one, its bounds at 95 and 80 % as two
// bands. Drawn without a script, coloured by band_style(); the same is said by a description and by the page's tables.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/forecast/forecast.hpp"

namespace am::forecast {

/// A day of a series: what came, what was predicted, or both.
struct SeriesDay {
  Date date;
  std::optional<double> value{};
  std::optional<Bounds> bounds{};
  std::optional<Date> as_of{};  ///< of the bounds
  /// What was expected of a day that came, by those who looked no further than 7, than 28 days before it.
  std::optional<double> week_before{}, month_before{};
};

/// Two drawings of the same: the style sheet shows the one that fits the window.
enum class BandSize { wide, narrow };

/// days:    ascending; a day without bounds ends a band, one without a value the line where it has bounds.
/// Shape:   an <svg role="img"> with title and description, ids beginning with id; empty where there is no day.
/// Threads: pure.
std::string draw_bands(const std::string& id, const std::vector<SeriesDay>& days, BandSize size);

/// "What came from 2016-05-01 to 2016-08-08, the last 100; expected to 2016-09-05: 128, 95 % within 118 to 138." Text.
std::string bands_summary(const std::vector<SeriesDay>& days);

/// A row of figures as a small line, what is predicted behind what came; decoration, what it shows is said beside it.
std::string draw_spark(const std::vector<double>& past, const std::vector<double>& ahead);

/// What colours them; comes after am::page_style().
std::string_view band_style();

}  // namespace am::forecast
