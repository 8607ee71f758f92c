#include "am/picks/metrics.hpp"

#include <array>
#include <iterator>
#include <string>
#include <string_view>
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

Statement rows_statement() {
  return {
      "SELECT 'batch' AS what, status, count(*) AS n FROM public.batches GROUP BY status "
      "UNION ALL SELECT 'checkpoint', status, count(*) FROM public.checkpoints GROUP BY status",
      {}};
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

std::vector<MetricFamily> row_metrics(const Rows& rows) {
  constexpr std::array<std::string_view, 3> kBatch = {"active", "completed", "failed"};
  constexpr std::array<std::string_view, 2> kCheckpoint = {"computed", "skipped"};
  return {by_status(gauge("am_batches", "Batches."), "batch", kBatch, rows),
          by_status(gauge("am_checkpoints", "Checkpoints, the baselines included."), "checkpoint",
                    kCheckpoint, rows)};
}

/// Without an active batch there is no next day to be due.
std::vector<MetricFamily> due_metrics(const std::vector<Due>& due, Instant now) {
  MetricFamily next =
      gauge("am_job_next_due_timestamp_seconds", "When the job's next slot falls due, as a Unix time.");
  MetricFamily waiting = gauge("am_job_due", "Slots of the job that are due and not done.");
  for (const std::string_view job : {kWeeklyJob, kCheckpointJob}) {
    double count = 0;
    for (const Due& slot : due) {
      if (slot.job != job) continue;
      if (slot.is_due(now)) {
        ++count;
      } else {
        next.samples.push_back({.labels = kernel::job_labels(job),
                                .value = static_cast<double>(slot.due_at.time_since_epoch().count()) / 1e6});
      }
    }
    waiting.samples.push_back({.labels = kernel::job_labels(job), .value = count});
  }
  return {next, waiting};
}

void append(std::vector<MetricFamily>& to, std::vector<MetricFamily> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<MetricFamily> stored_metrics(const ReadStatements& read,
                                         const std::vector<kernel::RateLimit>& limits, Instant now) {
  std::vector<Statement> statements = due_statements(now);
  const std::size_t others = statements.size();
  statements.push_back(kernel::job_states_statement());
  statements.push_back(kernel::budget_states_statement(limits));
  statements.push_back(rows_statement());
  const std::vector<Rows> results = read(statements);
  std::vector<MetricFamily> out = kernel::job_metrics(kernel::job_states(results.at(others)));
  append(out, due_metrics(due_of(results, now), now));
  append(out, kernel::budget_metrics(kernel::budget_states(results.at(others + 1), limits)));
  append(out, row_metrics(results.at(others + 2)));
  return out;
}

}  // namespace

ProgramMetrics program_metrics(const ReadStatements& read, const std::vector<kernel::RateLimit>& limits,
                               Instant now) {
  std::vector<MetricFamily> stored;
  ProgramMetrics out;
  try {
    stored = stored_metrics(read, limits, now);
  } catch (const Error& error) {
    out.error = error;
  }
  MetricFamily up =
      gauge("am_database_up", "1: the database answered what is asked here; 0: its metrics are left out.");
  up.samples.push_back({.labels = {}, .value = out.error ? 0.0 : 1.0});
  out.families = {kernel::build_metric(), std::move(up)};
  append(out.families, std::move(stored));
  return out;
}

}  // namespace am::picks
