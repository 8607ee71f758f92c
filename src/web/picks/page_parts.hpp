#pragma once
// What the pages of the picks desk share. Private.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/date.hpp"
#include "am/picks/report.hpp"

namespace am::web {

/// A batch's page.
std::string batch_path(Date run_date);
/// For the footer: that so many stored figures are left out; empty for none.
std::string left_out_html(std::size_t count);
/// Why the exchange is closed on that day; empty on a session, and where the calendar ends.
std::optional<std::string_view> closed_reason(Date date);

/// "Day 9 of 14: the picks are 1.24 points ahead of the same trades in SPY." Text, not HTML; as the report counts it.
std::string answer_text(const picks::BatchHistory& history, const picks::BatchLine& line);
/// Of the 14 days the last one that is stored, computed or skipped; 0: none.
int last_day(const picks::BatchHistory& history);

/// Above a page whose newest batch is older than it should be at `now`; empty where none is missing.
std::string missing_notice(Date newest, Instant now);

/// How earned, benchmark and excess belong together, for the foot of a page.
std::string_view words_html();

}  // namespace am::web
