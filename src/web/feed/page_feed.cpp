#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "documents.hpp"
#include "feed_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

constexpr int kRunsPerPage = 30;

std::string run_row(const FeedRunLine& run) {
  const bool bad = run.status == "failed" || run.failed_workers > 0;
  const std::string took = run.finished_at ? duration_text(*run.finished_at - run.created_at) : "";
  return "<tr>" + row_head(link_html(feed_run_path(run.id), time_html(run.created_at))) +
         cell(escape_html(run.feed), "t") + cell(escape_html(run.type), "t") +
         cell(escape_html(feed_status_text(run)), bad ? "t down" : "t") +
         cell(fill_html(run.percent()) + percent_text(run.percent())) + cell(count_text(run.records)) +
         cell(count_text(run.expected_records)) + cell(escape_html(took), "t soft") + "</tr>\n";
}

std::string runs_table(const std::vector<FeedRunLine>& runs) {
  std::string rows;
  for (const FeedRunLine& run : runs) rows += run_row(run);
  return table_html(
             "Runs, the newest first",
             {"Planned", "<Feed", "<Kind", "<Status", "Progress", "Stones so far", "Expected", "<Took"},
             rows) +
         "<p class=\"soft\">Progress is of stones. What is expected is what the supplier counted at the plan, partition by "
         "partition; the inventory goes on changing meanwhile.</p>\n";
}

}  // namespace

Document page_feed(const Args& args, const Source& source) {
  const long long page = page_of(args);
  const std::vector<kernel::Rows> results =
      source.reader.read({feed_runs_newest_first(std::nullopt, (page - 1) * kRunsPerPage, kRunsPerPage + 1)});
  std::vector<FeedRunLine> runs = feed_run_lines(results.at(0));
  const bool more = cut_to(runs, kRunsPerPage);

  PageFrame frame;
  frame.title = page > 1 ? "Feed, page " + std::to_string(page) : "Feed";
  frame.description = "The runs over the supplier's inventory, and how far they are.";
  frame.here = kFeedPage;
  frame.within = page > 1;
  frame.head_html = "<h1>Feed</h1><p class=\"soft\">";
  if (!runs.empty()) {
    frame.head_html += "The supplier’s inventory, run by run.</p>";
    frame.main_html = runs_table(runs);
  } else if (page > 1) {
    frame.head_html += "No more runs: " + link_html(kFeedPage, "the first page") + ".</p>";
  } else {
    frame.head_html += "No run yet.</p>";
    frame.main_html =
        "<ol class=\"begin\"><li><code>am feed plan --full</code> counts the inventory and cuts it,</li><li><code>am feed "
        "work</code> fetches it,</li><li><code>am feed consolidate</code> makes one table of it.</li></ol>\n";
  }
  frame.main_html += list_turn({.path = std::string(kFeedPage), .label = "More runs"}, page, more);
  frame.main_html +=
      "<p class=\"soft data\">As data: " + link_html("/feed/runs", "the runs as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
