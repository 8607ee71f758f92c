// Working on a claimed run: its steps, its lease, its end. Every write checks the epoch and that the run is still
// running, so whoever lost the run writes nothing more. Claiming is ledger.cpp.

#include <algorithm>
#include <exception>

#include <nlohmann/json.hpp>

#include "am/kernel/ledger.hpp"
#include "am/kernel/version.hpp"

namespace am::kernel {

namespace {

RunStatus status_after(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::deferred:
      return RunStatus::deferred;
    case ErrorKind::interrupted:
    case ErrorKind::terminated:
    case ErrorKind::busy:  // another process is at something it needs: nothing went wrong
      return RunStatus::interrupted;
    default:
      return RunStatus::failed;
  }
}

/// The transaction that ends the run has its row locked: then it is skipped, and asked again.
constexpr std::string_view kRenew =
    "WITH mine AS MATERIALIZED (SELECT id FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND status = "
    "'running' FOR UPDATE SKIP LOCKED), "
    "renewed AS (UPDATE ops.runs r SET lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond' FROM mine WHERE "
    "r.id = mine.id RETURNING r.id) "
    "SELECT EXISTS (SELECT FROM renewed) AS renewed FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND "
    "status = 'running'";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Run::Run(Ledger& ledger, std::string id) : ledger_(ledger), id_(std::move(id)) {
  ledger_.live_.push_back(this);
}

Run::~Run() {
  std::erase(ledger_.live_, this);
  if (!open_) return;
  try {
    fail(Error(ErrorKind::interrupted, "left unfinished"));
    // NOLINTNEXTLINE(bugprone-empty-catch): the lease runs out, or the next claim sees that this process is gone
  } catch (...) {
  }
}

void Run::check_affected(const Rows& rows) const {
  if (rows.empty()) {
    throw Error(ErrorKind::busy, "run " + id_ + ": another process has taken it over",
                "nothing of this attempt was written")
        .final();
  }
}

std::string Run::step(std::string_view name, std::string_view input_hash,
                      const std::function<std::string()>& work) {
  const SteadyTime sent = std::chrono::steady_clock::now();
  const Rows rows = ledger_.db_.query(
      "WITH run AS (UPDATE ops.runs SET lease_until = clock_timestamp() + $5::bigint * interval '1 millisecond' "
      "WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' RETURNING id) "
      "INSERT INTO ops.steps AS s (run_id, name, input_hash, version, started_at) "
      "SELECT id, $3, $4, $6, clock_timestamp() FROM run "
      "ON CONFLICT (run_id, name, input_hash) DO UPDATE SET "
      "attempts = s.attempts + CASE WHEN s.finished_at IS NULL THEN 1 ELSE 0 END "
      "RETURNING attempts, CASE WHEN finished_at IS NOT NULL THEN output::text END AS output",
      sql_values(id_, epoch_, name, input_hash, ledger_.lease_ms(), version()));
  check_affected(rows);
  keep_lease(sent);
  const Log::Scope scope(ledger_.log_, {{"step_name", name},
                                        {"step_run_id", id_ + "/" + std::string(name)},
                                        {"retry_count", static_cast<int>(rows[0].integer("attempts")) - 1}});
  if (const auto stored = rows[0].maybe_text("output")) {
    ledger_.log_.info("step replayed from the ledger");
    return *stored;
  }
  ledger_.log_.info("step started");
  const auto start = std::chrono::steady_clock::now();
  try {
    std::string output = work();
    store_output(name, input_hash, output);
    ledger_.log_.info("step finished", {{"duration", seconds_since(start)}});
    return output;
  } catch (const std::exception& error) {
    ledger_.log_.warn("step failed", {{"duration", seconds_since(start)}, {"error", error.what()}});
    throw;
  }
}

void Run::store_output(std::string_view name, std::string_view input_hash, const std::string& output) {
  SteadyTime sent{};
  try {
    ledger_.until_stored([&] {
      sent = std::chrono::steady_clock::now();
      check_affected(ledger_.db_.query(
          "WITH run AS (UPDATE ops.runs SET lease_until = clock_timestamp() + $6::bigint * interval '1 millisecond' "
          "WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' RETURNING id) "
          "UPDATE ops.steps s SET output = $5::jsonb, finished_at = clock_timestamp() FROM run "
          "WHERE s.run_id = run.id AND s.name = $3 AND s.input_hash = $4 RETURNING s.name",
          sql_values(id_, epoch_, name, input_hash, output, ledger_.lease_ms())));
    });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::busy && is_stored(name, input_hash)) throw;
    throw error.within("step " + std::string(name) + ": its output could not be stored, and is lost");
  }
  keep_lease(sent);
}

bool Run::is_stored(std::string_view name, std::string_view input_hash) {
  return !ledger_.db_
              .query(
                  "SELECT 1 FROM ops.steps WHERE run_id = $1::uuid AND name = $2 AND input_hash = $3 AND "
                  "finished_at IS NOT NULL",
                  sql_values(id_, name, input_hash))
              .empty();
}

std::string Run::step_in(Transaction& tx, std::string_view name, std::string_view input_hash,
                         const std::function<std::string(Transaction&)>& work) {
  fence(tx);
  const Log::Scope scope(ledger_.log_, {{"step_name", name}, {"step_run_id", id_ + "/" + std::string(name)}});
  const auto start = std::chrono::steady_clock::now();
  ledger_.log_.info("step started");
  try {
    std::string output = work(tx);
    tx.query(
        "INSERT INTO ops.steps AS s (run_id, name, input_hash, output, version, started_at, finished_at) "
        "VALUES ($1::uuid, $2, $3, $4::jsonb, $5, clock_timestamp(), clock_timestamp()) "
        "ON CONFLICT (run_id, name, input_hash) DO UPDATE SET output = excluded.output, attempts = "
        "s.attempts + 1, "
        "finished_at = excluded.finished_at, version = excluded.version",
        sql_values(id_, name, input_hash, output, version()));
    ledger_.log_.info("step finished", {{"duration", seconds_since(start)}});
    return output;
  } catch (const std::exception& error) {
    ledger_.log_.warn("step failed", {{"duration", seconds_since(start)}, {"error", error.what()}});
    throw;
  }
}

void Run::keep_lease(SteadyTime sent) {
  if (ledger_.options_.heartbeat == nullptr) return;
  const auto renew = [id = id_, epoch = epoch_, ms = ledger_.lease_ms()](Sql& sql,
                                                                         std::span<const std::size_t>) {
    const Rows rows = sql.query(kRenew, sql_values(id, epoch, ms));
    if (rows.empty()) return std::vector{Renewal::lost};
    return std::vector{rows[0].boolean("renewed") ? Renewal::renewed : Renewal::unknown};
  };
  std::vector<Lease> leases =
      ledger_.options_.heartbeat->hold(ledger_.options_.lease, sent, {"run " + id_}, renew);
  lease_.emplace(std::move(leases[0]));
}

void Run::check_lease() const {
  if (open_ && lease_) lease_->check();
}

void Run::fence(Sql& sql) {
  check_affected(sql.query(
      "SELECT id FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' FOR UPDATE",
      sql_values(id_, epoch_)));
}

void Run::finish(Sql& sql) {
  check_affected(
      sql.query("UPDATE ops.runs SET status = 'done', finished_at = clock_timestamp(), lease_until = NULL, "
                "not_before = NULL, "
                "error = NULL WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' RETURNING id",
                sql_values(id_, epoch_)));
  open_ = false;
}

void Run::finish() {
  until_ended([&] { finish(ledger_.db_); });
}

void Run::finish_with(const std::function<void(Transaction&)>& work) {
  until_ended([&] {
    ledger_.db_.transact([&](Transaction& tx) {
      work(tx);
      finish(tx);
    });
  });
}

void Run::finish_found() {
  finish_with([&](Transaction& tx) {
    fence(tx);
    tx.query("DELETE FROM ops.steps WHERE run_id = $1::uuid AND finished_at IS NULL", sql_values(id_));
  });
}

void Run::until_ended(const std::function<void()>& work) {
  bool repeated = false;
  ledger_.until_stored([&] {
    try {
      work();
    } catch (const Error& error) {
      // Fenced out by an end that was this one's own: only the answer to it was lost.
      if (repeated && error.kind() == ErrorKind::busy && is_done()) {
        open_ = false;
        return;
      }
      open_ = true;
      repeated = true;
      throw;
    }
  });
}

bool Run::is_done() {
  return !ledger_.db_
              .query("SELECT id FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'done'",
                     sql_values(id_, epoch_))
              .empty();
}

void Run::fail(const Error& error) {
  open_ = false;
  const nlohmann::ordered_json json{
      {"code", error_kind_name(error.kind())}, {"message", error.message()}, {"hint", error.hint()}};
  try {
    ledger_.db_.query(
        "UPDATE ops.runs SET status = $3, finished_at = clock_timestamp(), lease_until = NULL, not_before = "
        "$4::timestamptz, "
        "error = $5::jsonb WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running'",
        sql_values(id_, epoch_, run_status_name(status_after(error)), error.not_before(),
                   json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  } catch (const Error& second) {  // the first error is the one to report
    ledger_.log_.warn("the end of the run could not be recorded",
                      {{"workflow_run_id", id_}, {"error", second.message()}});
  }
}

}  // namespace am::kernel
