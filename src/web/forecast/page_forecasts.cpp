#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/forecast/series_page.hpp"
#include "documents.hpp"
#include "series_reads.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

using forecast::figure_html;
using forecast::share_html;

constexpr int kSeriesPerPage = 50;

/// How good it was: its error, that of the better of the two naive ones, what its bounds covered.
std::string accuracy_cells(const SeriesLine& line) {
  if (!line.accuracy) return cell("") + cell("") + cell("") + cell("") + cell("not scored yet", "t soft");
  const SeriesAccuracy& a = *line.accuracy;
  std::optional<double> naive = a.naive_mase;
  if (a.seasonal_mase) naive = naive ? std::min(*naive, *a.seasonal_mase) : *a.seasonal_mase;
  const bool worse = a.mase && naive && *a.mase > *naive;
  return cell(figure_html(a.mase, 3), worse ? "down" : "") + cell(figure_html(naive, 3)) +
         cell(share_html(a.covered95)) + cell(share_html(a.covered80)) +
         cell(escape_html(a.kind) + ", " + a.days + " days", "t soft");
}

std::string series_row(const SeriesLine& line) {
  const std::string value = line.past.empty()
                                ? ""
                                : figure_html(line.past.back()) +
                                      (line.unit ? "<small>" + escape_html(*line.unit) + "</small>" : "");
  return "<tr>" +
         row_head(link_html(series_path(line.name), escape_html(line.name)) +
                  (line.drifts_since ? "<small class=\"down\">drifts</small>" : "")) +
         cell(forecast::draw_spark(line.past, line.ahead), "t") + cell(value) +
         cell(line.ahead.empty() ? "" : figure_html(line.ahead.front())) + accuracy_cells(line) + "</tr>\n";
}

std::string series_table(const std::vector<SeriesLine>& lines) {
  std::string rows;
  for (const SeriesLine& line : lines) rows += series_row(line);
  return table_html("Series, the worst forecasts first",
                    {"Series", "<Newest days, and expected ones", "Newest", "Expected next", "MASE",
                     "Naive\u2019s MASE", "95\u00a0% covered", "80\u00a0% covered", "<Scored"},
                    rows) +
         "<p class=\"soft\">MASE is the mean error in units of the usual step of one season; naive is the better of two "
         "forecasts that need no model. The bounds are honest where they covered about what they say.</p>\n";
}

}  // namespace

Document page_forecasts(const Args& args, const Source& source) {
  const long long page = page_of(args);
  const std::vector<kernel::Rows> results =
      source.reader.read({series_worst_first((page - 1) * kSeriesPerPage, kSeriesPerPage + 1)});
  std::vector<SeriesLine> lines = series_lines(results.at(0));
  const bool more = cut_to(lines, kSeriesPerPage);

  PageFrame frame;
  frame.title = page > 1 ? "Forecasts, page " + std::to_string(page) : "Forecasts";
  frame.description = "Every series with what is expected of it and how good its forecasts were.";
  frame.here = kForecastsPage;
  frame.within = page > 1;
  frame.head_html = "<h1>Forecasts</h1><p class=\"soft\">";
  if (!lines.empty()) {
    frame.head_html += "What is expected of each series, and how good that was before.</p>";
    frame.main_html = series_table(lines);
  } else if (page > 1) {
    frame.head_html += "No more series: " + link_html(kForecastsPage, "the first page") + ".</p>";
  } else {
    frame.head_html += "No series yet.</p>";
    frame.main_html =
        "<ol class=\"begin\"><li><code>am forecast series add NAME</code> describes one,</li><li><code>am forecast "
        "import</code> brings its days,</li><li><code>am forecast enqueue</code> and <code>am forecast work</code> forecast "
        "it.</li></ol>\n";
  }
  frame.main_html += list_turn({.path = std::string(kForecastsPage),
                                .before = "← Worse",
                                .behind = "Better →",
                                .label = "More series"},
                               page, more);
  frame.main_html +=
      "<p class=\"soft data\">As data: " + link_html("/forecast/series", "the series as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
