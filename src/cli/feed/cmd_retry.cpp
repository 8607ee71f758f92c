#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/feed/steer.hpp"
#include "feed_commands.hpp"
#include "feed_parts.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct FeedRetryOptions {
  std::optional<std::string> run, partition;
};
struct FeedCancelOptions {
  std::optional<std::string> run, reason;
};

void retry_flags(Flags& f, FeedRetryOptions& o) {
  f.text("--run", o.run, "RUN", "of this run; without it of the newest that has failures");
  f.text("--partition", o.partition, "PARTITION",
         "only this one (p-007), also if it was cancelled; needs --run");
}

void cancel_flags(Flags& f, FeedCancelOptions& o) {
  f.text("--run", o.run, "RUN", "the run (required)");
  f.text("--reason", o.reason, "TEXT", "why; it is kept on the run and in its event");
}

std::string partitions_text(long long n) {
  return std::to_string(n) + (n == 1 ? " partition" : " partitions");
}

Outcome run_retry(const FeedRetryOptions& o, Context& context) {
  if (o.partition && !o.run) throw Error(ErrorKind::usage, "--partition needs --run");
  const feed::RetryResult result = feed::retry_run(
      context.job_db(), {.feed = context.config.text("feed.name"), .run = o.run, .partition = o.partition});
  Outcome outcome;
  outcome.counts = {{"queued", result.queued}};
  outcome.data = Json{{"run", result.run_id.empty() ? Json() : Json(result.run_id)},
                      {"queued", result.queued},
                      {"status", feed::run_status_name(result.after.status)}}
                     .dump();
  if (result.run_id.empty()) {
    outcome.table = "no run has failures\n";
  } else if (result.queued == 0) {
    outcome.table = "run " + result.run_id + ": nothing to retry\n";
  } else {
    outcome.kind = OutcomeKind::changed;
    outcome.table = "run " + result.run_id + ": " + partitions_text(result.queued) + " queued again\n";
  }
  return outcome;
}

Outcome run_cancel(const FeedCancelOptions& o, Context& context) {
  if (!o.run) throw Error(ErrorKind::usage, "needs --run", "am feed status lists the runs");
  const feed::CancelResult result = feed::cancel_run(context.job_db(), *o.run, o.reason.value_or(""));
  Outcome outcome;
  outcome.counts = {{"cancelled", result.cancelled}};
  outcome.data = Json{{"run", *o.run}, {"cancelled", result.cancelled}}.dump();
  if (!result.is_changed) {
    outcome.table = "unchanged: run " + *o.run + " had ended\n";
    return outcome;
  }
  outcome.kind = OutcomeKind::changed;
  outcome.table = "run " + *o.run + " is cancelled, " + partitions_text(result.cancelled) + " with it\n";
  return outcome;
}

}  // namespace

std::vector<Command> feed_retry_commands() {
  return {
      make_command<FeedRetryOptions>(
          run_command(
              "retry", "work on a run's dead and failed partitions once more",
              "Each goes on at the page that it had come to, with all its attempts, and the run is running again, also "
              "one that was consolidated without them. What is queued, running or done is left alone, so a second retry "
              "changes nothing. Only the newest run of a kind: a newer one takes what an older one left.",
              {"am feed retry",
               "am feed retry --run 0198c0de-0000-7000-8000-000000000001 --partition p-007"}),
          retry_flags, run_retry),
      make_command<FeedCancelOptions>(
          run_command(
              "cancel", "end a run, so that nobody works on it",
              "A worker that has one of its partitions writes nothing more. What came stays, and is consolidated with "
              "the next run; the watermark stays where it is.",
              {"am feed cancel --run 0198c0de-0000-7000-8000-000000000001 --reason \"wrong filter\""}),
          cancel_flags, run_cancel)};
}

}  // namespace am::cli
