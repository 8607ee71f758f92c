#include "support/crash_sweep.hpp"

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/kernel/ledger.hpp"

namespace am::test {

std::string dump_picks(kernel::Sql& sql) {
  return value_of(sql, R"sql(
WITH named AS (SELECT id, to_char(run_date, 'YYYY-MM-DD') AS day FROM batches),
runs AS (
  SELECT r.id, r.job || ' ' || coalesce(n.day || substr(r.slot, 37), r.slot) AS name, r.status, r.params
  FROM ops.runs r LEFT JOIN named n ON starts_with(r.slot, n.id::text) WHERE r.job <> 'fetch_closes_v1'),
lines AS (
  SELECT concat_ws(' ', 'batch', n.day, benchmark_symbol, benchmark_initial_price, status) AS line
    FROM batches b JOIN named n ON n.id = b.id
  UNION ALL SELECT concat_ws(' ', 'origin', n.day, picker, coalesce(model, '-'), coalesce(prompt_hash, '-'), price_source, origin)
    FROM ops.batch_origin o JOIN named n ON n.id = o.batch_id
  UNION ALL SELECT concat_ws(' ', 'pick', n.day, ticker, action, initial_price, reasoning) FROM picks p JOIN named n ON n.id = p.batch_id
  UNION ALL SELECT concat_ws(' ', 'checkpoint', n.day, checkpoint_date, status, coalesce(benchmark_price::text, '-'),
                             coalesce(benchmark_return_pct::text, '-'))
    FROM checkpoints c JOIN named n ON n.id = c.batch_id
  UNION ALL SELECT concat_ws(' ', 'metric', n.day, checkpoint_date, ticker, current_price, absolute_return_pct, vs_benchmark_pct)
    FROM pick_checkpoint_metrics m JOIN checkpoints c ON c.id = m.checkpoint_id JOIN picks p ON p.id = m.pick_id
    JOIN named n ON n.id = c.batch_id
  UNION ALL SELECT concat_ws(' ', 'close', source, symbol, day, close) FROM market.daily_closes
  UNION ALL SELECT concat_ws(' ', 'run', name, status, params::text) FROM runs
  UNION ALL SELECT concat_ws(' ', 'step', r.name, s.name, s.input_hash, s.finished_at IS NOT NULL,
                             regexp_replace(s.output::text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'ID', 'g'))
    FROM ops.steps s JOIN runs r ON r.id = s.run_id
  UNION ALL SELECT concat_ws(' ', 'event', e.kind, coalesce(n.day, '-'), (e.data - 'before')::text)
    FROM ops.events e LEFT JOIN named n ON n.id = e.batch_id
) SELECT string_agg(line, E'\n' ORDER BY line) FROM lines)sql");
}

std::string_view crash_name(Crash crash) {
  switch (crash) {
    case Crash::error_once:
      return "one error";
    case Crash::death:
      return "death";
    case Crash::lost_connection:
      return "lost connection";
  }
  return "";
}

void CrashPoint::operator()(std::string_view what) {
  const int at = ++count_;
  if (n_ == 0 || at < n_ || (at > n_ && crash_ != Crash::death)) return;
  if (crash_ == Crash::lost_connection) {
    home_.end_connections();
    return;
  }
  // A process that is gone tries nothing again.
  throw Error(crash_ == Crash::death ? ErrorKind::terminated : ErrorKind::unavailable,
              "crash sweep: point " + std::to_string(at) + ", " + std::string(what.substr(0, 60)));
}

void bury_holders(kernel::Sql& sql) {
  kernel::Holder gone = kernel::Holder::self();
  gone.start_ticks = "1";  // another process has the number now
  sql.query("UPDATE ops.runs SET holder = $1::jsonb WHERE status = 'running'",
            kernel::sql_values(gone.to_json()));
}

int sweep_step(int points, int most) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  most = std::max(
      2, most / 3);  // there memory is looked at, and the points are much alike; the plain build takes all
#endif
  return std::max(1, (points + most - 1) / most);
}

void empty_all(kernel::Sql& sql) {
  sql.query(
      "WITH a AS (DELETE FROM pick_checkpoint_metrics), b AS (DELETE FROM checkpoints), c AS (DELETE FROM "
      "picks), "
      "d AS (DELETE FROM ops.steps), e AS (DELETE FROM ops.batch_origin), f AS (DELETE FROM "
      "market.daily_closes), "
      "g AS (DELETE FROM ops.events), h AS (DELETE FROM ops.rate_limits) DELETE FROM ops.runs");
  sql.query("DELETE FROM batches");
}

int sweep(const SweptJob& job, Crash crash, int most) {
  const TestDb home;  // one for all points: emptying it takes a tenth of what a new one does
  auto db = home.open();
  if (job.prepare) job.prepare(home);
  CrashPoint undisturbed(home, crash, 0);
  job.run(home, undisturbed);
  const int points = undisturbed.count();
  const std::string expected = dump_picks(*db);
  const int step = sweep_step(points, most);
  // With several threads at work the n-th call is not always the same one, but there are always as many.
  for (int n = 1; n <= points; n = n < points ? std::min(n + step, points) : n + 1) {
    SCOPED_TRACE(std::string(crash_name(crash)) + " at point " + std::to_string(n) + " of " +
                 std::to_string(points));
    empty_all(*db);
    if (job.prepare) job.prepare(home);
    {
      CrashPoint point(home, crash, n);
      try {
        job.run(home, point);
      } catch (const Error&) {
      }
      EXPECT_TRUE(point.fired());
    }
    if (crash == Crash::lost_connection) db = home.open();  // this one was ended too
    if (crash == Crash::death) bury_holders(*db);
    if (job.after_crash) job.after_crash(*db);
    CrashPoint never(home, crash, 0);
    EXPECT_NO_THROW(job.run(home, never));
    if (job.after_rerun) job.after_rerun(*db);
    const std::string got = dump_picks(*db);
    EXPECT_EQ(got, expected);
    if (testing::Test::HasFailure()) break;  // the next points would only repeat it
  }
  return points;
}

}  // namespace am::test
