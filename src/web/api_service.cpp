// /health, /livez, /readyz, /metrics, /openapi.json: what machines ask about the service itself.

#include "am/base/error.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/migrations.hpp"
#include "am/web/site.hpp"
#include "answers.hpp"
#include "json_write.hpp"
#include "service.hpp"

namespace am::web {

using kernel::Rows;

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

const std::vector<kernel::Statement>& nothing_much() {
  static const std::vector<kernel::Statement> kOne{{"SELECT 1 AS one", {}}};
  return kOne;
}

bool database_answers(kernel::SnapshotReader& reader) {
  try {
    return reader.read(nothing_much()).front().size() == 1;
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
  Readiness state;
  try {
    reader.read(nothing_much());
    state.database = true;
    ReaderSql sql(reader);
    kernel::require_schema(sql);
    state.schema = true;
  } catch (const Error& error) {
    // What the driver says of a database that is away may name hosts and users: not for everybody.
    const bool of_schema = state.database && error.kind() == ErrorKind::config;
    state.database = state.database && error.kind() != ErrorKind::unavailable;
    state.message = of_schema ? error.message() : std::string(unready_text(error.kind()));
  }
  return state;
}

}  // namespace

std::string_view unready_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config:
      return "the database is not set up for this server";
    case ErrorKind::denied:
      return "the database denies this server what it reads";
    default:
      return "the database does not answer";
  }
}

std::optional<Error> first_look(const kernel::DbOptions& options) {
  std::unique_ptr<kernel::Db> db;
  std::unique_ptr<kernel::Transaction> transaction;
  try {
    db = kernel::open_db(options);
    transaction = db->begin(true);  // as it will read: a pooler may allow none
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    return error;
  }
  try {
    kernel::require_schema(*transaction);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

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
  const auto read = [&](const std::vector<kernel::Statement>& statements) {
    return source.reader.read(statements);
  };
  std::vector<kernel::MetricFamily> all =
      kernel::program_metrics(read, source.desks, source.limits, source.now, source.off).families;
  if (source.stats) {
    for (kernel::MetricFamily& family : kernel::server_metrics(source.stats()))
      all.push_back(std::move(family));
  }
  return {.status = 200, .content_type = kernel::kMetricsType, .body = kernel::metrics_text(all)};
}

Document api_openapi(const Args& /*args*/, const Source& source) {
  return {.status = 200, .content_type = kJsonType, .body = openapi_json(source.router, source.base_path)};
}

}  // namespace am::web
