#include "page_forecast.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "band_chart.hpp"
#include "documents.hpp"
#include "forecast_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Of what was predicted and came; of what is to come.
constexpr std::size_t kPastRows = 28;
constexpr std::size_t kComingRows = 60;

std::string day_link(const std::string& name, Date date) {
  return link_html(series_path(name) + "?day=" + date.to_string() + "#why",
                   date_html(date, weekday_date(date) + " " + std::to_string(date.year())));
}

/// The first day that is predicted and has not come.
const SeriesDay* next_day(const std::vector<SeriesDay>& days) {
  const auto found =
      std::ranges::find_if(days, [](const SeriesDay& day) { return day.bounds && !day.value; });
  return found == days.end() ? nullptr : &*found;
}

std::string series_answer(const SeriesLine& line, const SeriesDay* next) {
  if (next == nullptr) {
    return line.observations == "0" ? "Nothing is known of this series yet."
                                    : "Nothing is expected of the days to come: no forecast was asked for.";
  }
  return "On " + long_date(next->date) + " expected: " + figure_html(next->bounds->y_hat) +
         (line.unit ? " " + escape_html(*line.unit) : "") + "; in 95 of 100 cases " +
         range_html(next->bounds->lo, next->bounds->hi) + ".";
}

std::string chart_figure(const std::vector<SeriesDay>& days) {
  if (days.empty()) return {};
  return "<figure class=\"bands\"><figcaption>What came (line), what is expected (dashed), and its bounds: 80\u00a0% dark, "
         "95\u00a0% pale.</figcaption>" +
         draw_bands("bands", days, BandSize::wide) + draw_bands("bands", days, BandSize::narrow) +
         "</figure>\n";
}

std::string coming_table(const std::string& name, const std::vector<SeriesDay>& days) {
  std::string rows;
  std::size_t count = 0;
  std::size_t more = 0;
  for (const SeriesDay& day : days) {
    if (!day.bounds || day.value) continue;
    if (++count > kComingRows) {
      ++more;
      continue;
    }
    const forecast::Bounds& b = *day.bounds;
    rows += "<tr>" + row_head(day_link(name, day.date)) + cell(figure_html(b.y_hat)) +
            cell(range_html(b.lo80, b.hi80)) + cell(range_html(b.lo, b.hi)) + cell(day.as_of) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>Days to come</h2>" +
         table_html("Expected by day", {"Day", "Expected", "80\u00a0%", "95\u00a0%", "As of"}, rows) +
         (more > 0 ? "<p class=\"soft\">" + std::to_string(more) + " more are in the data.</p>" : "") +
         "</section>\n";
}

/// "within", "above": in words, since a colour alone says nothing.
std::string place_of(double value, const forecast::Bounds& bounds) {
  if (value < bounds.lo || value > bounds.hi)
    return cell(value < bounds.lo ? "below 95\u00a0%" : "above 95\u00a0%", "t down");
  const bool inner = bounds.lo80 <= value && value <= bounds.hi80;
  return cell(inner ? "within 80\u00a0%" : "within 95\u00a0%", "t");
}

/// The newest first.
std::string past_table(const std::string& name, const std::vector<SeriesDay>& days) {
  std::string rows;
  std::size_t count = 0;
  for (auto day = days.rbegin(); day != days.rend() && count < kPastRows; ++day) {
    if (!day->bounds || !day->value) continue;
    ++count;
    const forecast::Bounds& b = *day->bounds;
    rows += "<tr>" + row_head(day_link(name, day->date)) + cell(figure_html(*day->value)) +
            cell(figure_html(b.y_hat)) + cell(range_html(b.lo, b.hi)) + place_of(*day->value, b) +
            cell(day->as_of) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>What came</h2>" +
         table_html("Past forecasts against what came",
                    {"Day", "Came", "Expected", "95\u00a0%", "<It was", "As of"}, rows) +
         "</section>\n";
}

std::string about_series(const SeriesLine& line) {
  std::string text = "Days: " + escape_html(line.calendar) + ", in " + escape_html(line.zone);
  if (line.holidays) text += "; holidays: " + escape_html(*line.holidays);
  if (line.first && line.last)
    text += "; " + line.observations + " known, " + *line.first + " to " + *line.last;
  return text + (line.nightly ? "; forecast every night." : ".");
}

}  // namespace

Document page_forecast(const Args& args, const Source& source) {
  const std::string& name = args.at("series");
  const std::optional<std::string> day = maybe_arg(args, "day");
  std::vector<kernel::Statement> statements{one_series(name), series_days(name), series_totals(name),
                                            series_scores(name)};
  const std::size_t why = statements.size();
  for (kernel::Statement& statement : why_statements(name, day)) statements.push_back(std::move(statement));
  const std::vector<kernel::Rows> results = source.reader.read(statements);
  const std::vector<SeriesLine> found = series_lines(results.at(0));
  if (found.empty()) throw Error(ErrorKind::no_input, "series " + name + ": not found");
  const SeriesLine& line = found.front();
  const std::vector<SeriesDay> days = series_days_of(results.at(1));

  PageFrame frame;
  frame.title = name;
  frame.description = "What is expected of " + name + ", with bounds, and how good that was before.";
  frame.here = kForecastsPage;
  frame.within = true;
  frame.head_html = "<h1>" + escape_html(name) + "</h1><p class=\"soft\">" + about_series(line) + "</p>";
  frame.main_html = "<p class=\"answer\">" + series_answer(line, next_day(days)) + "</p>\n" +
                    chart_figure(days) + (day ? why_html(name, day, results, why) : "") +
                    coming_table(name, days) + totals_html(results.at(2)) + past_table(name, days) +
                    scores_html(results.at(3)) + (day ? "" : why_html(name, day, results, why)) +
                    "<p class=\"soft data\">As data: " +
                    link_html("/forecast/predictions?series=" + name, "its predictions as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
