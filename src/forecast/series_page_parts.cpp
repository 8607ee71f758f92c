#include <fmt/format.h>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/percent.hpp"
#include "am/forecast/numbers.hpp"
#include "am/forecast/series_page.hpp"

namespace am::forecast {

namespace {

std::string as_of_cell(const SeriesDay& day) { return cell(day.as_of ? day.as_of->to_string() : ""); }

/// "within", "above": in words, since a colour alone says nothing.
std::string place_cell(const std::optional<double>& value, const Bounds& bounds) {
  if (!value) return cell("not known", "t soft");
  if (*value < bounds.lo || *value > bounds.hi)
    return cell(*value < bounds.lo ? "below 95\u00a0%" : "above 95\u00a0%", "t down");
  const bool inner = bounds.lo80 <= *value && *value <= bounds.hi80;
  return cell(inner ? "within 80\u00a0%" : "within 95\u00a0%", "t");
}

std::string totals_table(const std::vector<PredictedTotal>& totals, std::string_view kind,
                         const std::string& caption) {
  std::string rows;
  for (const PredictedTotal& total : totals) {
    if (total.kind != kind) continue;
    const Bounds& b = total.bounds;
    rows += "<tr>" + row_head(date_html(total.first, total.first.to_string())) +
            cell(total.last.to_string()) + cell(figure_html(b.y_hat, 5)) + cell(range_html(b.lo80, b.hi80)) +
            cell(range_html(b.lo, b.hi)) + cell(figure_html(total.value, 5)) + cell(total.as_of.to_string()) +
            "</tr>\n";
  }
  return rows.empty()
             ? rows
             : table_html(caption, {"From", "To", "Expected", "80\u00a0%", "95\u00a0%", "Came", "As of"},
                          rows);
}

}  // namespace

std::string figure_html(double value, int digits) { return real_minus(short_text(value, digits)); }

std::string figure_html(const std::optional<double>& value, int digits) {
  return value ? figure_html(*value, digits) : std::string();
}

std::string range_html(double low, double high) { return figure_html(low) + " to " + figure_html(high); }

std::string share_html(double part) { return fmt::format("{:.0f}\u00a0%", part * 100); }

std::string bands_html(const std::vector<SeriesDay>& days) {
  if (days.empty()) return {};
  return "<figure class=\"bands\"><figcaption>What came (line), what is expected (dashed), and its bounds: 80\u00a0% dark, "
         "95\u00a0% pale.</figcaption>" +
         draw_bands("bands", days, BandSize::wide) + draw_bands("bands", days, BandSize::narrow) +
         "</figure>\n";
}

std::string coming_html(const std::vector<SeriesDay>& days, std::size_t most, const DayHead& head) {
  std::string rows;
  std::size_t count = 0;
  for (const SeriesDay& day : days_to_come(days)) {
    if (!day.bounds || ++count > most) continue;
    const Bounds& b = *day.bounds;
    rows += "<tr>" + row_head(head(day.date)) + cell(figure_html(b.y_hat)) +
            cell(range_html(b.lo80, b.hi80)) + cell(range_html(b.lo, b.hi)) + as_of_cell(day) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>Days to come</h2>" +
         table_html("Expected by day", {"Day", "Expected", "80\u00a0%", "95\u00a0%", "As of"}, rows) +
         (count > most ? "<p class=\"soft\">" + std::to_string(count - most) + " more are in the data.</p>"
                       : "") +
         "</section>\n";
}

std::string past_html(const std::vector<SeriesDay>& days, std::size_t most, const DayHead& head) {
  std::string rows;
  std::size_t count = 0;
  const std::size_t before = days.size() - days_to_come(days).size();
  for (auto day = days.rend() - static_cast<std::ptrdiff_t>(before); day != days.rend() && count < most;
       ++day) {
    if (!day->bounds) continue;
    ++count;
    const Bounds& b = *day->bounds;
    rows += "<tr>" + row_head(head(day->date)) + cell(figure_html(day->value)) + cell(figure_html(b.y_hat)) +
            cell(figure_html(day->week_before)) + cell(figure_html(day->month_before)) +
            cell(range_html(b.lo80, b.hi80)) + cell(range_html(b.lo, b.hi)) + place_cell(day->value, b) +
            as_of_cell(*day) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>What came</h2>" +
         table_html("Past forecasts against what came",
                    {"Day", "Came", "Expected", "A week before", "4 weeks before", "80\u00a0%", "95\u00a0%",
                     "<It was", "As of"},
                    rows) +
         "</section>\n";
}

std::string totals_html(const std::vector<PredictedTotal>& totals) {
  const std::string tables = totals_table(totals, "week", "Weeks") + totals_table(totals, "month", "Months");
  if (tables.empty()) return {};
  return "<section><h2>Weeks and months</h2><p class=\"soft\">Sums with bounds of their own: days that are off together "
         "do not even out.</p>" +
         tables + "</section>\n";
}

std::string scores_html(const std::vector<StoredScore>& scores) {
  std::string rows;
  for (const StoredScore& score : scores) {
    const SpanScore& s = score.span;
    rows += "<tr>" +
            row_head(std::to_string(s.first_step) + " to " + std::to_string(s.last_step) + " days ahead") +
            cell(escape_html(score.kind), "t") + cell(score.as_of.to_string()) +
            cell(std::to_string(s.days)) + cell(figure_html(s.mase, 3)) + cell(figure_html(s.naive_mase, 3)) +
            cell(figure_html(s.seasonal_mase, 3)) + cell(figure_html(s.smape, 3)) +
            cell(share_html(s.covered95)) + cell(share_html(s.covered80)) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>How good</h2>" +
         table_html("Past forecasts held against what came",
                    {"Ahead", "<Kind", "As of", "Days", "MASE", "Last value\u2019s", "Last season\u2019s",
                     "sMAPE, %", "95\u00a0% covered", "80\u00a0% covered"},
                    rows) +
         "</section>\n";
}

}  // namespace am::forecast
