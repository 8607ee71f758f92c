#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "am/base/error.hpp"
#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "documents.hpp"
#include "feed_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

std::string dollars(long long amount) { return "$" + count_text(amount); }

std::string price_range(const FeedPartitionLine& partition) {
  return dollars(partition.price_min) + " to " + dollars(partition.price_max);
}

/// Open, and so likely to bring more stones.
bool is_open(const FeedRunLine& run) { return run.status == "running"; }

std::string eta_text(const FeedRunLine& run, const FeedPace& pace) {
  if (!is_open(run)) return "no work is left";
  const double rate = pace.stones_per_second();
  if (rate <= 0) return "nothing came in the last five minutes";
  const double left = static_cast<double>(std::max(0LL, run.expected_records - run.records)) / rate;
  return "about " + duration_text(std::chrono::microseconds(std::llround(left * 1e6))) + " to go";
}

std::string tiles(const FeedRunLine& run, const FeedPace& pace) {
  const std::string rate = fmt::format("{:.1f}", pace.stones_per_second());
  std::string out = "<dl>";
  out += tile_html("Stones so far", count_text(run.records),
                   "of " + count_text(run.expected_records) + " expected, " + percent_text(run.percent()));
  out += tile_html("Partitions done", count_text(run.completed_workers),
                   "of " + count_text(run.expected_workers) +
                       (run.failed_workers > 0 ? ", " + count_text(run.failed_workers) + " failed" : ""),
                   run.failed_workers > 0 ? "down" : "");
  out += tile_html("Stones a second", rate, "over the last five minutes");
  out += tile_html("Pages", count_text(pace.pages),
                   "in the last five minutes; " + escape_html(eta_text(run, pace)));
  return out + "</dl>\n";
}

std::string heat(const std::vector<FeedPartitionLine>& partitions) {
  std::string out = "<section><h2>By price</h2><ul class=\"heat\">";
  for (const FeedPartitionLine& each : partitions) {
    out += "<li class=\"" + escape_html(each.status) + "\"><b>" + price_range(each) + "</b>" +
           count_text(each.records) + " of " + count_text(each.expected) + ", " + escape_html(each.status) +
           fill_html(each.percent()) + "</li>";
  }
  return out + "</ul></section>\n";
}

std::string partition_row(const FeedPartitionLine& each) {
  const bool bad = each.status == "dead" || each.status == "failed";
  std::string took;
  if (each.started_at && each.finished_at && *each.finished_at > *each.started_at)
    took = duration_text(*each.finished_at - *each.started_at);
  return "<tr>" + row_head(escape_html(each.id)) + cell(price_range(each), "t") +
         cell(escape_html(each.status), bad ? "t down" : "t") + cell(count_text(each.records)) +
         cell(count_text(each.expected)) + cell(count_text(each.next_offset)) +
         cell(count_text(each.attempts)) +
         cell(count_text(each.failed_pages), each.failed_pages > 0 ? "down" : "") +
         cell(escape_html(took), "t soft") + cell(escape_html(each.error.value_or("")), "t wrap") + "</tr>\n";
}

std::string partition_table(const std::vector<FeedPartitionLine>& partitions) {
  std::string rows;
  for (const FeedPartitionLine& each : partitions) rows += partition_row(each);
  return table_html("Partitions, by price",
                    {"Partition", "<Prices", "<Status", "Stones", "Expected", "Next offset", "Attempts",
                     "Failed pages", "<Took", "<Error"},
                    rows);
}

std::string problem_table(const std::vector<FeedProblem>& problems) {
  if (problems.empty()) return {};
  std::string rows;
  for (const FeedProblem& each : problems)
    rows += "<tr>" + row_head(count_text(each.times)) + cell(escape_html(each.what), "t wrap") + "</tr>\n";
  return table_html("Stones that can’t be mapped, the most frequent reasons", {"Stones", "<Reason"}, rows);
}

std::string story(const FeedRunLine& run) {
  std::string out = "<p class=\"soft\">" + escape_html(run.type) + " run of " + escape_html(run.feed) +
                    ", planned " + time_html(run.created_at) + ": " + escape_html(feed_status_text(run)) +
                    ".";
  if (run.watermark_before)
    out += " It looks at what changed since " + time_html(*run.watermark_before) + ".";
  if (run.status == "settled" && run.consolidate_at)
    out += " Consolidation is due " + time_html(*run.consolidate_at) + ".";
  if (run.finished_at)
    out += " Finished " + time_html(*run.finished_at) + ", after " +
           escape_html(duration_text(*run.finished_at - run.created_at)) + ".";
  return out + "</p>";
}

}  // namespace

Document page_feed_run(const Args& args, const Source& source) {
  const std::string& id = args.at("id");
  const std::vector<kernel::Rows> results = source.reader.read(
      {feed_run_by_id(id), feed_partitions_of(id), feed_pace_of(id), feed_problems_of(id)});
  const std::vector<FeedRunLine> runs = feed_run_lines(results.at(0));
  if (runs.empty()) throw Error(ErrorKind::no_input, "run " + id + ": not found");
  const FeedRunLine& run = runs.front();
  const std::vector<FeedPartitionLine> partitions = feed_partition_lines(results.at(1));

  PageFrame frame;
  frame.title = "Run of " + run.feed;
  frame.description = "One run over the supplier's inventory: how far it is, by price.";
  frame.here = kFeedPage;
  frame.within = true;
  frame.head_html = "<h1>Run of " + escape_html(run.feed) + "</h1>" + story(run);
  if (run.error) frame.main_html += notice_html(escape_html(*run.error));
  frame.main_html += tiles(run, feed_pace(results.at(2))) + heat(partitions) +
                     problem_table(feed_problems(results.at(3))) + partition_table(partitions);
  frame.main_html += "<p class=\"soft data\">Run <code>" + escape_html(run.id) +
                     "</code>. As data: " + link_html("/feed/runs/" + run.id, "the run as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
