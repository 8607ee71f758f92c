#pragma once
// A series by day as inline SVG: what came as a line, what was predicted as a dashed one, its bounds at 95 and 80 % as two
// bands. Drawn without a script, coloured by the style sheet; the same is said by a description and by the page's tables.
// Private.

#include <string>
#include <vector>

#include "series_reads.hpp"

namespace am::web {

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

}  // namespace am::web
