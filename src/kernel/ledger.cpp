#include "am/kernel/ledger.hpp"

#include <algorithm>
#include <exception>

#include <nlohmann/json.hpp>

#include "am/kernel/ids.hpp"
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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::string_view run_status_name(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return "running";
    case RunStatus::done:
      return "done";
    case RunStatus::deferred:
      return "deferred";
    case RunStatus::failed:
      return "failed";
    case RunStatus::interrupted:
      return "interrupted";
    case RunStatus::abandoned:
      return "abandoned";
  }
  return "failed";
}

// --- claiming -----------------------------------------------------------------------------------------

Ledger::Ledger(Db& db, Log& log, const Stop& stop, LedgerOptions options)
    : db_(db), log_(log), stop_(stop), options_(options), self_(Holder::self()) {}

Claim Ledger::claim(std::string_view job, std::string_view slot, std::string_view params_json, bool reopen) {
  const auto start = std::chrono::steady_clock::now();
  std::chrono::milliseconds nap{50};
  for (;;) {
    std::string holder;
    if (std::optional<Claim> claim = try_claim(job, slot, params_json, reopen, holder))
      return std::move(*claim);
    const auto waited = std::chrono::steady_clock::now() - start;
    if (options_.fail_when_busy || waited >= options_.max_wait) {
      throw Error(ErrorKind::busy,
                  std::string(job) + " " + std::string(slot) + ": another process is at it (" + holder + ")",
                  "wait for it, or see: am runs list --status running");
    }
    stop_.sleep(nap);
    nap = std::min(nap * 2, std::chrono::milliseconds(500));
  }
}

void Ledger::keep_alive() {
  for (Run* run : live_) run->keep_alive();
}

std::optional<Claim> Ledger::try_claim(std::string_view job, std::string_view slot, std::string_view params,
                                       bool reopen, std::string& holder) {
  const std::string lease = std::to_string(options_.lease.count());
  std::string id = new_id();
  const Rows inserted = db_.query(
      "INSERT INTO ops.runs (id, job, slot, status, params, holder, lease_until, business_now, version) "
      "VALUES ($1::uuid, $2, $3, 'running', $4::jsonb, $5::jsonb, clock_timestamp() + $6::int * interval '1 "
      "second', "
      "$7::timestamptz, $8) ON CONFLICT (job, slot) DO NOTHING RETURNING id",
      sql_values(id, job, slot, params, self_.to_json(), lease, options_.business_now, version()));
  if (!inserted.empty()) {
    auto run = std::unique_ptr<Run>(new Run(*this, std::move(id)));
    run->epoch_ = 1;
    run->params_ = params;
    return Claim{std::move(run), inserted[0].text("id")};
  }
  const std::optional<RunInfo> found = find(job, slot);
  if (!found) return std::nullopt;  // pruned in between: look again
  const RunInfo& info = *found;
  if (info.status == "done" && !reopen) return Claim{nullptr, info.id};
  if (info.status == "abandoned") {
    throw Error(ErrorKind::needs_human,
                std::string(job) + " " + std::string(slot) + ": run " + info.id + " was abandoned",
                "open it again with: am runs resume " + info.id);
  }
  const std::optional<Holder> other = info.holder.empty() ? std::nullopt : Holder::from_json(info.holder);
  if (info.status == "running" && info.lease_live && !(other && other->is_certainly_gone())) {
    holder = other ? "host " + other->host + ", pid " + std::to_string(other->pid) : "unknown holder";
    return std::nullopt;
  }
  const std::string recovered = info.status == "running" ? "lost" : info.status;
  const Rows taken = db_.query(
      "UPDATE ops.runs SET status = 'running', epoch = epoch + 1, attempt = attempt + 1, holder = $3::jsonb, "
      "lease_until = clock_timestamp() + $4::int * interval '1 second', started_at = clock_timestamp(), "
      "finished_at = NULL, not_before = NULL, error = NULL, recovered_from = $5, business_now = "
      "$6::timestamptz, "
      "version = $7 WHERE id = $1::uuid AND epoch = $2::bigint RETURNING epoch, attempt",
      sql_values(info.id, info.epoch, self_.to_json(), lease, recovered, options_.business_now, version()));
  if (taken.empty()) return std::nullopt;  // somebody was faster: look again
  auto run = std::unique_ptr<Run>(new Run(*this, info.id));
  run->epoch_ = taken[0].integer("epoch");
  run->attempt_ = static_cast<int>(taken[0].integer("attempt"));
  run->params_ = info.params;
  run->recovered_from_ = recovered;
  log_.info("run recovered",
            {{"workflow", job}, {"slot", slot}, {"workflow_run_id", info.id}, {"recovered_from", recovered}});
  return Claim{std::move(run), info.id};
}

bool Ledger::record(Sql& sql, const std::string& run_id, std::string_view job, std::string_view slot,
                    std::string_view step, std::string_view output_json, bool reopen) {
  const Rows rows = sql.query(
      "WITH run AS (INSERT INTO ops.runs AS r (id, job, slot, status, holder, finished_at, business_now, "
      "version) "
      "VALUES ($1::uuid, $2, $3, 'done', $4::jsonb, clock_timestamp(), $5::timestamptz, $6) "
      "ON CONFLICT (job, slot) DO UPDATE SET status = 'done', epoch = r.epoch + 1, attempt = r.attempt + 1, "
      "holder = excluded.holder, lease_until = NULL, not_before = NULL, error = NULL, "
      "recovered_from = CASE WHEN r.status = 'done' THEN r.recovered_from ELSE r.status END, "
      "business_now = excluded.business_now, started_at = clock_timestamp(), finished_at = "
      "clock_timestamp(), "
      "version = excluded.version WHERE r.status IN ('deferred', 'failed', 'interrupted') OR (r.status = "
      "'done' AND $9) "
      "RETURNING id) "
      "INSERT INTO ops.steps AS s (run_id, name, input_hash, output, version, started_at, finished_at) "
      "SELECT id, $7, '', $8::jsonb, $6, clock_timestamp(), clock_timestamp() FROM run "
      "ON CONFLICT (run_id, name, input_hash) DO UPDATE SET output = excluded.output, attempts = s.attempts "
      "+ 1, "
      "finished_at = excluded.finished_at, version = excluded.version RETURNING run_id",
      sql_values(run_id, job, slot, self_.to_json(), options_.business_now, version(), step, output_json,
                 reopen));
  return !rows.empty();
}

// --- working on a run ----------------------------------------------------------------------------------

Run::Run(Ledger& ledger, std::string id)
    : ledger_(ledger), id_(std::move(id)), renewed_(std::chrono::steady_clock::now()) {
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

std::optional<std::string> Run::output_of(std::string_view step) {
  const Rows rows = ledger_.db_.query(
      "SELECT output::text AS output FROM ops.steps WHERE run_id = $1::uuid AND name = $2 AND finished_at IS "
      "NOT NULL "
      "ORDER BY finished_at DESC LIMIT 1",
      sql_values(id_, step));
  if (rows.empty()) return std::nullopt;
  return rows[0].text("output");
}

std::string Run::step(std::string_view name, std::string_view input_hash,
                      const std::function<std::string()>& work) {
  const Rows rows = ledger_.db_.query(
      "WITH run AS (UPDATE ops.runs SET lease_until = clock_timestamp() + $5::int * interval '1 second' "
      "WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' RETURNING id) "
      "INSERT INTO ops.steps AS s (run_id, name, input_hash, version, started_at) "
      "SELECT id, $3, $4, $6, clock_timestamp() FROM run "
      "ON CONFLICT (run_id, name, input_hash) DO UPDATE SET "
      "attempts = s.attempts + CASE WHEN s.finished_at IS NULL THEN 1 ELSE 0 END "
      "RETURNING attempts, CASE WHEN finished_at IS NOT NULL THEN output::text END AS output",
      sql_values(id_, epoch_, name, input_hash, static_cast<long long>(ledger_.options_.lease.count()),
                 version()));
  check_affected(rows);
  renewed_ = std::chrono::steady_clock::now();
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
    check_affected(ledger_.db_.query(
        "WITH run AS (SELECT id FROM ops.runs WHERE id = $1::uuid AND epoch = $2::bigint AND status = "
        "'running' FOR UPDATE) "
        "UPDATE ops.steps s SET output = $5::jsonb, finished_at = clock_timestamp() FROM run "
        "WHERE s.run_id = run.id AND s.name = $3 AND s.input_hash = $4 RETURNING s.name",
        sql_values(id_, epoch_, name, input_hash, output)));
    ledger_.log_.info("step finished", {{"duration", seconds_since(start)}});
    return output;
  } catch (const std::exception& error) {
    ledger_.log_.warn("step failed", {{"duration", seconds_since(start)}, {"error", error.what()}});
    throw;
  }
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

void Run::keep_alive() {
  if (!open_ || std::chrono::steady_clock::now() - renewed_ < ledger_.options_.lease / 3) return;
  check_affected(
      ledger_.db_.query("UPDATE ops.runs SET lease_until = clock_timestamp() + $3::int * interval '1 second' "
                        "WHERE id = $1::uuid AND epoch = $2::bigint AND status = 'running' RETURNING id",
                        sql_values(id_, epoch_, static_cast<long long>(ledger_.options_.lease.count()))));
  renewed_ = std::chrono::steady_clock::now();
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

void Run::finish() { finish(ledger_.db_); }

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
