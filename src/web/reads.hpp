#pragma once
// What the API reads of the picks desk: values as PostgreSQL wrote them, numbers as text, nothing
// computed. Each read is what to ask in one snapshot, and what the answers say. Private.

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

/// The newest batch by run_date with its latest checkpoint alone (by date, a skipped one too).
std::vector<kernel::Statement> latest_statements();
/// One batch with all its checkpoints.
std::vector<kernel::Statement> batch_statements(const std::string& id);
/// Of either of them; empty: there is no such batch.
std::optional<BatchDetail> detail_of(const std::vector<kernel::Rows>& results);

/// cursor: a run_date, exclusive.
kernel::Statement batches_statement(int limit, const std::optional<std::string>& cursor);
BatchPage batches_of(const kernel::Rows& rows, int limit);

/// cursor: an event's id, exclusive.
kernel::Statement events_statement(const std::optional<std::string>& batch_id, int limit,
                                   const std::optional<std::string>& cursor);
EventPage events_of(const kernel::Rows& rows, int limit);

}  // namespace am::web
