#include <algorithm>

#include <fmt/format.h>

#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"
#include "documents.hpp"
#include "page_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

using picks::BatchLine;

constexpr int kPerPage = 20;

/// How many there are, how many are newer than this page's, and the cursor of the page before.
constexpr std::string_view kPlaceSql =
    "SELECT (SELECT count(*) FROM public.batches WHERE isfinite(run_date)) AS total, (SELECT count(*) FROM public.batches WHERE "
    "run_date >= $1::date AND isfinite(run_date)) AS newer, to_char((SELECT run_date FROM public.batches WHERE run_date >= "
    "$1::date AND isfinite(run_date) ORDER BY run_date OFFSET $2::bigint LIMIT 1), 'YYYY-MM-DD') AS cursor, (SELECT "
    "string_agg(run_date::text, ' and ' ORDER BY run_date) FROM public.batches WHERE NOT isfinite(run_date)) AS dateless, "
    "to_char((SELECT min(run_date) FROM public.batches WHERE isfinite(run_date)), 'YYYY-MM-DD') AS oldest, "
    "to_char((SELECT max(run_date) FROM public.batches WHERE isfinite(run_date)), 'YYYY-MM-DD') AS newest";

std::string page_path(const std::string& cursor) { return std::string(kBatchesPage) + "?cursor=" + cursor; }

/// The excess, and a bar from the middle, as long as the page's longest is wide: it says the same once more.
std::string excess_cell(const std::optional<Decimal>& value, const Decimal& longest) {
  const double part = value && longest.is_positive() ? (value->abs() / longest).to_double() : 0;
  const std::string bar = fmt::format(
      R"(<svg class="bar" viewBox="0 0 120 14" width="120" height="14" aria-hidden="true"><line class="zero" x1="60" x2="60" y1="0" y2="14"/><rect class="{}" x="{:.1f}" y="2" width="{:.1f}" height="10"/></svg>)",
      tone_of(value), value && value->is_negative() ? 60 - part * 58 : 60.0, part * 58);
  return cell(bar + pretty_percent(value), tone_of(value));
}

/// "completed"; for others the day as well.
std::string status_of(const BatchLine& line) {
  std::string text = escape_html(line.batch.status);
  if (line.batch.status != "completed" && line.latest) text += ", day " + std::to_string(line.latest_day());
  return text;
}

std::string picker_of(const BatchLine& line) {
  return picks::picker_text(line.batch.picker, line.batch.model);
}

struct Columns {
  Decimal longest;      ///< bar
  bool picker = false;  ///< only where they differ
};

std::string row(const BatchLine& line, const Columns& columns) {
  std::string names;
  for (const picks::PickLine& pick : line.picks) {
    names += (names.empty() ? "" : ", ") +
             std::string(pick.stored.pick.action == picks::Action::sell ? kMinus : "") +
             escape_html(pick.stored.pick.ticker);
  }
  const Date date = line.batch.run_date;
  return "<tr>" + row_head(link_html(batch_path(date), date_html(date, date.to_string()))) +
         excess_cell(line.mean_excess_pct, columns.longest) + cell(pretty_percent(line.mean_return_pct)) +
         cell(pretty_percent(line.mean_benchmark_pct)) + cell(names, "t") + cell(status_of(line), "t") +
         (columns.picker ? cell(escape_html(picker_of(line)), "t soft") : "") + "</tr>";
}

std::string table(const std::vector<BatchLine>& lines) {
  Columns columns;
  for (const BatchLine& line : lines) {
    if (line.mean_excess_pct) columns.longest = std::max(columns.longest, line.mean_excess_pct->abs());
    columns.picker = columns.picker || picker_of(line) != picker_of(lines.front());
  }
  std::string rows;
  for (const BatchLine& line : lines) rows += row(line, columns);
  std::vector<std::string> heads{"Run date", "Excess", "Earned", "Benchmark, same\u00a0side",
                                 "<Picks",   "<Status"};
  if (columns.picker) heads.emplace_back("<Picker");
  const std::string by =
      columns.picker ? "" : "All picked by " + escape_html(picker_of(lines.front())) + ". ";
  return table_html("Batches by run date", heads, rows) + "<p class=\"soft\">" + by +
         "Excess is what following the picks earned, minus what the same trades in the benchmark earned, on the latest "
         "computed day. \u2212 before a name marks a SELL.</p>\n";
}

struct Place {
  long long total = 0;
  long long newer = 0;
  std::optional<std::string> cursor;    ///< of the page before
  std::optional<std::string> dateless;  ///< what stands for the run date of those that have none
  std::optional<std::string> oldest;    ///< run dates
  std::optional<std::string> newest;
};

std::string turn(const std::vector<BatchLine>& lines, const Place& place) {
  std::string out;
  const long long last = place.newer + static_cast<long long>(lines.size());
  if (place.newer > 0) {
    out += link_html(kBatchesPage, "← Newest");
    if (place.newer > kPerPage) {
      out += link_html(place.cursor ? page_path(*place.cursor) : std::string(kBatchesPage), "← Newer",
                       " rel=\"prev\"");
    }
  }
  if (last < place.total && !lines.empty()) {
    out += link_html(page_path(lines.back().batch.run_date.to_string()), "Older →", " rel=\"next\"");
  }
  return out.empty() ? out : "<nav class=\"turn\" aria-label=\"More batches\">" + out + "</nav>\n";
}

std::string subtitle(const std::vector<BatchLine>& lines, const Place& place,
                     const std::optional<Date>& cursor) {
  if (place.total == 0)
    return "None yet; the " + link_html(kLatestPage, "page of the latest") + " says how they come to be.";
  if (lines.empty()) return "None before " + cursor->to_string() + ".";
  const long long first = place.newer + 1;
  return std::to_string(first) + " to " + std::to_string(place.newer + static_cast<long long>(lines.size())) +
         " of " + std::to_string(place.total) + ", newest first.";
}

/// A form that only reads; the list then begins with the week of that day.
std::string jump(const Place& place, const std::optional<Date>& to) {
  if (place.total == 0) return {};
  return "<form class=\"jump\" action=\"" + std::string(kBatchesPage) +
         "\" method=\"get\"><label for=\"to\">Jump to a date</label><input type=\"date\" id=\"to\" name=\"to\"" +
         (place.oldest ? " min=\"" + *place.oldest + "\"" : "") +
         (to ? " value=\"" + to->to_string() + "\"" : "") + "><button type=\"submit\">Go</button></form>\n";
}

std::string data_links(const Place& place) {
  if (place.total == 0) return {};
  return "<p class=\"soft data\">As data: " +
         link_html(kCsvPath, "all picks as CSV", " download=\"picks.csv\"") + ", " +
         link_html("/batches", "the batches as JSON") + ", " + link_html(kFeedPath, "the newest as a feed") +
         ".</p>\n";
}

/// The batches before this day: what the address says, in one of two ways.
std::optional<Date> cursor_of(const Args& args) {
  if (const auto cursor = maybe_arg(args, "cursor")) return Date::of(*cursor);
  const auto to = maybe_arg(args, "to");
  // Up to that day, itself included; there is no day after the last one.
  return to ? std::optional(std::min(Date::of(*to), Date(9999, 12, 30)) + 1) : std::nullopt;
}

}  // namespace

Document page_batches(const Args& args, const Source& source) {
  const std::optional<Date> cursor = cursor_of(args);
  const auto given = maybe_arg(args, "to");
  const std::optional<Date> to = given ? std::optional(Date::of(*given)) : std::nullopt;
  std::optional<DateRange> before;
  // No batch is that old, and a date has to stay within the years that there are.
  if (cursor) before = DateRange{Date(1, 1, 1), std::max(*cursor, Date(1, 1, 2)) - 1};
  std::vector<kernel::Statement> statements = picks::history_statements(before, kPerPage);
  statements.push_back({std::string(kPlaceSql), kernel::sql_values(cursor, kPerPage)});
  const std::vector<kernel::Rows> results = source.reader.read(statements);
  std::vector<BatchLine> lines;
  std::size_t left_out = 0;
  for (const picks::BatchHistory& history : picks::histories_of(results)) {
    lines.push_back(picks::batch_line(history));
    left_out += history.doubts.size();
  }
  std::ranges::reverse(lines);
  const kernel::Row at = results.back().only();
  const Place place{at.integer("total"),       at.integer("newer"),     at.maybe_text("cursor"),
                    at.maybe_text("dateless"), at.maybe_text("oldest"), at.maybe_text("newest")};

  PageFrame frame;
  frame.title = to       ? "Batches up to " + to->to_string()
                : cursor ? "Batches before " + cursor->to_string()
                         : "Batches";
  frame.description = "Every batch with what its picks earned and what the benchmark did.";
  frame.here = kBatchesPage;
  frame.within = cursor.has_value();
  frame.head_html = (place.newest ? missing_notice(Date::of(*place.newest), source.now) : "") +
                    "<h1>Batches</h1><p class=\"soft\">" + subtitle(lines, place, cursor) + "</p>" +
                    jump(place, to);
  frame.main_html = (lines.empty() ? "" : table(lines)) + turn(lines, place) + data_links(place);
  frame.notes_html = left_out_html(left_out) + std::string(words_html());
  if (place.dateless) {
    frame.notes_html += "<p>Not listed: what another program stored under the run date " +
                        escape_html(*place.dateless) + "; " + link_html("/batches", "the API") +
                        " has it.</p>";
  }
  return page_document(frame, source.router);
}

}  // namespace am::web
