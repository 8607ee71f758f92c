// /health, /livez, /readyz, /metrics, /openapi.json: what machines ask about the service itself.

#include <array>

#include "am/base/error.hpp"
#include "am/kernel/metrics.hpp"
#include "am/kernel/migrations.hpp"
#include "am/web/site.hpp"
#include "documents.hpp"
#include "json_write.hpp"

namespace am::web {

using kernel::MetricFamily;
using kernel::Rows;
using kernel::Statement;

namespace {

/// A reader as the kernel's checks want it.
class ReaderSql final : public kernel::Sql {
 public:
  explicit ReaderSql(kernel::SnapshotReader& reader) : reader_(reader) {}
  Rows query(std::string_view sql, const kernel::SqlValues& values) override {
    return std::move(reader_.read({{std::string(sql), values}}).front());
  }

 private:
  kernel::SnapshotReader& reader_;
};

bool database_answers(kernel::SnapshotReader& reader) {
  try {
    return reader.read({{"SELECT 1 AS one", {}}}).front().size() == 1;
  } catch (const Error&) {
    return false;
  }
}

struct Readiness {
  bool database = false;
  bool schema = false;
  std::string message;  ///< empty: ready
};

Readiness readiness(kernel::SnapshotReader& reader) {
  // What the driver says of a database that is away may name hosts and users: not for everybody.
  Readiness away{.database = false, .schema = false, .message = "the database does not answer"};
  if (!database_answers(reader)) return away;
  try {
    ReaderSql sql(reader);
    kernel::require_schema(sql);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) return away;
    return {.database = true, .schema = false, .message = error.message()};
  }
  return {.database = true, .schema = true, .message = {}};
}

Statement picks_statement() {
  return {
      "SELECT 'batch' AS what, status, count(*) AS n FROM batches GROUP BY status "
      "UNION ALL SELECT 'checkpoint', status, count(*) FROM checkpoints GROUP BY status",
      {}};
}

/// One sample for each status that there can be, so that a zero is a zero and not a gap.
template <std::size_t N>
MetricFamily by_status(std::string name, std::string help, std::string_view what,
                       const std::array<std::string_view, N>& statuses, const Rows& rows) {
  MetricFamily family{
      .name = std::move(name), .help = std::move(help), .type = kernel::MetricType::gauge, .samples = {}};
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

std::vector<MetricFamily> picks_metrics(const Rows& rows) {
  constexpr std::array<std::string_view, 3> kBatch = {"active", "completed", "failed"};
  constexpr std::array<std::string_view, 2> kCheckpoint = {"computed", "skipped"};
  return {
      by_status("am_batches", "Batches.", "batch", kBatch, rows),
      by_status("am_checkpoints", "Checkpoints, the baselines included.", "checkpoint", kCheckpoint, rows)};
}

void append(std::vector<MetricFamily>& to, std::vector<MetricFamily> more) {
  for (MetricFamily& family : more) to.push_back(std::move(family));
}

/// Families that only the database knows; none when it does not answer.
std::vector<MetricFamily> stored_metrics(const Source& source) {
  std::vector<MetricFamily> out;
  try {
    const std::vector<Rows> results = source.reader.read(
        {kernel::job_states_statement(), kernel::budget_states_statement(source.limits), picks_statement()});
    append(out, kernel::job_metrics(kernel::job_states(results.at(0))));
    append(out, kernel::budget_metrics(kernel::budget_states(results.at(1), source.limits)));
    append(out, picks_metrics(results.at(2)));
  } catch (const Error&) {
    return {};
  }
  return out;
}

}  // namespace

Document api_health(const Args& /*args*/, const Source& source) {
  const bool up = database_answers(source.reader);
  std::string out = "{";
  bool_member(out, "ok", up);
  bool_member(out, "db_ok", up);
  out += "}\n";
  return {.status = up ? 200 : 503, .content_type = kJsonType, .body = std::move(out)};
}

Document api_livez(const Args& /*args*/, const Source& /*source*/) {
  return {.status = 200, .content_type = kJsonType, .body = "{\"ok\":true}\n"};
}

Document api_readyz(const Args& /*args*/, const Source& source) {
  const Readiness state = readiness(source.reader);
  const bool ready = state.database && state.schema;
  std::string out = "{";
  bool_member(out, "ready", ready);
  bool_member(out, "database", state.database);
  bool_member(out, "schema", state.schema);
  if (!ready) text_member(out, "message", state.message);
  out += "}\n";
  return {.status = ready ? 200 : 503, .content_type = kJsonType, .body = std::move(out)};
}

Document api_metrics(const Args& /*args*/, const Source& source) {
  std::vector<MetricFamily> stored = stored_metrics(source);
  std::vector<MetricFamily> all = {kernel::build_metric()};
  all.push_back({.name = "am_database_up",
                 .help = "1: the database answered what this page asks; 0: its metrics are left out.",
                 .type = kernel::MetricType::gauge,
                 .samples = {{.labels = {}, .value = stored.empty() ? 0.0 : 1.0}}});
  append(all, std::move(stored));
  if (source.stats) append(all, kernel::server_metrics(source.stats()));
  return {.status = 200, .content_type = kernel::kMetricsType, .body = kernel::metrics_text(all)};
}

Document api_openapi(const Args& /*args*/, const Source& /*source*/) {
  return {.status = 200, .content_type = kJsonType, .body = openapi_json()};
}

}  // namespace am::web
