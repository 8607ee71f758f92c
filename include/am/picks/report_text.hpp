#pragma once
// How figures and names read in a report and on a page: for people, rounded.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/picks/report.hpp"

namespace am::picks {

/// At most 4 decimals, at least 2: "1455.22", "0.1234"; "n/a" for nothing, and for 0, which stands for what is no number.
std::string price_text(const std::optional<Decimal>& value);
/// "momentum", "openai gpt-4o-mini"; "unknown" for a batch without a record of its origin.
std::string picker_text(const std::string& picker, const std::string& model);
/// The same of a group, with the model that was served if that is another one.
std::string group_text(const GroupKey& key);
/// "2000-01-10 to 2000-12-18", or the one date.
std::string range_text(Date first, Date last);
/// "49.33": a share or a percentile, without a sign; "n/a".
std::string share_text(const std::optional<Decimal>& value);
/// "-4.17 to +2.23"; "n/a".
std::string interval_text(const std::optional<Interval>& interval);
/// "50 batches", "1 batch".
std::string count_text(long long count, std::string_view one, std::string_view many);

/// For a page: real minus signs before figures, and no line break before a percent sign. Text, not HTML.
std::string pretty_text(const std::string& text);

/// A line of the figures beside a verdict: the same in the table and on the page.
struct FigureText {
  std::string label;
  std::string value;  ///< empty: the note says it all
  std::string note;
  bool within = false;  ///< says more about the line before it
};

/// "50 batches, 2000-01-10 to 2000-12-18; 50 complete, 150 picks; 51 weeks count".
std::string counts_text(const GroupLine& group);
/// All of them, with ASCII's minus. is_range: nothing decides.
std::vector<FigureText> figures_text(const GroupLine& group, bool is_range);
/// One line on who is ahead.
std::string league_text(const LeagueOfGroups& league, const std::vector<GroupLine>& groups);

/// The two sentences that stand under every verdict.
std::string_view promise_text();
std::string_view cause_text();

}  // namespace am::picks
