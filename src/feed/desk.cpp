#include "am/feed/desk.hpp"

#include <chrono>

namespace am::feed {

namespace {

constexpr std::string_view kTables[] = {
    "feed.run_metadata",        "feed.partition_progress", "feed.worker_runs",   "feed.pages",
    "feed.raw_diamonds_nivoda", "feed.watermarks",         "feed.pricing_rules", "feed.diamonds"};

}  // namespace

const kernel::QueueSpec& partitions_queue() {
  static const kernel::QueueSpec kSpec{.name = "partitions", .table = "feed.partition_progress"};
  return kSpec;
}

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{
      .name = "feed", .keys = config_keys(), .tables = kTables, .queues = std::span(&partitions_queue(), 1)};
  return kDesk;
}

}  // namespace am::feed
