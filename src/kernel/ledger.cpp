#include "am/kernel/ledger.hpp"

#include <algorithm>

#include "am/kernel/ids.hpp"
#include "am/kernel/version.hpp"

namespace am::kernel {

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
    check_leases();  // this one may be needed by another run of this process
    stop_.sleep(nap);
    nap = std::min(nap * 2, std::chrono::milliseconds(500));
  }
}

void Ledger::check_leases() const {
  for (const Run* run : live_) run->check_lease();
}

void Ledger::until_stored(const std::function<void()>& work) {
  const auto end = std::chrono::steady_clock::now() + options_.lease;
  std::chrono::milliseconds nap{50};
  std::optional<Error> away;
  for (;;) {
    try {
      return work();
    } catch (const Error& error) {
      // Once it was away, a server that comes back, or another in its place, refuses in many ways for a while: it only
      // reads, it does not know the database yet.
      const bool passes = error.kind() == ErrorKind::unavailable ||
                          (away && (error.kind() == ErrorKind::denied || error.kind() == ErrorKind::config));
      if (!passes || std::chrono::steady_clock::now() + nap >= end) throw;
      if (!away) {
        log_.warn("the database is away: what it has not stored is kept, and tried again",
                  {{"error", error.message()}});
      }
      away = error;
    }
    try {
      stop_.sleep(nap);
    } catch (const Error& stop) {
      throw Error(stop.kind(), away->message() + ", and this process was asked to end", stop.hint());
    }
    nap = std::min(nap * 2, std::chrono::milliseconds(1000));
  }
}

std::optional<Claim> Ledger::try_claim(std::string_view job, std::string_view slot, std::string_view params,
                                       bool reopen, std::string& holder) {
  for (;;) {
    if (std::optional<Claim> fresh = claim_new(job, slot, params)) return fresh;
    const std::optional<RunInfo> found = find(job, slot);
    if (!found) continue;  // discarded or pruned in between
    if (found->status == "done" && !reopen) return Claim{nullptr, found->id};
    if (found->status == "abandoned") {
      throw Error(ErrorKind::needs_human,
                  std::string(job) + " " + std::string(slot) + ": run " + found->id + " was abandoned",
                  "open it again with: am runs resume " + found->id);
    }
    const std::optional<Holder> other =
        found->holder.empty() ? std::nullopt : Holder::from_json(found->holder);
    if (found->status == "running" && found->lease_live && !(other && other->is_certainly_gone())) {
      holder = other ? "host " + other->host + ", pid " + std::to_string(other->pid) : "unknown holder";
      return std::nullopt;
    }
    if (std::optional<Claim> taken = take_over(*found)) return taken;
    // Somebody was faster, so that what was decided on is no longer so: look again.
  }
}

std::optional<Claim> Ledger::claim_new(std::string_view job, std::string_view slot, std::string_view params) {
  std::string id = new_id();
  const SteadyTime sent = std::chrono::steady_clock::now();
  const Rows inserted = db_.query(
      "INSERT INTO ops.runs (id, job, slot, status, params, holder, lease_until, business_now, version) "
      "VALUES ($1::uuid, $2, $3, 'running', $4::jsonb, $5::jsonb, clock_timestamp() + $6::bigint * interval "
      "'1 millisecond', $7::timestamptz, $8) ON CONFLICT (job, slot) DO NOTHING RETURNING id",
      sql_values(id, job, slot, params, self_.to_json(), lease_ms(), options_.business_now, version()));
  if (inserted.empty()) return std::nullopt;
  auto run = std::unique_ptr<Run>(new Run(*this, std::move(id)));
  run->epoch_ = 1;
  run->params_ = params;
  run->keep_lease(sent);
  return Claim{std::move(run), inserted[0].text("id")};
}

std::optional<Claim> Ledger::take_over(const RunInfo& found) {
  const std::string recovered = found.status == "running" ? "lost" : found.status;
  const SteadyTime sent = std::chrono::steady_clock::now();
  // All that was decided on: the end of an attempt and the renewal of a lease leave the epoch as it is.
  const Rows taken = db_.query(
      "UPDATE ops.runs SET status = 'running', epoch = epoch + 1, attempt = attempt + 1, holder = $6::jsonb, "
      "lease_until = clock_timestamp() + $7::bigint * interval '1 millisecond', started_at = clock_timestamp(), "
      "finished_at = NULL, not_before = NULL, error = NULL, recovered_from = $8, business_now = "
      "$9::timestamptz, version = $10 "
      "WHERE id = $1::uuid AND epoch = $2::bigint AND status = $3 AND holder IS NOT DISTINCT FROM $4::jsonb "
      "AND lease_until IS NOT DISTINCT FROM $5::timestamptz RETURNING epoch, attempt",
      sql_values(found.id, found.epoch, found.status,
                 found.holder.empty() ? std::nullopt : std::optional(found.holder), found.lease_until,
                 self_.to_json(), lease_ms(), recovered, options_.business_now, version()));
  if (taken.empty()) return std::nullopt;
  auto run = std::unique_ptr<Run>(new Run(*this, found.id));
  run->epoch_ = taken[0].integer("epoch");
  run->attempt_ = static_cast<int>(taken[0].integer("attempt"));
  run->params_ = found.params;
  run->recovered_from_ = recovered;
  run->keep_lease(sent);
  log_.info("run recovered", {{"workflow", found.job},
                              {"slot", found.slot},
                              {"workflow_run_id", found.id},
                              {"recovered_from", recovered}});
  return Claim{std::move(run), found.id};
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

bool Ledger::record_begun(Sql& sql, std::string_view job, std::string_view slot, std::string_view params_json,
                          std::string_view step, std::string_view input_hash, std::string_view output_json,
                          std::string_view reason) {
  const Rows rows = sql.query(
      "WITH run AS (INSERT INTO ops.runs (id, job, slot, status, params, finished_at, business_now, error, version) "
      "VALUES ($1::uuid, $2, $3, 'deferred', $4::jsonb, clock_timestamp(), $5::timestamptz, jsonb_build_object('code', "
      "'deferred', 'message', $6::text, 'hint', ''), $7) ON CONFLICT (job, slot) DO NOTHING RETURNING id) "
      "INSERT INTO ops.steps (run_id, name, input_hash, output, version, started_at, finished_at) "
      "SELECT id, $8, $9, $10::jsonb, $7, clock_timestamp(), clock_timestamp() FROM run RETURNING run_id",
      sql_values(new_id(), job, slot, params_json, options_.business_now, reason, version(), step, input_hash,
                 output_json));
  return !rows.empty();
}

}  // namespace am::kernel
