#include "documents.hpp"
#include "page_batch.hpp"
#include "page_parts.hpp"

namespace am::web {

namespace {

/// Nothing has been picked yet: how batches come to be.
PageFrame empty_frame() {
  PageFrame frame;
  frame.title = "No batch yet";
  frame.here = kLatestPage;
  frame.head_html = "<h1>No batch yet</h1><p class=\"soft\">The database is ready and empty.</p>";
  frame.main_html =
      "<p class=\"answer\">Every Monday at 9:00 in New York three stocks are picked; on each of the next 14 days they "
      "are measured against the benchmark.</p>\n"
      "<section aria-labelledby=\"begin\"><h2 id=\"begin\">How it begins</h2><ol class=\"begin\">"
      "<li><p><code>am run-weekly</code> asks the picker for this week's three, stores them with the closes of the "
      "session before, and the batch is here a second later.</p></li>"
      "<li><p><code>am checkpoint --due</code>, run every day, adds the days: a line in the chart for each pick and "
      "one for the benchmark.</p></li>"
      "<li><p><code>am backfill</code> makes the batches of the past, to have something to look at today.</p></li>"
      "</ol><p class=\"soft\">What is due, and when, is on the " +
      link_html("/pages/status", "status page") + ".</p></section>\n";
  return frame;
}

}  // namespace

Document page_latest(const Args& /*args*/, const Source& source) {
  const std::optional<BatchView> view = read_view(source.reader, std::nullopt);
  if (!view) return page_document(empty_frame(), source.router);
  PageFrame frame = batch_frame(*view, true);
  frame.head_html = missing_notice(view->history.batch.run_date, source.now) + frame.head_html;
  return page_document(frame, source.router);
}

}  // namespace am::web
