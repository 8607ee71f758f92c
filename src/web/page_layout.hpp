#pragma once
// The frame that every page has (navigation, landmarks, footer), and how the pages write links, tables, dates and
// times. Knows nothing of batches. Private.
//
// Text and HTML are both std::string: a parameter named `text` or `caption` is escaped here, one named `html` is not
// and has to be so already.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "route.hpp"

namespace am::web {

struct PageFrame {
  std::string title;      ///< text, of the window
  std::string_view here;  ///< the navigation's entry: "/", "/pages/batches", …; empty: none
  bool within = false;    ///< a page below that entry, not the entry itself
  std::string head_html;  ///< <h1> and a line
  std::string main_html;
  std::string notes_html;  ///< in the footer
};

/// The whole page. The style sheet's address carries a hash of it.
Document page_document(const PageFrame& frame, int status = 200);

/// What /style.css answers.
const std::string& style_text();

/// A batch's page.
std::string batch_path(Date run_date);

std::string link_html(std::string_view path, const std::string& html, std::string_view attributes = "");
/// <td>, with a class if there is one.
std::string cell(const std::string& html, std::string_view kind = "");
/// A percentage in a <td>, with its tone.
std::string figure_cell(const std::optional<Decimal>& value);
std::string row_head(const std::string& html);
/// A table that scrolls within itself. A column that starts with '<' is left-aligned; `columns` are HTML.
std::string table_html(const std::string& caption, const std::vector<std::string>& columns,
                       const std::string& rows_html);
/// One figure of a <dl> of tiles.
std::string tile_html(const std::string& name_html, const std::string& value_html,
                      const std::string& note_html, std::string_view kind = "");

/// "Monday, 26 January 2026", "Mon 26 Jan", "26 Jan".
std::string long_date(Date date);
std::string weekday_date(Date date);
std::string day_month(Date date);
/// <time>: any of the above as text, the date for machines.
std::string date_html(Date date, const std::string& text);
/// <time>: New York time with its zone, UTC for machines.
std::string time_html(Instant at);
/// "2 days 3 h", "3 h 12 min", "under a minute"; the sign is the caller's to say.
std::string duration_text(std::chrono::microseconds span);
/// "+1.2", "−12", "+1234": a percentage where there is no room.
std::string short_percent(const Decimal& value);
/// For the footer: that so many stored figures are left out; empty for none.
std::string left_out_html(std::size_t count);
/// Why the exchange is closed on that day; empty on a session, and where the calendar ends.
std::optional<std::string_view> closed_reason(Date date);

}  // namespace am::web
