#include <array>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/feed/desk.hpp"
#include "am/feed/nivoda.hpp"
#include "am/feed/plan.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "feed_commands.hpp"
#include "plan_outcome.hpp"
#include "supplier_parts.hpp"
#include "tick.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kCountsAtOnce = 3;

struct PlanOptions {
  bool full = false, incremental = false;
  std::optional<int> partitions;
};

void flags(Flags& f, PlanOptions& o) {
  f.on("--full", o.full, "the whole inventory");
  f.on("--incremental", o.incremental, "what has changed since the watermark");
  f.integer("--partitions", o.partitions, 1, feed::kMostPartitions,
            "so many of about the same size (default: one for each worker, 30 or 10 at most)");
}

/// Who counts on one thread: a connection for the limiter, and a supplier.
class Counter {
 public:
  Counter(Context& context, feed::NivodaTokens& tokens)
      : db_(kernel::open_db(context.db_options())),
        limiter_(*db_, context.stop, context.rate_limits()),
        client_(context.transport(), &limiter_, context.log, context.stop,
                {.vendor = kNivoda,
                 .limit_key = kNivoda,
                 .retry = feed::nivoda_retry(),
                 .max_wait = context.options.max_wait,
                 .trace = context.trace}),
        nivoda_(client_, tokens, nivoda_options(context)) {
    client_.on_attempt([probe = context.environment.probe] {
      if (probe) probe("vendor call");
    });
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  long long count(const feed::Filter& filter) { return nivoda_.count(filter); }

 private:
  std::unique_ptr<kernel::Db> db_;
  kernel::RateLimiter limiter_;
  kernel::HttpClient client_;
  feed::Nivoda nivoda_;
};

Json data_of(const feed::PlanResult& result, feed::RunType type) {
  Json partitions = Json::array();
  for (const feed::PlannedPartition& each : result.plan.partitions)
    partitions.push_back(
        {{"price_min", each.price.from}, {"price_max", each.price.to}, {"expected", each.expected}});
  return {
      {"run", result.run_id},
      {"type", feed::run_type_name(type)},
      {"counted", result.counted},
      {"expected", result.plan.sum},
      {"gap", result.gap()},
      {"calls", result.plan.calls},
      {"watermark_before", result.watermark_before ? Json(format_rfc3339(*result.watermark_before)) : Json()},
      {"partitions", std::move(partitions)}};
}

/// Those of this feed whose time has come; before its first run that is the full one.
std::vector<feed::RunType> due_plans(Context& context) {
  const Instant now = context.clock.now();
  const std::string& feed = context.config.text("feed.name");
  const kernel::Rows known = context.db().query(
      "SELECT EXISTS (SELECT FROM feed.run_metadata WHERE feed = $1) AS known", kernel::sql_values(feed));
  if (!known.only().boolean("known")) return {feed::RunType::full};
  std::vector<feed::RunType> due;
  for (const kernel::Duty& duty : kernel::read_duties(context.db(), {&feed::desk()}, now)) {
    const auto slot = duty.job == feed::kPlanJob ? feed::PlanSlot::parse(duty.slot) : std::nullopt;
    if (slot && slot->feed == feed && duty.is_due(now)) due.push_back(slot->type);
  }
  return due;
}

Outcome run(const PlanOptions& o, Context& context) {
  if (o.full && o.incremental)
    throw Error(ErrorKind::usage, "--full and --incremental are two plans", "name one of them");
  context.guard().require();
  if (o.full || o.incremental)
    return plan_feed(context, o.full ? feed::RunType::full : feed::RunType::incremental, o.partitions);
  context.announce("feed_plan");
  Outcome all;
  for (const feed::RunType type : due_plans(context))
    merge(all, feed::run_type_name(type), attempt([&] { return plan_feed(context, type, o.partitions); }));
  if (all.table.empty()) all.table = "no plan is due\n";
  return all;
}

}  // namespace

Outcome plan_feed(Context& context, feed::RunType type, std::optional<int> partitions) {
  context.job_db();
  const feed::PlanRequest request{.slot = {context.config.text("feed.name"), type},
                                  .query = feed::feed_query(context.config.text("nivoda.query")),
                                  .partitions = partitions};
  const auto tokens = nivoda_tokens(context);
  std::vector<std::unique_ptr<Counter>> suppliers;
  std::vector<feed::CountFilter> counters;
  for (int i = 0; i < kCountsAtOnce; ++i) {
    suppliers.push_back(std::make_unique<Counter>(context, *tokens));
    counters.emplace_back(
        [supplier = suppliers.back().get()](const feed::Filter& filter) { return supplier->count(filter); });
  }
  const feed::PlanResult result =
      feed::plan_run({context.db(), context.ledger(), context.log, context.stop, counters}, request);
  Outcome outcome;
  outcome.run_id = result.ledger_id;
  outcome.slot = request.slot.to_string();
  outcome.data = data_of(result, type).dump();
  const std::string kind(feed::run_type_name(type));
  if (!result.is_planned) {
    outcome.kind = OutcomeKind::skipped;
    outcome.table =
        "skipped: the " + kind + " run " + result.run_id + " of feed " + request.slot.feed + " is open\n";
    return outcome;
  }
  outcome.kind = OutcomeKind::changed;
  outcome.counts = {{"partitions", static_cast<long long>(result.plan.partitions.size())},
                    {"expected", result.plan.sum},
                    {"calls", result.plan.calls}};
  outcome.table = "planned the " + kind + " run " + result.run_id + " of feed " + request.slot.feed + ": " +
                  std::to_string(result.plan.sum) + " stones in " +
                  std::to_string(result.plan.partitions.size()) +
                  (result.plan.partitions.size() == 1 ? " partition, by " : " partitions, by ") +
                  std::to_string(result.plan.calls) + " counts\n";
  if (result.gap() > 0) {
    outcome.warnings.push_back(
        std::to_string(result.gap()) + " of the " + std::to_string(result.counted) +
        " stones that the supplier counts are in no partition: they have no price, or one above " +
        std::to_string(feed::kMostDollars) + " dollars");
    context.log.warn(outcome.warnings.back());
  }
  return outcome;
}

Command feed_plan() {
  std::vector<ExitCode> exits = job_exits();
  return make_command<PlanOptions>(
      {.path = "feed plan",
       .summary = "cut the supplier's inventory into partitions, and queue them",
       .details =
           "Without a flag what is due: the whole inventory on Sundays from 03:00 UTC, and before the first run of a feed; every "
           "hour what has changed. am due does it too, for feeds that have had a run. One run of each kind is open at a time; "
           "while it is, another plan is skipped.",
       .examples = {"am feed plan --full", "am feed plan --incremental",
                    "am feed plan --full --partitions 100"},
       .exits = std::move(exits),
       .config = {"database.url", "feed", "nivoda", "ledger", "http.connect_timeout_ms", "alerts",
                  "pings.feed_plan"}},
      flags, run);
}

}  // namespace am::cli
