#pragma once
// What a desk tells the shared commands and pages: data and pure readings, so that one snapshot asks all desks at once
// and nothing is called back. Which desks there are is the program's business (src/cli/desks.cpp), which of them an
// installation has is desks.enabled.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/duty.hpp"
#include "am/kernel/metrics.hpp"
#include "am/kernel/overview.hpp"
#include "am/kernel/prune.hpp"
#include "am/kernel/queue_admin.hpp"
#include "am/kernel/requirements.hpp"
#include "am/kernel/schedule.hpp"
#include "am/kernel/stale.hpp"
#include "am/kernel/verification.hpp"

namespace am::kernel {

/// What to ask, and what the results mean. Both pure; time is business time.
template <class T>
struct Reading {
  std::vector<Statement> (*ask)(Instant now) = nullptr;  ///< null: the desk has nothing of this kind
  T (*make)(std::span<const Rows> results, Instant now) = nullptr;  ///< the results of ask, in its order
};

/// What falls due depends on the zone that a desk's days begin in, which is configured (Desk::zone_key).
struct DutyReading {
  std::vector<Statement> (*ask)(Instant now, std::string_view zone) = nullptr;
  std::vector<Duty> (*make)(std::span<const Rows> results, Instant now, std::string_view zone) = nullptr;
};

struct Desk {
  std::string_view name;  ///< "picks": of desks.enabled, of --desk, of counts
  std::span<const Job> jobs{};
  std::span<const ConfigKey> keys{};
  std::span<const Schedule> schedules{};
  std::span<const std::string_view> tables{};  ///< "public.batches": what a role needs privileges on
  /// Read by status and metrics, listed and changed by `am queue`.
  std::span<const QueueSpec> queues{};
  /// All that are due, and of each job the next one; by due_at.
  DutyReading duties{};
  /// The configuration key with the zone of its slots; empty: they follow New York's clocks.
  std::string_view zone_key{};
  Reading<std::vector<MetricFamily>> metrics{};
  /// What falls due in some New York days, as far as the calendar alone tells; text says what it is.
  std::vector<Duty> (*upcoming)(Date first, int days, std::string_view zone) = nullptr;
  /// What its slots from `from` to before `to` come to when its commands are started so. firings: ascending. Pure.
  std::vector<SimulatedSlot> (*simulate)(std::span<const Firing> firings, Instant from, Instant to) = nullptr;
  /// What the configured work needs.
  Requirements (*requirements)(const Config& config) = nullptr;
  Verify verify = nullptr;
  std::string_view verified{};  ///< what its progress counts: "batches"
  std::span<const PruneRule> prune{};
};

/// A desk as an installation has it.
class ConfiguredDesk {
 public:
  // A list of desks without a zone of their own is written as a list of pointers.
  // NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions)
  ConfiguredDesk(const Desk* desk, std::string zone = "UTC") : desk_(desk), zone_(std::move(zone)) {}
  operator const Desk*() const { return desk_; }
  // NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)
  const Desk* operator->() const { return desk_; }
  const std::string& zone() const { return zone_; }

 private:
  const Desk* desk_;
  std::string zone_;  ///< of its zone_key
};
using Desks = std::vector<ConfiguredDesk>;

/// Statements of several readers in one list; what each asked is found again by its place.
class Questions {
 public:
  /// Returns the place of the first.
  std::size_t add(std::vector<Statement> more);
  const std::vector<Statement>& statements() const { return statements_; }

 private:
  std::vector<Statement> statements_;
};

/// How everything stands at a moment.
struct Overview {
  Instant now{};             ///< business time
  std::vector<Job> kinds;    ///< of all desks: whose slots fall due
  std::vector<Duty> duties;  ///< of all desks, by due_at
  std::vector<JobState> jobs;
  std::vector<OpenRun> open;
  std::vector<BudgetState> budgets;
  std::vector<QueueState> queues{};  ///< of all desks, in their order
};

/// One round trip for it: what to ask, and what the answers say.
class OverviewReading {
 public:
  /// off: desks whose jobs are left out, though the ledger knows runs of theirs.
  OverviewReading(Desks desks, std::vector<RateLimit> limits, Instant now, Desks off = {});
  const std::vector<Statement>& statements() const { return questions_.statements(); }
  /// results: those of statements(), in their order; more may follow.
  Overview make(std::span<const Rows> results) const;

 private:
  Desks desks_;
  Desks off_;
  std::vector<RateLimit> limits_;
  Instant now_;
  Questions questions_;
  std::vector<std::size_t> duties_;  ///< a place for each desk
  std::size_t ledger_ = 0;
  std::vector<const QueueSpec*> specs_;  ///< of the desks, which outlive this
  std::size_t queues_ = 0;
};

/// The queues of all desks, in their order.
std::vector<const QueueSpec*> queues_of(const Desks& desks);

/// What is owed, of all desks by due_at. Errors: as Sql::query.
std::vector<Duty> read_duties(Sql& sql, const Desks& desks, Instant now);

/// am_job_due and am_job_next_due_timestamp_seconds.
std::vector<MetricFamily> duty_metrics(std::span<const Job> kinds, std::span<const Duty> duties, Instant now);

struct ProgramMetrics {
  std::vector<MetricFamily> families;
  std::optional<Error> error;  ///< why the database did not answer; its families are left out then
};

/// am_build_info, am_database_up, and what the database knows: am_job_*, am_rate_limit_*, am_queue_* and the desks' own.
/// read:    runs statements in one snapshot.
/// off:     as for OverviewReading.
/// Errors:  none: what read throws is the result's error.
ProgramMetrics program_metrics(const std::function<std::vector<Rows>(const std::vector<Statement>&)>& read,
                               const Desks& desks, const std::vector<RateLimit>& limits, Instant now,
                               const Desks& off = {});

}  // namespace am::kernel
