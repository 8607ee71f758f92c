#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "report_section.hpp"

namespace am::picks {

namespace {

using Lines = std::vector<const BatchLine*>;

std::string anchor_of(const BatchLine& line, const std::string& id) {
  return id + "-" + line.batch.run_date.to_string();
}

std::string names_of(const BatchLine& line) {
  std::string names;
  for (const PickLine& pick : line.picks) {
    names += (names.empty() ? "" : ", ") +
             std::string(pick.stored.pick.action == Action::sell ? kMinus : "") +
             escape_html(pick.stored.pick.ticker);
  }
  return names;
}

std::string state_of(const BatchLine& line) {
  std::string state = line.latest
                          ? "day " + std::to_string(line.latest_day()) + ", " + line.latest->to_string()
                          : "no day yet";
  if (line.batch.status != "completed") state += ", " + escape_html(line.batch.status);
  return state;
}

std::string compact_row(const BatchLine& line, const std::string& id, const ReportLinks& links) {
  const std::string date = line.batch.run_date.to_string();
  const std::string name =
      links.batches.empty()
          ? "<span id=\"" + anchor_of(line, id) + "\">" + date + "</span>"
          : "<a href=\"" + escape_html(batch_address(line, id, links)) + "\">" + date + "</a>";
  return "<tr>" + row_head(name) + cell(names_of(line), "t") + cell(state_of(line), "t") +
         cell(pretty_percent(line.mean_return_pct)) + cell(pretty_percent(line.mean_benchmark_pct)) +
         figure_cell(line.mean_excess_pct) + "</tr>";
}

std::string compact_table(const std::string& caption, const Lines& newest_first, const std::string& id,
                          const ReportLinks& links) {
  std::string rows;
  for (const BatchLine* line : newest_first) rows += compact_row(*line, id, links);
  return table_html(caption, {"Run date", "<Picks", "<Until", "Earned", "Benchmark, same side", "Excess"},
                    rows);
}

/// One batch with its prices and reasons.
std::string details(const BatchLine& line, const std::string& id) {
  std::string rows;
  std::string reasons;
  for (const PickLine& pick : line.picks) {
    const std::string ticker = escape_html(pick.stored.pick.ticker);
    const std::string action(action_name(pick.stored.pick.action));
    rows += "<tr>" + row_head(ticker) + cell(action, "t") + cell(price_text(pick.stored.initial_price)) +
            cell(price_text(pick.price)) + cell(pretty_percent(pick.return_pct)) +
            cell(pretty_percent(pick.directional_return_pct)) +
            cell(pretty_percent(pick.directional_benchmark_pct)) + figure_cell(pick.directional_excess_pct) +
            "</tr>";
    reasons += "<p><b>" + action + " " + ticker + ".</b> " + escape_html(pick.stored.pick.reasoning) + "</p>";
  }
  rows += "<tr>" + row_head(escape_html(line.batch.benchmark_symbol)) + cell("benchmark", "t") +
          cell(price_text(line.batch.benchmark_initial_price)) + cell(price_text(line.benchmark_price)) +
          cell(pretty_percent(line.benchmark_return_pct)) + cell("") + cell("") + cell("") + "</tr>";
  const std::string date = line.batch.run_date.to_string();
  std::string state = state_of(line) + "; " + std::to_string(line.computed) + " computed, " +
                      std::to_string(line.skipped) + " skipped";
  if (line.unreadable > 0) state += ", " + std::to_string(line.unreadable) + " unreadable";
  return "<details id=\"" + anchor_of(line, id) + "\"><summary><b>" + date + "</b><span>" + names_of(line) +
         "</span><span class=\"end " + std::string(tone_of(line.mean_excess_pct)) + "\">" +
         pretty_percent(line.mean_excess_pct) + "</span></summary><div class=\"why\"><p class=\"soft\">" +
         state + "</p>" +
         table_html(
             "Batch of " + date + ", baseline " + line.baseline.to_string(),
             {"Symbol", "<Action", "Initial", "Latest", "Return", "Earned", "Benchmark, same side", "Excess"},
             rows) +
         reasons + "</div></details>\n";
}

std::string year_of(const BatchLine& line) { return line.batch.run_date.to_string().substr(0, 4); }

std::string folded_years(const Lines& older, const std::string& id, const ReportLinks& links) {
  std::string out;
  for (auto at = older.begin(); at != older.end();) {
    const std::string year = year_of(**at);
    const auto end =
        std::find_if(at, older.end(), [&](const BatchLine* line) { return year_of(*line) != year; });
    const Lines of_year(at, end);
    out += "<details><summary><b>" + year + "</b><span>" +
           count_text(static_cast<long long>(of_year.size()), "batch", "batches") + "</span></summary>" +
           compact_table("Batches of " + year, of_year, id, links) + "</details>\n";
    at = end;
  }
  return out;
}

}  // namespace

std::string batch_address(const BatchLine& line, const std::string& id, const ReportLinks& links) {
  return links.batches.empty() ? "#" + anchor_of(line, id)
                               : links.batches + "/" + line.batch.run_date.to_string();
}

std::string batch_list(const Lines& batches, const std::string& id, const ReportLinks& links) {
  const Lines newest_first(batches.rbegin(), batches.rend());
  const auto open = static_cast<std::ptrdiff_t>(std::min(newest_first.size(), kTableBatches));
  const Lines newest(newest_first.begin(), newest_first.begin() + open);
  const Lines older(newest_first.begin() + open, newest_first.end());
  std::string out =
      "<h3>Batches</h3><p class=\"soft\">Newest first; \u2212 before a name marks a SELL. Earned minus the benchmark, same "
      "side, is the excess" +
      std::string(older.empty() ? "" : "; older ones are folded by year") + ".</p>\n";
  if (links.batches.empty()) {
    for (const BatchLine* line : newest) out += details(*line, id);
  } else {
    out += compact_table("The newest batches", newest, id, links);
  }
  return out + folded_years(older, id, links);
}

}  // namespace am::picks
