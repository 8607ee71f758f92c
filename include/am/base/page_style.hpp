#pragma once
// The style sheet of whatever am draws as HTML: text, tables, tiles, figures and charts, in light and dark, on paper and
// where there is little room. The report brings it along, the pages add their own to it.

#include <string_view>

namespace am {

std::string_view page_style();

}  // namespace am
