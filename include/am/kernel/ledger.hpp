#pragma once
// The run ledger: what replaces a workflow engine. Plain tables (ops.runs, ops.steps, ops.effects,
// ops.events), no resident process; every invocation recovers what it finds.
//
// A run is (job, slot), unique. To work on it a process claims its lease, which bumps the epoch; every
// write of state checks the epoch, so whoever lost the lease writes nothing more. Whoever decides on what it read
// compares all of that when it writes (status, epoch, holder, lease), so of two transitions the second sees the
// first one's result or is refused. A finished step is never run again: a rerun gets its stored output. Leases
// compare the database's clock only.
//
// Threads: a Ledger and its runs are used from one, as its Db is; the heartbeat's thread shares nothing with them.
// Design: docs/architecture.md, "The run ledger".

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// Who holds a lease, precisely enough to know that it is dead. Unknown parts are empty.
struct Holder {
  std::string host;
  std::string boot_id;
  std::string pid_namespace;
  long long pid = 0;
  std::string start_ticks;

  static Holder self();
  std::string to_json() const;
  static std::optional<Holder> from_json(std::string_view json);
  /// True only for a process of this boot and pid namespace that is certainly gone (no such pid, or another
  /// process has the number now). Anything unknown: false, the lease must expire.
  bool is_certainly_gone() const;
};

enum class RunStatus { running, done, deferred, failed, interrupted, abandoned };
std::string_view run_status_name(RunStatus status);

struct LedgerOptions {
  std::chrono::milliseconds lease{std::chrono::seconds(120)};
  bool fail_when_busy = false;                ///< --on-busy fail
  std::chrono::milliseconds max_wait{90000};  ///< --max-wait, for --on-busy wait
  std::optional<Instant> business_now{};      ///< --now, recorded on the run
  Heartbeat* heartbeat = nullptr;             ///< keeps the leases; none: steps alone renew them
};

class Ledger;

/// A claimed run. Not finished when destroyed: it is left as interrupted, and its lease is given back.
class Run {
 public:
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const std::string& id() const { return id_; }
  const std::string& params() const { return params_; }  ///< JSON, as of the first claim
  int attempt() const { return attempt_; }
  /// "interrupted", "failed", "lost" … when an earlier attempt is being continued.
  const std::string& recovered_from() const { return recovered_from_; }

  /// Runs `work`, whose result (JSON) is stored as the step's output, unless a finished step of that name and
  /// input hash is stored already: then that output is returned and `work` is not called. While the database is
  /// away the output is kept, and stored as Ledger::until_stored does.
  /// Logs start, end and failure with step_name, step_run_id, retry_count, duration.
  /// Errors:  what work throws; busy when fenced out; what ended the storing, saying that the output is lost.
  std::string step(std::string_view name, std::string_view input_hash,
                   const std::function<std::string()>& work);

  /// As step, but the output is committed together with the domain rows that `work` writes in the transaction.
  std::string step_in(Transaction& tx, std::string_view name, std::string_view input_hash,
                      const std::function<std::string(Transaction&)>& work);

  /// Errors:  as Lease::check. Without a heartbeat it is not known.
  void check_lease() const;
  /// Throws busy unless this process still holds the run; locks the row until the transaction ends.
  void fence(Sql& sql);

  void finish(Sql& sql);  ///< done; within the transaction that writes the domain rows
  void finish();          ///< done; on its own
  /// done, in one transaction with what `work` writes, which fences first (step_in does). Repeated as
  /// Ledger::until_stored does; a COMMIT whose outcome is unknown is looked up before it is repeated.
  void finish_with(const std::function<void(Transaction&)>& work);
  /// done, though nothing was left to do: what the run is for is stored. A step that it left unfinished is forgotten.
  void finish_found();
  /// Ends this attempt with an error: deferred (with its not_before), failed, or interrupted, by its kind.
  void fail(const Error& error);

 private:
  friend class Ledger;
  Run(Ledger& ledger, std::string id);
  void check_affected(const Rows& rows) const;
  void store_output(std::string_view name, std::string_view input_hash, const std::string& output);
  bool is_stored(std::string_view name, std::string_view input_hash);
  void until_ended(const std::function<void()>& work);
  bool is_done();
  /// The lease has just been claimed or renewed, by a statement that was sent then.
  void keep_lease(SteadyTime sent);

  Ledger& ledger_;
  std::string id_;
  std::string params_;
  std::string recovered_from_;
  long long epoch_ = 0;
  int attempt_ = 1;
  bool open_ = true;
  std::optional<Lease> lease_;
};

/// What a claim came to: a run to work on, or nothing because the slot is done.
struct Claim {
  std::unique_ptr<Run> run;  ///< null: already done
  std::string run_id;
};

/// For people: `am runs list`.
struct RunInfo {
  std::string id, job, slot, status, params, error, recovered_from, version, holder;
  int attempt = 0;
  long long epoch = 0;
  Instant started_at{};
  std::optional<Instant> finished_at, lease_until, not_before;
  bool lease_live = false;
};
struct StepInfo {
  std::string name, input_hash, version;
  std::optional<std::string> output;
  int attempts = 0;
  Instant started_at{};
  std::optional<Instant> finished_at;
};

/// For people: `am events`. What is empty does not filter.
struct EventFilter {
  std::optional<std::string> batch_id, run_id, kind, subject;
  std::optional<Instant> since;
  int limit = 50;
};
struct EventInfo {
  Instant at{};
  std::string kind;
  std::optional<std::string> batch_id, run_id;
  std::string data;                    ///< JSON
  std::optional<std::string> subject;  ///< in its desk's words: "series rides"
};

class Ledger {
 public:
  Ledger(Db& db, Log& log, const Stop& stop, LedgerOptions options);

  /// Claims (job, slot) to work on it: makes it, takes over an attempt that ended or died, or waits while another
  /// process is at it (then looks again: usually it finds the slot done).
  /// reopen: a slot that is done is claimed again (work that repeats under one name).
  /// Errors:  busy: max_wait is over or fail_when_busy; needs_human: the run was abandoned.
  Claim claim(std::string_view job, std::string_view slot, std::string_view params_json, bool reopen = false);

  /// Before what costs something, and while one waits: nothing is sent for it.
  /// Errors:  as Lease::check, when one of the runs that this process works on is no longer its own.
  void check_leases() const;

  /// Database work that stores what must not be lost, such as an answer that was paid for: while the database is away
  /// it is repeated, for a lease's length at most. It may run twice, also after a first time whose outcome is unknown,
  /// so it is idempotent or fenced.
  /// Errors:  what work threw last; interrupted, terminated: asked to end while the database was away.
  void until_stored(const std::function<void()>& work);

  /// Records a whole run, its one step and its end in the caller's transaction: for a slot that is one
  /// transaction's work. False, and nothing written, when the slot is done already or another process is at it.
  bool record(Sql& sql, const std::string& run_id, std::string_view job, std::string_view slot,
              std::string_view step, std::string_view output_json, bool reopen = false);

  /// Records a run whose first step was done elsewhere, in the caller's transaction: it is deferred, for that reason, until
  /// somebody claims it. False, and nothing written: the slot has a run.
  bool record_begun(Sql& sql, std::string_view job, std::string_view slot, std::string_view params_json,
                    std::string_view step, std::string_view input_hash, std::string_view output_json,
                    std::string_view reason);

  /// What happened, written with the change itself. subject: what it is about, when that is no batch.
  static void event(Sql& sql, std::string_view kind, const std::optional<std::string>& batch_id,
                    const std::optional<std::string>& run_id, std::string_view data_json = "{}",
                    const std::optional<std::string>& subject = {});

  std::vector<RunInfo> list(const std::optional<std::string>& job, const std::optional<std::string>& status,
                            int limit);
  std::optional<RunInfo> find(const std::string& id);
  std::optional<RunInfo> find(std::string_view job, std::string_view slot);
  std::vector<StepInfo> steps(const std::string& run_id);
  /// The newest first.
  std::vector<EventInfo> events(const EventFilter& filter);
  /// Closes a run for good: a later claim is refused until resume. Fences out a live holder. False: it was before.
  /// Errors: no_input, unknown id; needs_human when it is done.
  bool abandon(const std::string& id);
  /// Takes a running run away from whoever holds it, who writes nothing more: it counts as interrupted, and the next
  /// claim goes on with it at once. Written with the event lock_broken (job, slot, reason).
  /// False, and nothing written: the run is not running. Errors: no_input, unknown id.
  bool break_lock(const std::string& id, std::string_view reason);
  /// Forgets a run and its steps, whatever its state: a rerun starts from nothing.
  /// keeps_evidence: what its finished steps came to goes to ops.discarded_steps, which nothing reads to go on.
  /// Errors: busy, when it has ended, or another attempt has begun, since it was read; no_input, when it is gone.
  void discard(const RunInfo& as_read, bool keeps_evidence = false);
  /// Opens an abandoned run again. False: it is not abandoned.
  bool reopen(const std::string& id);

 private:
  friend class Run;
  std::optional<Claim> try_claim(std::string_view job, std::string_view slot, std::string_view params,
                                 bool reopen, std::string& holder);
  std::optional<Claim> claim_new(std::string_view job, std::string_view slot, std::string_view params);
  /// Nothing: the run is no longer as it was read.
  std::optional<Claim> take_over(const RunInfo& found);
  long long lease_ms() const { return options_.lease.count(); }

  Db& db_;
  Log& log_;
  const Stop& stop_;
  LedgerOptions options_;
  Holder self_;
  std::vector<Run*> live_;
};

/// An outside effect that must not happen twice: the intent is committed before it, the outcome after it.
/// A crash in between leaves the intent, which the next run turns into "unknown" and reconciles by asking the
/// vendor, never by repeating.
struct Effect {
  enum class State {
    fresh,  ///< the intent is this caller's
    held,   ///< another process, which may be alive, began it
    done,
    failed,
    unknown,  ///< whoever began it is gone, or has not said a word for kEffectPatience
  } state = State::fresh;
  std::string response{};  ///< JSON, when done
};
/// An intent of a process that can't be seen from here counts as left behind after it.
inline constexpr std::chrono::milliseconds kEffectPatience = std::chrono::minutes(5);

/// sql: a connection, or the caller's transaction, which is to be committed before the effect.
/// A second begin of the same process finds what the first left behind: "unknown".
Effect begin_effect(Sql& sql, const std::optional<std::string>& run_id, std::string_view kind,
                    std::string_view idempotency_key, std::string_view request_json,
                    std::chrono::milliseconds patience = kEffectPatience);
/// An effect that is done stays done.
void end_effect(Sql& sql, std::string_view idempotency_key, Effect::State state,
                std::string_view response_json);

}  // namespace am::kernel
