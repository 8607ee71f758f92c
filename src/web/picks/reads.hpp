#pragma once
// What the API reads of batches: values as PostgreSQL wrote them, numbers as text, nothing
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

/// The newest batch by run_date with its latest checkpoint alone (by date, a skipped one too).
std::vector<kernel::Statement> latest_statements();
/// One batch with all its checkpoints.
std::vector<kernel::Statement> batch_statements(const std::string& id);
/// Of either of them; empty: there is no such batch.
std::optional<BatchDetail> detail_of(const std::vector<kernel::Rows>& results);

/// cursor: a run_date, exclusive.
kernel::Statement batches_statement(int limit, const std::optional<std::string>& cursor);
BatchPage batches_of(const kernel::Rows& rows, int limit);

}  // namespace am::web
