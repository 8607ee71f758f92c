// The figures of one batch: the picks on their latest day, and every day.

#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "am/picks/rules.hpp"
#include "page_batch.hpp"
#include "page_parts.hpp"

namespace am::web {

using picks::BatchHistory;
using picks::BatchLine;
using picks::PickLine;

namespace {

std::string action_of(const PickLine& pick) { return std::string(action_name(pick.stored.pick.action)); }

std::string side_of(const BatchLine& line) {
  return escape_html(line.batch.benchmark_symbol) + ", same\u00a0side";
}

/// Why a day has no figures. What is stored and cannot be right is none, and no reason to call the day skipped.
std::string no_figures(const BatchHistory& history, Date date) {
  if (const auto closed = closed_reason(date)) return "skipped: " + escape_html(*closed);
  const bool doubted = std::ranges::any_of(
      history.doubts, [&](const picks::Doubt& doubt) { return !doubt.day || *doubt.day == date; });
  return doubted ? "unreadable: what is stored cannot be right" : "skipped: no close came in time";
}

std::string day_row(const BatchHistory& history, const picks::Checkpoint& day) {
  const std::size_t figures = history.batch.picks.size() + 4;
  std::string row = "<tr>" + row_head("Day " + std::to_string(day.date - history.batch.run_date + 1)) +
                    cell(date_html(day.date, weekday_date(day.date)), "t");
  if (!day.computed) {
    return row + "<td class=\"t soft\" colspan=\"" + std::to_string(figures) + "\">" +
           no_figures(history, day.date) + "</td></tr>";
  }
  const BatchLine line = picks::batch_line({history.batch, history.baseline, {day}});
  row += figure_cell(line.mean_excess_pct) + cell(pretty_percent(line.mean_return_pct)) +
         cell(pretty_percent(line.mean_benchmark_pct)) + cell(pretty_percent(day.benchmark_return_pct));
  for (const PickLine& pick : line.picks) row += cell(pretty_percent(pick.return_pct));
  return row + "</tr>";
}

}  // namespace

std::string picks_section(const BatchLine& line) {
  const std::string benchmark = escape_html(line.batch.benchmark_symbol);
  std::string rows;
  std::string reasons;
  for (const PickLine& pick : line.picks) {
    const std::string ticker = escape_html(pick.stored.pick.ticker);
    rows += "<tr>" + row_head(ticker) + cell(action_of(pick), "t") +
            figure_cell(pick.directional_excess_pct) + cell(pretty_percent(pick.directional_return_pct)) +
            cell(pretty_percent(pick.directional_benchmark_pct)) + cell(pretty_percent(pick.return_pct)) +
            cell(picks::price_text(pick.stored.initial_price)) + cell(picks::price_text(pick.price)) +
            "</tr>";
    reasons += "<div class=\"reason\"><h4>" + action_of(pick) + " " + ticker +
               "</h4><blockquote dir=\"auto\">" + escape_html(pick.stored.pick.reasoning) +
               "</blockquote></div>\n";
  }
  if (line.mean_excess_pct) {
    rows += "<tr class=\"mean\">" + row_head("Mean") + cell("") + figure_cell(line.mean_excess_pct) +
            cell(pretty_percent(line.mean_return_pct)) + cell(pretty_percent(line.mean_benchmark_pct)) +
            cell("") + cell("") + cell("") + "</tr>";
  }
  rows += "<tr class=\"benchmark\">" + row_head(benchmark) + cell("benchmark", "t") + cell("") + cell("") +
          cell("") + cell(pretty_percent(line.benchmark_return_pct)) +
          cell(picks::price_text(line.batch.benchmark_initial_price)) +
          cell(picks::price_text(line.benchmark_price)) + "</tr>";
  const std::string until = line.latest ? "Prices of " + weekday_date(*line.latest) + ", day " +
                                              std::to_string(line.latest_day()) + ", against the baseline"
                                        : "The baseline's prices; no day is computed yet";
  return "<section aria-labelledby=\"picks\"><h2 id=\"picks\">The picks</h2>" +
         table_html(until,
                    {"Symbol", "<Action", "Excess", "Earned", side_of(line), "Return", "Initial price",
                     "Latest price"},
                    rows) +
         "<h3 class=\"reasons\">Why, in the picker's words</h3>\n" + reasons + "</section>\n";
}

std::string days_section(const BatchHistory& history) {
  const std::string benchmark = escape_html(history.batch.benchmark_symbol);
  std::vector<std::string> columns{
      "Day", "<Date", "Excess", "Earned", benchmark + ", same\u00a0side", benchmark + " return"};
  for (const picks::StoredPick& stored : history.batch.picks) {
    columns.push_back((stored.pick.action == picks::Action::sell ? "SELL " : "") +
                      escape_html(stored.pick.ticker) + " return");
  }
  std::string rows = "<tr>" + row_head("Baseline") +
                     cell(date_html(history.baseline, weekday_date(history.baseline)), "t") +
                     "<td class=\"t soft\" colspan=\"" + std::to_string(columns.size() - 2) +
                     "\">the closes that every return is counted from</td></tr>";
  for (const picks::Checkpoint& day : history.days) rows += day_row(history, day);
  const std::string count = std::to_string(history.days.size()) + " of " + std::to_string(picks::kDays);
  return "<section aria-labelledby=\"by-day\"><h2 id=\"by-day\">Day by day</h2>" +
         table_html("Since the baseline: means of the picks, then each return; " + count + " days are in",
                    columns, rows) +
         "</section>\n";
}

}  // namespace am::web
