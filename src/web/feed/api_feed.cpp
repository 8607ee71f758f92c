// /feed/runs, /feed/runs/{id}. Counts are strings, as everywhere here.

#include "am/base/error.hpp"
#include "documents.hpp"
#include "run_reads.hpp"
#include "web/json_write.hpp"

namespace am::web {

namespace {

std::optional<std::string> moment_text(const std::optional<Instant>& at) {
  return at ? std::optional(format_rfc3339(*at)) : std::nullopt;
}

void count_member(std::string& out, std::string_view name, long long value) {
  text_member(out, name, std::to_string(value));
}

void write_run_members(std::string& out, const FeedRunLine& run) {
  text_member(out, "run_id", run.id);
  text_member(out, "feed", run.feed);
  text_member(out, "run_type", run.type);
  text_member(out, "status", run.status);
  count_member(out, "expected_workers", run.expected_workers);
  count_member(out, "completed_workers", run.completed_workers);
  count_member(out, "failed_workers", run.failed_workers);
  count_member(out, "expected_records", run.expected_records);
  count_member(out, "counted_records", run.counted_records);
  count_member(out, "records", run.records);
  maybe_member(out, "watermark_before", moment_text(run.watermark_before));
  text_member(out, "watermark_after", format_rfc3339(run.watermark_after));
  text_member(out, "created_at", format_rfc3339(run.created_at));
  maybe_member(out, "settled_at", moment_text(run.settled_at));
  maybe_member(out, "consolidate_at", moment_text(run.consolidate_at));
  maybe_member(out, "finished_at", moment_text(run.finished_at));
  maybe_member(out, "error", run.error);
}

void write_run(std::string& out, const FeedRunLine& run) {
  out += '{';
  write_run_members(out, run);
  out += '}';
}

void write_partition(std::string& out, const FeedPartitionLine& partition) {
  out += '{';
  text_member(out, "partition_id", partition.id);
  text_member(out, "status", partition.status);
  count_member(out, "price_min", partition.price_min);
  count_member(out, "price_max", partition.price_max);
  count_member(out, "expected_records", partition.expected);
  count_member(out, "records", partition.records);
  count_member(out, "next_offset", partition.next_offset);
  count_member(out, "failed_pages", partition.failed_pages);
  count_member(out, "attempts", partition.attempts);
  maybe_member(out, "started_at", moment_text(partition.started_at));
  maybe_member(out, "finished_at", moment_text(partition.finished_at));
  maybe_member(out, "error", partition.error);
  out += '}';
}

}  // namespace

std::vector<kernel::Statement> ask_feed_runs(const Args& args) {
  return {feed_runs_newest_first(maybe_arg(args, "cursor"), 0, limit_of(args) + 1)};
}

Document make_feed_runs(const Args& args, const std::vector<kernel::Rows>& results) {
  std::vector<FeedRunLine> runs = feed_run_lines(results.at(0));
  std::optional<std::string> next_cursor;
  if (cut_to(runs, limit_of(args))) next_cursor = runs.back().id;
  std::string out = "{";
  array_member(out, "runs", runs, write_run);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_feed_run(const Args& args) {
  const std::string& id = args.at("id");
  return {feed_run_by_id(id), feed_partitions_of(id)};
}

Document make_feed_run(const Args& args, const std::vector<kernel::Rows>& results) {
  const std::vector<FeedRunLine> runs = feed_run_lines(results.at(0));
  if (runs.empty()) throw Error(ErrorKind::no_input, "run " + args.at("id") + ": not found");
  std::string out = "{";
  key(out, "run");
  out += '{';
  write_run_members(out, runs.front());
  array_member(out, "partitions", feed_partition_lines(results.at(1)), write_partition);
  out += '}';
  return json_document(std::move(out));
}

}  // namespace am::web
