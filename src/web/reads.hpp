#pragma once
// What the API and the pages read of the picks desk: values as PostgreSQL wrote them, numbers as text, nothing
// computed. Each function is one snapshot and one round trip. Private.

#include <optional>
#include <string>
#include <vector>

#include "am/kernel/snapshot.hpp"

namespace am::web {

struct BatchRow {
  std::string id;
  std::string run_date;
  std::string status;
  std::string benchmark_symbol;
  std::string benchmark_initial_price;
};

struct PickRow {
  std::string id;
  std::string ticker;
  std::string action;
  std::string reasoning;
  std::string initial_price;
};

struct MetricRow {
  std::string id;
  std::string pick_id;
  std::string current_price;
  std::string absolute_return_pct;
  std::string vs_benchmark_pct;
};

struct CheckpointRow {
  std::string id;
  std::string checkpoint_date;
  std::string status;
  std::optional<std::string> benchmark_price;
  std::optional<std::string> benchmark_return_pct;
  std::vector<MetricRow> metrics;  ///< by pick_id
};

struct BatchDetail {
  BatchRow batch;
  std::vector<PickRow> picks;              ///< by ticker
  std::vector<CheckpointRow> checkpoints;  ///< by date, the baseline's first
};

struct BatchPage {
  std::vector<BatchRow> batches;           ///< newest first
  std::optional<std::string> next_cursor;  ///< run_date; none on the last page
};

struct EventRow {
  std::string id;  ///< a number that grows with time
  std::string at;  ///< RFC 3339 UTC
  std::string kind;
  std::optional<std::string> batch_id;
  std::optional<std::string> run_id;
  std::string data;  ///< JSON text
};

struct EventPage {
  std::vector<EventRow> events;  ///< newest first
  std::optional<std::string> next_cursor;
};

/// The newest batch by run_date with its latest checkpoint alone (by date, a skipped one too; none yet: empty).
std::optional<BatchDetail> read_latest(kernel::SnapshotReader& reader);
std::optional<BatchDetail> read_batch_by_id(kernel::SnapshotReader& reader, const std::string& id);
std::optional<BatchDetail> read_batch_by_run_date(kernel::SnapshotReader& reader,
                                                  const std::string& run_date);
/// The newest batch with all its checkpoints.
std::optional<BatchDetail> read_newest_batch(kernel::SnapshotReader& reader);
/// cursor: a run_date, exclusive.
BatchPage read_batches(kernel::SnapshotReader& reader, int limit, const std::optional<std::string>& cursor);
/// cursor: an event's id, exclusive.
EventPage read_events(kernel::SnapshotReader& reader, const std::optional<std::string>& batch_id, int limit,
                      const std::optional<std::string>& cursor);

}  // namespace am::web
