#include "am/picks/desk.hpp"

#include <array>
#include <string>
#include <utility>

#include "am/picks/due.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {

using kernel::MetricFamily;
using kernel::Rows;
using kernel::Statement;

namespace {

MetricFamily gauge(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = kernel::MetricType::gauge, .samples = {}};
}

std::vector<Statement> rows_statements(Instant /*now*/) {
  return {
      {"SELECT 'batch' AS what, status, count(*) AS n FROM public.batches GROUP BY status "
       "UNION ALL SELECT 'checkpoint', status, count(*) FROM public.checkpoints GROUP BY status",
       {}}};
}

/// One sample for each status that there can be, so that a zero is a zero and not a gap.
template <std::size_t N>
MetricFamily by_status(MetricFamily family, std::string_view what,
                       const std::array<std::string_view, N>& statuses, const Rows& rows) {
  for (const std::string_view status : statuses) {
    double count = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].text("what") == what && rows[i].text("status") == status)
        count = static_cast<double>(rows[i].integer("n"));
    }
    family.samples.push_back({.labels = {{"status", std::string(status)}}, .value = count});
  }
  return family;
}

std::vector<MetricFamily> row_metrics(std::span<const Rows> results, Instant /*now*/) {
  const Rows& rows = results.front();
  constexpr std::array<std::string_view, 3> kBatch = {"active", "completed", "failed"};
  constexpr std::array<std::string_view, 2> kCheckpoint = {"computed", "skipped"};
  return {by_status(gauge("am_batches", "Batches."), "batch", kBatch, rows),
          by_status(gauge("am_checkpoints", "Checkpoints, the baselines included."), "checkpoint",
                    kCheckpoint, rows)};
}

std::vector<kernel::Duty> duties(std::span<const Rows> results, Instant now) {
  return duties_of(due_of({results.begin(), results.begin() + 2}, now));
}

}  // namespace

const kernel::Desk& desk() {
  static const kernel::Desk kDesk{.name = "picks",
                                  .jobs = jobs(),
                                  .duties = {due_statements, duties},
                                  .metrics = {rows_statements, row_metrics}};
  return kDesk;
}

}  // namespace am::picks
