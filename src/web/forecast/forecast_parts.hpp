#pragma once
// What the pages of the forecast desk share. Private.

#include <optional>
#include <string>

#include "am/forecast/forecast.hpp"

namespace am::web {

/// A series' page. series: a name, as ParamKind::name has it, so it needs no encoding.
std::string series_path(const std::string& series);
/// For people: about four digits, the sign a real minus; HTML and text alike.
std::string figure_html(double value, int digits = 4);
/// Empty for none.
std::string figure_html(const std::optional<double>& value, int digits = 4);
/// "12.3 to 15.0".
std::string range_html(double low, double high);
/// "95 %", of a part of 1.
std::string share_html(double part);

}  // namespace am::web
