#include "am/feed/desk.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "am/feed/consolidate.hpp"
#include "am/feed/plan.hpp"
#include "am/feed/progress.hpp"
#include "am/feed/types.hpp"
#include "verify.hpp"

namespace am::feed {

namespace {

constexpr std::string_view kTables[] = {
    "feed.run_metadata",        "feed.partition_progress", "feed.worker_runs",   "feed.pages",
    "feed.raw_diamonds_nivoda", "feed.watermarks",         "feed.pricing_rules", "feed.diamonds"};

constexpr kernel::Job kJobs[] = {{.name = kPlanJob, .command = "am feed plan"},
                                 {.name = kConsolidationJob, .command = "am feed consolidate"}};

constexpr std::string_view kPlanSecrets[] = {"NIVODA_PASSWORD"};
constexpr std::string_view kWorkSecrets[] = {"NIVODA_PASSWORD", "AZURE_SERVICE_BUS_CONNECTION_STRING"};
constexpr int kMostWorkers = 10;
constexpr int kPartitionsEach = 5;

constexpr kernel::Schedule kSchedules[] = {
    {.name = "feed-plan",
     .call = "feed plan",
     .summary = "plan the supplier's runs that are due",
     .remark = "Hourly what has changed; on Sundays from 03:00 UTC the whole inventory.",
     .table = {.every_minutes = 30},
     .secrets = kPlanSecrets},
    {.name = "feed-consolidate",
     .call = "feed consolidate",
     .summary = "make one clean table of what runs brought",
     .remark = "Every 5 minutes: runs whose time has come.",
     .table = {.every_minutes = 5},
     .limit = std::chrono::hours(2)},
    {.name = "feed-work",
     .call = "feed work",
     .summary = "fetch queued partitions of the supplier's inventory",
     .remark = "Every 5 minutes, until no partition is ready.",
     .kind = kernel::ScheduleKind::worker,
     .table = {.every_minutes = 5},
     .limit = std::chrono::hours(2),
     .secrets = kWorkSecrets,
     .queue = "feed.partition_progress",
     .most = kMostWorkers,
     .least = 1,
     .items_each = kPartitionsEach}};

/// A run with all that belongs to it; the newest of each kind stays, whatever its age.
constexpr kernel::PruneRule kPrune[] = {
    {"feed_runs", "feed.run_metadata",
     "status IN ('done', 'failed', 'cancelled') AND finished_at < $1::timestamptz AND EXISTS (SELECT FROM feed.run_metadata n "
     "WHERE n.feed = run_metadata.feed AND n.run_type = run_metadata.run_type AND n.created_at > run_metadata.created_at)"}};

std::vector<kernel::Duty> upcoming(Date first, int days, std::string_view /*zone*/) {
  std::vector<kernel::Duty> all;
  for (Date day = first; day < first + days; day = day + 1) {
    if (day.weekday() != std::chrono::Sunday) continue;
    const Instant due_at = next_plan_at(RunType::full, Instant{day.days()});
    all.push_back({.job = std::string(kPlanJob),
                   .slot = day.to_string(),
                   .text = "the full plan of each feed",
                   .due_at = due_at});
  }
  return all;
}

kernel::Requirements requirements(const kernel::Config& config) {
  kernel::Requirements needs;
  needs.secrets.push_back({"nivoda.password", "supplier nivoda"});
  if (config.is_set("nivoda.endpoint"))
    needs.hosts.push_back({"host of nivoda", config.text("nivoda.endpoint")});
  if (config.text("feed.queue") == "amqp") needs.secrets.push_back({"amqp.connection_string", "queue amqp"});
  return needs;
}

}  // namespace

const kernel::QueueSpec& partitions_queue() {
  static const kernel::QueueSpec kSpec{.name = "partitions",
                                       .table = "feed.partition_progress",
                                       .key_of = [](std::string_view body) -> std::optional<std::string> {
                                         const auto message = WorkItemMessage::parse(body);
                                         if (!message) return std::nullopt;
                                         return message->key();
                                       }};
  return kSpec;
}

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "feed",
                                  .jobs = kJobs,
                                  .keys = config_keys(),
                                  .schedules = kSchedules,
                                  .tables = kTables,
                                  .queues = std::span(&partitions_queue(), 1),
                                  .duties = {ask_duties, make_duties},
                                  .metrics = {ask_feed_metrics, make_feed_metrics},
                                  .upcoming = upcoming,
                                  .requirements = requirements,
                                  .verify = verify_feed,
                                  .verified = "runs",
                                  .prune = kPrune};
  return kDesk;
}

}  // namespace am::feed
