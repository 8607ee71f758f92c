#include "page_forecast.hpp"

#include "am/base/error.hpp"
#include "am/base/html.hpp"
#include "am/forecast/series_page.hpp"
#include "documents.hpp"
#include "series_reads.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Of what was predicted and came; of what is to come.
constexpr std::size_t kPastRows = 28;
constexpr std::size_t kComingRows = 60;

/// How long before the newest known day sums are shown.
constexpr int kPastTotals = 92;

forecast::DayHead day_link(const std::string& name) {
  return [path = series_path(name)](Date date) {
    return link_html(path + "?day=" + date.to_string() + "#why",
                     date_html(date, weekday_date(date) + " " + std::to_string(date.year())));
  };
}

std::string about_series(const SeriesLine& line) {
  std::string text = "Days: " + escape_html(line.calendar) + ", in " + escape_html(line.zone);
  if (line.holidays) text += "; holidays: " + escape_html(*line.holidays);
  if (line.first && line.last)
    text += "; " + line.observations + " known, " + *line.first + " to " + *line.last;
  return text + (line.nightly ? "; forecast every night." : ".");
}

/// Above all else: that what is shown is to be trusted less.
std::string drift_notice(const SeriesLine& line) {
  if (!line.drifts_since) return {};
  return notice_html("Drifts since " + escape_html(*line.drifts_since) +
                     (line.drift_reason == "coverage"
                          ? ": its 95\u00a0% bounds held less than 80\u00a0% of the days."
                          : ": its forecasts were worse than a naive one, and far worse than its backtest."));
}

}  // namespace

Document page_forecast(const Args& args, const Source& source) {
  const std::string& name = args.at("series");
  const std::optional<std::string> day = maybe_arg(args, "day");
  std::vector<kernel::Statement> statements{
      one_series(name), series_days(name),
      forecast::ask_earlier({.series = name}, static_cast<int>(kPastRows)),
      forecast::ask_totals({.series = name, .past_days = kPastTotals}), forecast::ask_scores(name)};
  const std::size_t why = statements.size();
  for (kernel::Statement& statement : why_statements(name, day)) statements.push_back(std::move(statement));
  const std::vector<kernel::Rows> results = source.reader.read(statements);
  const std::vector<SeriesLine> found = series_lines(results.at(0));
  if (found.empty()) throw Error(ErrorKind::no_input, "series " + name + ": not found");
  const SeriesLine& line = found.front();
  forecast::SeriesSheet sheet{.name = name,
                              .unit = line.unit,
                              .days = series_days_of(results.at(1)),
                              .totals = forecast::make_totals(results.at(3)),
                              .scores = forecast::make_scores(results.at(4))};
  forecast::add_earlier(sheet.days, forecast::make_earlier(results.at(2)));
  const forecast::DayHead head = day_link(name);
  const std::string reasons = why_html(name, day, results, why);

  PageFrame frame;
  frame.title = name;
  frame.description = "What is expected of " + name + ", with bounds, and how good that was before.";
  frame.here = kForecastsPage;
  frame.within = true;
  frame.head_html = "<h1>" + escape_html(name) + "</h1><p class=\"soft\">" + about_series(line) + "</p>";
  frame.main_html = drift_notice(line) + "<p class=\"answer\">" + forecast::answer_html(sheet) + "</p>\n" +
                    forecast::bands_html(sheet.days) + (day ? reasons : "") +
                    forecast::coming_html(sheet.days, kComingRows, head) +
                    forecast::totals_html(sheet.totals) + forecast::past_html(sheet.days, kPastRows, head) +
                    forecast::scores_html(sheet.scores) + (day ? "" : reasons) +
                    "<p class=\"soft data\">As data: " +
                    link_html("/forecast/predictions?series=" + name, "its predictions as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
