#include "am/kernel/overview.hpp"

#include <array>

#include "am/kernel/ledger.hpp"

namespace am::kernel {

// Of each job its latest run, the one that ended last and the last success, each by an index, and how many runs it has
// of each status but done: a row for each such status, or one without. However many are done, they are not looked at; so
// the jobs are found one after the other, as SELECT DISTINCT would read them all.
Statement job_states_statement() {
  return {R"sql(
WITH RECURSIVE jobs AS (
  (SELECT job FROM ops.runs ORDER BY job LIMIT 1)
  UNION ALL
  SELECT (SELECT r.job FROM ops.runs r WHERE r.job > j.job ORDER BY r.job LIMIT 1) FROM jobs j WHERE j.job IS NOT NULL),
counts AS (SELECT job, status, count(*) AS n FROM ops.runs WHERE status <> 'done' GROUP BY job, status)
SELECT j.job, c.status, c.n, (extract(epoch FROM d.finished_at) * 1000000)::bigint AS succeeded,
       l.id::text AS id, l.slot, l.status AS latest_status, l.attempt, coalesce(l.error->>'message', '') AS error,
       (extract(epoch FROM l.started_at) * 1000000)::bigint AS latest_started,
       (extract(epoch FROM l.finished_at) * 1000000)::bigint AS latest_finished,
       (extract(epoch FROM l.not_before) * 1000000)::bigint AS not_before,
       (extract(epoch FROM e.took) * 1000000)::bigint AS took
FROM jobs j
CROSS JOIN LATERAL (
  SELECT * FROM ops.runs r WHERE r.job = j.job ORDER BY r.started_at DESC, r.id DESC LIMIT 1) l
LEFT JOIN LATERAL (
  SELECT r.finished_at - r.started_at AS took FROM ops.runs r WHERE r.job = j.job AND r.finished_at IS NOT NULL
  ORDER BY r.started_at DESC, r.id DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (
  SELECT r.finished_at FROM ops.runs r WHERE r.job = j.job AND r.status = 'done' AND r.finished_at IS NOT NULL
  ORDER BY r.finished_at DESC LIMIT 1) d ON true
LEFT JOIN counts c ON c.job = j.job
ORDER BY j.job COLLATE "C", c.status
)sql",
          {}};
}

std::vector<JobState> job_states(const Rows& rows) {
  std::vector<JobState> jobs;
  for (const Row row : rows) {
    if (jobs.empty() || jobs.back().job != row.text("job")) {
      JobState& job = jobs.emplace_back();
      job.job = row.text("job");
      job.last_success = row.maybe_micros("succeeded");
      job.id = row.text("id");
      job.slot = row.text("slot");
      job.status = row.text("latest_status");
      job.attempts = static_cast<int>(row.integer("attempt"));
      job.error = row.text("error");
      job.started_at = row.micros("latest_started");
      job.finished_at = row.maybe_micros("latest_finished");
      job.not_before = row.maybe_micros("not_before");
      if (!row.is_null("took")) job.last_duration = std::chrono::microseconds(row.integer("took"));
    }
    if (!row.is_null("status")) jobs.back().open[row.text("status")] = row.integer("n");
  }
  return jobs;
}

// Bounded job by job: what has gone wrong with one a thousand times takes no other's runs out of sight.
Statement open_runs_statement() {
  return {R"sql(
SELECT id::text AS id, job, slot, status, attempt, coalesce(holder::text, '') AS holder,
       (extract(epoch FROM started_at) * 1000000)::bigint AS started_at,
       (extract(epoch FROM not_before) * 1000000)::bigint AS not_before,
       (extract(epoch FROM coalesce(business_now, finished_at)) * 1000000)::bigint AS ended_at,
       coalesce(lease_until > clock_timestamp(), false) AS lease_live,
       coalesce(error->>'message', '') AS error
FROM (SELECT r.*, row_number() OVER (PARTITION BY job ORDER BY status <> 'running', started_at DESC) AS place
      FROM ops.runs r WHERE status <> 'done') open
WHERE place <= 500 ORDER BY status <> 'running', open.started_at DESC
)sql",
          {}};
}

std::vector<OpenRun> open_runs(const Rows& rows) {
  const auto is_gone = [](const std::string& holder) {
    const auto known = Holder::from_json(holder);
    return known && known->is_certainly_gone();
  };
  std::vector<OpenRun> runs;
  for (const Row row : rows) {
    runs.push_back({.id = row.text("id"),
                    .job = row.text("job"),
                    .slot = row.text("slot"),
                    .status = row.text("status"),
                    .attempt = static_cast<int>(row.integer("attempt")),
                    .holder = row.text("holder"),
                    .started_at = row.micros("started_at"),
                    .not_before = row.maybe_micros("not_before"),
                    .ended_at = row.maybe_micros("ended_at"),
                    .lease_live = row.boolean("lease_live"),
                    .holder_gone = row.text("status") == "running" && is_gone(row.text("holder")),
                    .error = row.text("error")});
  }
  return runs;
}

// One row per window. The same count as RateLimiter::status, for all keys at once.
Statement budget_states_statement(const std::vector<RateLimit>& limits) {
  SqlValues keys;
  SqlValues periods;
  for (const RateLimit& limit : limits) {
    for (const RateWindow& window : limit.windows) {
      keys.push_back(limit.key);
      periods.push_back(sql_value(window.period.count()));
    }
  }
  return {R"sql(
SELECT (SELECT count(*) FROM ops.rate_slots s
        WHERE s.key = w.key AND s.used_at > m.t - w.ms * interval '1 millisecond')
       + (SELECT count(*) FROM ops.rate_slots s
          WHERE s.key = w.key AND s.used_at IS NULL AND s.reserved_until > m.t) AS used,
       CASE WHEN l.paused_until > m.t THEN (extract(epoch FROM l.paused_until) * 1000000)::bigint END AS paused_until,
       coalesce(l.pause_reason, '') AS reason
FROM (SELECT clock_timestamp() AS t) m,
     unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w(key, ms, i) LEFT JOIN ops.rate_limits l ON l.key = w.key
ORDER BY w.i
)sql",
          sql_values(sql_array(keys), sql_array(periods))};
}

std::vector<BudgetState> budget_states(const Rows& rows, const std::vector<RateLimit>& limits) {
  std::vector<BudgetState> budgets;
  std::size_t i = 0;
  for (const RateLimit& limit : limits) {
    BudgetState& budget = budgets.emplace_back();
    budget.key = limit.key;
    for (const RateWindow& window : limit.windows) {
      const Row row = rows[i++];
      budget.windows.push_back({.limit = window.limit, .period = window.period, .used = row.integer("used")});
      budget.paused_until = row.maybe_micros("paused_until");
      budget.pause_reason = budget.paused_until ? row.text("reason") : "";
    }
  }
  return budgets;
}

std::string period_text(std::chrono::milliseconds period) {
  static constexpr std::array<std::pair<std::chrono::milliseconds, std::string_view>, 4> kUnits = {
      {{std::chrono::hours(24), "day"},
       {std::chrono::hours(1), "h"},
       {std::chrono::minutes(1), "min"},
       {std::chrono::seconds(1), "s"}}};
  for (const auto& [unit, name] : kUnits) {
    if (period.count() > 0 && period % unit == std::chrono::milliseconds(0))
      return std::to_string(period / unit) + std::string(name);
  }
  return std::to_string(period.count()) + "ms";
}

}  // namespace am::kernel
