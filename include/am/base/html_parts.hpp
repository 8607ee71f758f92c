#pragma once
// The pieces that reports and pages are put together from, as am::page_style() draws them.
//
// Text and HTML are both std::string: a parameter named `caption` is escaped here, one named `html` is not and has to be
// so already.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"

namespace am {

/// <td>, with a class if there is one.
std::string cell(const std::string& html, std::string_view kind = "");
/// A percentage in a <td>, with its tone.
std::string figure_cell(const std::optional<Decimal>& value);
/// <time>: a text of it for people, the date for machines.
std::string date_html(Date date, const std::string& text);
/// <th> of a row.
std::string row_head(const std::string& html);
/// A table that scrolls within itself. A column that starts with '<' is left-aligned; `columns` are HTML.
std::string table_html(const std::string& caption, const std::vector<std::string>& columns,
                       const std::string& rows_html);
/// One figure of a <dl> of tiles.
std::string tile_html(const std::string& name_html, const std::string& value_html,
                      const std::string& note_html, std::string_view kind = "");

}  // namespace am
