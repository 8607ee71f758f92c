#pragma once
// What `/` and a batch's own page show of one batch: the answer, the chart, the picks with their reasons, every
// day. Reading and drawing are apart, so that drawing is tested without a database. Private.

#include <optional>
#include <string>

#include "am/kernel/snapshot.hpp"
#include "am/picks/report.hpp"
#include "web/page_layout.hpp"

namespace am::web {

struct BatchView {
  picks::BatchHistory history;
  std::optional<Date> older;  ///< run dates of its neighbours
  std::optional<Date> newer;
  std::optional<Instant> updated{};  ///< when the ledger last recorded something of it
};

/// One snapshot, one round trip. Without a run date: the newest. Errors: as SnapshotReader::read.
std::optional<BatchView> read_view(kernel::SnapshotReader& reader, std::optional<Date> run_date);

/// Threads: pure.
PageFrame batch_frame(const BatchView& view, bool latest);

// page_batch_tables.cpp
std::string picks_section(const picks::BatchLine& line);
std::string days_section(const picks::BatchHistory& history);

}  // namespace am::web
