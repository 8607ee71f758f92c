#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/feed/progress.hpp"
#include "cli/table.hpp"
#include "feed_commands.hpp"
#include "feed_parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kDefaultLimit = 10;
constexpr int kMostLimit = 1000;
constexpr int kDefaultLetters = 50;
constexpr std::size_t kErrorBytes = 60;

struct FeedStatusOptions {
  std::optional<std::string> run;
  std::optional<int> limit;
};

void status_flags(Flags& f, FeedStatusOptions& o) {
  f.text("--run", o.run, "RUN", "one run with its partitions");
  f.integer("--limit", o.limit, 1, kMostLimit, "how many runs, the newest first (10)");
}

void letter_flags(Flags& f, FeedStatusOptions& o) {
  f.text("--run", o.run, "RUN", "of this run; without it of all of the feed");
  f.integer("--limit", o.limit, 1, kMostLimit, "how many, the newest first (50)");
}

struct NoFeedOptions {};
void no_flags(Flags& /*f*/, NoFeedOptions& /*o*/) {}

Tone tone_of(feed::RunStatus status) {
  switch (status) {
    case feed::RunStatus::done:
      return Tone::good;
    case feed::RunStatus::failed:
      return Tone::bad;
    case feed::RunStatus::cancelled:
      return Tone::warning;
    case feed::RunStatus::running:
    case feed::RunStatus::settled:
      return Tone::plain;
  }
  return Tone::plain;
}

Tone tone_of(const std::string& partition_status) {
  if (partition_status == "done") return Tone::good;
  return partition_status == "dead" || partition_status == "failed" ? Tone::bad : Tone::plain;
}

std::string time_text(const std::optional<Instant>& at) { return at ? format_rfc3339(*at) : ""; }
Json time_json(const std::optional<Instant>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }

std::string duration_text(std::chrono::seconds time) {
  constexpr std::chrono::minutes kLong{100};
  return time < kLong ? fmt::format("{} min", (time.count() + 59) / 60)
                      : fmt::format("{} h", (time.count() + 3599) / 3600);
}

/// What of it is on its way, in a person's words.
std::string left_text(const feed::RunProgress& progress) {
  if (progress.run.status != feed::RunStatus::running) return "";
  const auto left = progress.time_left();
  return left ? duration_text(*left) : "";
}

Json json_of(const feed::RunProgress& progress) {
  const feed::FeedRun& run = progress.run;
  const auto left = progress.time_left();
  return {{"run", run.id},
          {"feed", run.feed},
          {"type", feed::run_type_name(run.type)},
          {"status", feed::run_status_name(run.status)},
          {"expected_workers", run.expected},
          {"completed_workers", run.completed},
          {"failed_workers", run.failed},
          {"queued", progress.queued},
          {"running", progress.running},
          {"expected_records", run.expected_records},
          {"counted_records", run.counted_records},
          {"records", progress.records},
          {"failed_pages", progress.failed_pages},
          {"pages_per_second", fmt::format("{:.2f}", progress.pages_per_second)},
          {"stones_per_second", fmt::format("{:.1f}", progress.stones_per_second)},
          {"seconds_left", left ? Json(left->count()) : Json()},
          {"watermark_before", time_json(run.watermark_before)},
          {"watermark_after", time_json(run.watermark_after)},
          {"consolidate_at", time_json(run.consolidate_at)},
          {"error", run.error.empty() ? Json() : Json(run.error)},
          {"created_at", format_rfc3339(run.created_at)},
          {"touched_at", time_json(progress.touched_at)},
          {"finished_at", time_json(run.finished_at)}};
}

Json json_of(const feed::PartitionProgress& partition) {
  return {{"run", partition.run_id},
          {"partition", partition.partition_id},
          {"status", partition.status},
          {"price_min", partition.price.from},
          {"price_max", partition.price.to},
          {"expected", partition.expected},
          {"records", partition.records},
          {"next_offset", partition.next_offset},
          {"failed_pages", partition.failed_pages},
          {"attempts", partition.attempts},
          {"max_attempts", partition.max_attempts},
          {"worker", partition.worker},
          {"error", partition.error.empty() ? Json() : Json(partition.error)},
          {"updated_at", format_rfc3339(partition.updated_at)}};
}

std::string price_text(const feed::PriceRange& price) { return fmt::format("{}-{}", price.from, price.to); }

std::string run_text(const feed::RunProgress& progress, const GlobalOptions& options) {
  const feed::FeedRun& run = progress.run;
  Table table({"field", "value"});
  const auto add = [&](const char* field, std::string value) {
    if (!value.empty()) table.add({field, std::move(value)});
  };
  add("run", run.id);
  add("feed", run.feed + ", " + std::string(feed::run_type_name(run.type)));
  table.add({"status", {std::string(feed::run_status_name(run.status)), tone_of(run.status)}});
  add("partitions", fmt::format("{} of {} done, {} failed, {} running, {} queued", run.completed,
                                run.expected, run.failed, progress.running, progress.queued));
  add("stones", fmt::format("{} of {} ({:.0f} %), {} counted", progress.records, run.expected_records,
                            progress.percent(), run.counted_records));
  if (run.status == feed::RunStatus::running)
    add("pace", fmt::format("{:.1f} pages and {:.0f} stones a second", progress.pages_per_second,
                            progress.stones_per_second));
  add("left", left_text(progress));
  add("failed pages", std::to_string(progress.failed_pages));
  add("watermark", time_text(run.watermark_before) + (run.watermark_before ? " to " : "") +
                       time_text(run.watermark_after));
  add("consolidation from", time_text(run.consolidate_at));
  add("error", run.error);
  add("planned", format_rfc3339(run.created_at));
  add("last touched", time_text(progress.touched_at));
  add("ended", time_text(run.finished_at));
  return table.text(options.color);
}

Outcome show_run(const std::string& id, Context& context) {
  const feed::RunProgress progress = feed::run_progress(context.db(), id);
  Json data = json_of(progress);
  Json& partitions = data["partitions"] = Json::array();
  Table table({"partition", "dollars", "status", "stones", "expected", "attempts", "worker", "error"});
  for (const feed::PartitionProgress& each : feed::partitions_of(context.db(), progress.run.id)) {
    partitions.push_back(json_of(each));
    table.add({each.partition_id,
               price_text(each.price),
               {each.status, tone_of(each.status)},
               std::to_string(each.records),
               std::to_string(each.expected),
               fmt::format("{}/{}", each.attempts, each.max_attempts),
               each.worker,
               one_line(each.error, kErrorBytes)});
  }
  Outcome outcome;
  outcome.table = run_text(progress, context.options);
  if (!table.empty()) outcome.table += "\n" + table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

Outcome run_status(const FeedStatusOptions& o, Context& context) {
  if (o.run) return show_run(*o.run, context);
  Table table(
      {"run", "type", "status", "partitions", "stones", "expected", "%", "stones/s", "left", "planned"});
  Json data = Json::array();
  for (const feed::RunProgress& each :
       feed::newest_runs(context.db(), context.config.text("feed.name"), o.limit.value_or(kDefaultLimit))) {
    const feed::FeedRun& run = each.run;
    data.push_back(json_of(each));
    table.add({run.id,
               std::string(feed::run_type_name(run.type)),
               {std::string(feed::run_status_name(run.status)), tone_of(run.status)},
               fmt::format("{}/{}", run.completed, run.expected) +
                   (run.failed > 0 ? fmt::format(", {} failed", run.failed) : ""),
               std::to_string(each.records),
               std::to_string(run.expected_records),
               fmt::format("{:.0f}", each.percent()),
               run.status == feed::RunStatus::running ? fmt::format("{:.0f}", each.stones_per_second) : "",
               left_text(each),
               format_rfc3339(run.created_at)});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no run yet: am feed plan --full\n" : table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

Outcome run_letters(const FeedStatusOptions& o, Context& context) {
  std::optional<std::string> run;
  if (o.run) run = feed::load_run(context.db(), *o.run).id;
  Table table({"run", "partition", "status", "stones", "expected", "attempts", "since", "error"});
  Json data = Json::array();
  for (const feed::PartitionProgress& each : feed::dead_letters(
           context.db(), context.config.text("feed.name"), run, o.limit.value_or(kDefaultLetters))) {
    data.push_back(json_of(each));
    table.add({each.run_id,
               each.partition_id,
               {each.status, tone_of(each.status)},
               std::to_string(each.records),
               std::to_string(each.expected),
               fmt::format("{}/{}", each.attempts, each.max_attempts),
               format_rfc3339(each.updated_at),
               one_line(each.error, kErrorBytes)});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no partition is dead or failed\n" : table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

Outcome run_watermark(const NoFeedOptions& /*o*/, Context& context) {
  Table table({"feed", "query", "watermark", "age", "run"});
  Json data = Json::array();
  for (const feed::Watermark& each : feed::watermarks(context.db())) {
    const auto age =
        std::max(std::chrono::seconds(0),
                 std::chrono::duration_cast<std::chrono::seconds>(context.clock.now() - each.at));
    data.push_back({{"feed", each.feed},
                    {"query_hash", each.query_hash},
                    {"query", each.query_json.empty() ? Json() : Json::parse(each.query_json)},
                    {"watermark", format_rfc3339(each.at)},
                    {"age_s", age.count()},
                    {"run", each.run_id},
                    {"updated_at", format_rfc3339(each.updated_at)}});
    table.add({each.feed, one_line(each.query_json, kErrorBytes), format_rfc3339(each.at), duration_text(age),
               each.run_id});
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no run is complete yet\n" : table.text(context.options.color);
  outcome.data = data.dump();
  return outcome;
}

}  // namespace

std::vector<Command> feed_status_commands() {
  return {
      make_command<FeedStatusOptions>(
          run_command(
              "status", "runs: how far they are, how fast, what is left",
              "The pace is that of the last five minutes. With --run one run and each of its partitions: state, stones "
              "against those expected, attempts, worker, error.",
              {"am feed status", "am feed status --run 0198c0de-0000-7000-8000-000000000001"}),
          status_flags, run_status),
      make_command<FeedStatusOptions>(
          run_command(
              "dead-letters", "partitions that nobody works on any more, with the reason",
              "dead: its attempts are used up, or it lay in the queue for more than a day. failed: it can never succeed. "
              "am feed retry queues both again.",
              {"am feed dead-letters"}),
          letter_flags, run_letters),
      make_command<NoFeedOptions>(
          run_command(
              "watermark", "up to when the inventory is known, by feed and filter",
              "Only a complete run moves it, and never back. Another nivoda.query has another watermark.",
              {"am feed watermark"}),
          no_flags, run_watermark)};
}

}  // namespace am::cli
