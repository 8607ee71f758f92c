#include <gtest/gtest.h>

#include "am/kernel/ids.hpp"
#include "am/kernel/prune.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "am/picks/verify.hpp"
#include "picks/store_pg.hpp"
#include "support/pg.hpp"

namespace am::picks {
namespace {

const Date kVerifiedMonday(2000, 1, 10);  // its second week begins with a holiday: 2000-01-17
constexpr std::string_view kBatch = "01900000-0000-7000-8000-000000000001";

std::string pick_id(int index) { return "01900000-0000-7000-8000-00000000010" + std::to_string(index); }

/// A complete batch with its 14 days and its runs, as the jobs leave it.
class VerifyData : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    home_ = std::make_unique<test::TestDb>();
    db_ = home_->open();
  }
  static void TearDownTestSuite() {
    db_.reset();
    home_.reset();
  }
  void SetUp() override {
    db_->transact([](kernel::Transaction& tx) {
      tx.query("TRUNCATE batches, ops.runs, ops.events, market.daily_closes CASCADE");
      seed(tx);
    });
  }

  static void sql(std::string_view statement, const kernel::SqlValues& values = {}) {
    db_->query(statement, values);
  }

  static void seed(kernel::Sql& db) {
    Batch batch{std::string(kBatch),
                kVerifiedMonday,
                "SPX",
                Decimal::of("1441.469971"),
                "active",
                "momentum",
                "",
                "",
                "",
                "csv:/m",
                "backfill",
                {}};
    const std::vector<std::string> tickers{"GE", "IBM", "T"};
    for (int i = 0; i < 3; ++i) {
      batch.picks.push_back(
          {pick_id(i),
           {tickers[static_cast<std::size_t>(i)], i == 2 ? Action::sell : Action::buy, "why"},
           Decimal::of(std::to_string(47 + 13 * i) + ".37")});
    }
    store::insert(db, batch, baseline_session(kVerifiedMonday), {});
    run(db, "weekly_pick_v1", kVerifiedMonday.to_string());
    for (int day = 1; day <= kDays; ++day) {
      const Date date = checkpoint_date(kVerifiedMonday, day);
      Checkpoint checkpoint{date, false, {}, {}, {}};
      if (market::is_session(date)) {
        std::map<std::string, Decimal> closes{
            {"SPX", Decimal::of("14" + std::to_string(20 + day) + ".070313")}};
        for (const StoredPick& pick : batch.picks)
          closes[pick.pick.ticker] = pick.initial_price + Decimal(day) * Decimal::of("0.31");
        checkpoint = *compute_checkpoint(batch, date, closes);
      }
      store::write(db, batch.id, kernel::new_id(), checkpoint, false);
      run(db, "daily_checkpoint_v1", batch.id + ":" + std::to_string(day));
    }
    store::settle_status(db, batch.id);
  }

  static void run(kernel::Sql& db, std::string_view job, const std::string& slot) {
    db.query(
        "WITH r AS (INSERT INTO ops.runs (id, job, slot, status, version) VALUES (gen_random_uuid(), $1, $2, "
        "'done', 't') "
        "RETURNING id) INSERT INTO ops.steps (run_id, name, input_hash, output, version, started_at, "
        "finished_at) "
        "SELECT id, 'work', '', '{}', 't', now(), now() FROM r",
        kernel::sql_values(job, slot));
  }

  static std::string text_of(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
      text += finding.subject + " | " + finding.what + " | expected " + finding.expected + " | got " +
              finding.got + "\n";
    }
    return text;
  }

  static inline std::unique_ptr<test::TestDb> home_;
  static inline std::unique_ptr<kernel::Db> db_;
};

TEST_F(VerifyData, FindsNothingInWhatTheJobsWrite) {
  const Verification result = verify_data(*db_, std::nullopt);
  EXPECT_EQ(text_of(result.findings), "");
  EXPECT_EQ(text_of(result.remarks), "");
  EXPECT_EQ(result.batches, 1);
  EXPECT_EQ(result.checkpoints, 15);
  EXPECT_EQ(result.metrics, 27) << "nine sessions, three picks";
  EXPECT_EQ(result.figures, 9 * (1 + 3 * 2));
}

TEST_F(VerifyData, OfAnotherRangeLooksAtNothing) {
  sql("UPDATE checkpoints SET benchmark_return_pct = 1 WHERE status = 'computed'");
  EXPECT_EQ(verify_data(*db_, DateRange{Date(2000, 1, 11), Date(2000, 2, 1)}).batches, 0);
}

struct Corruption {
  std::string_view statement;
  std::string_view finding;  ///< part of "what | expected … | got …"
  friend void PrintTo(const Corruption& corruption, std::ostream* out) { *out << corruption.statement; }
};

class VerifyFinds : public VerifyData, public testing::WithParamInterface<Corruption> {};

TEST_P(VerifyFinds, TheCorruption) {
  sql(GetParam().statement);
  const Verification result = verify_data(*db_, std::nullopt);
  const std::string text = text_of(result.findings);
  EXPECT_NE(text.find(GetParam().finding), std::string::npos) << GetParam().statement << "\nfindings:\n"
                                                              << text;
}

constexpr Corruption kCorruptions[] = {
    // figures
    {"UPDATE checkpoints SET benchmark_return_pct = benchmark_return_pct + 1e-28 WHERE checkpoint_date = "
     "'2000-01-12'",
     "2000-01-10 | 2000-01-12 SPX: return in percent |"},
    {"UPDATE checkpoints SET benchmark_return_pct = null WHERE checkpoint_date = '2000-01-12'", "got null"},
    {"UPDATE checkpoints SET benchmark_price = 'NaN' WHERE checkpoint_date = '2000-01-12'",
     "2000-01-12 SPX: price | expected 0.000001 to 10000000 | got NaN"},
    {"UPDATE checkpoints SET benchmark_price = 0 WHERE checkpoint_date = '2000-01-12'",
     "expected 0.000001 to 10000000 | got 0"},
    {"UPDATE pick_checkpoint_metrics SET absolute_return_pct = round(absolute_return_pct, 20)",
     "GE: return in percent"},
    {"UPDATE pick_checkpoint_metrics SET vs_benchmark_pct = vs_benchmark_pct::float8::numeric",
     "T: return over the benchmark"},
    {"UPDATE pick_checkpoint_metrics SET absolute_return_pct = absolute_return_pct + 1e-36",
     "return in percent"},
    {"UPDATE pick_checkpoint_metrics SET current_price = current_price + 0.01", "IBM: return in percent"},
    {"UPDATE picks SET initial_price = initial_price + 0.01 WHERE ticker = 'T'",
     "2000-01-10 T: return in percent"},
    {"UPDATE picks SET initial_price = 0 WHERE ticker = 'T'",
     "initial price of T | expected 0.000001 to 10000000"},
    // what versions stored that could not read it back
    {"UPDATE picks SET initial_price = 1e-99 WHERE ticker = 'T'",
     "initial price of T | expected 0.000001 to 10000000 | got 1e-99"},
    {"UPDATE pick_checkpoint_metrics SET current_price = 1e400",
     "2000-01-12 GE: price | expected 0.000001 to 10000000 | got 1e400"},
    {"UPDATE pick_checkpoint_metrics SET absolute_return_pct = 'Infinity'",
     "expected a number | got Infinity"},
    {"UPDATE checkpoints SET benchmark_return_pct = 1e5999 WHERE checkpoint_date = '2000-01-12'",
     "2000-01-12 SPX: return in percent"},
    {"INSERT INTO market.daily_closes VALUES ('stooq', 'KO', '2026-01-23', 1e-400, now())",
     " | market.daily_closes (stooq, KO, 2026-01-23) | expected 0.000001 to 10000000 | got 1e-400"},
    {"UPDATE picks SET ticker = CASE ticker WHEN 'T' THEN 'BRK.B' WHEN 'GE' THEN 'BRK-B' ELSE ticker END",
     "expected another share than the other picks | got BRK"},
    {"UPDATE picks SET ticker = 'SPX' WHERE ticker = 'T'", "pick SPX | expected not the benchmark | got SPX"},
    {"UPDATE batches SET benchmark_initial_price = 1441",
     "initial checkpoint: benchmark price | expected 1441 | got 1441.469971"},
    // rows
    {"DELETE FROM pick_checkpoint_metrics m USING checkpoints c, picks p WHERE c.id = m.checkpoint_id AND "
     "p.id = m.pick_id AND "
     "c.checkpoint_date = '2000-01-12' AND p.ticker = 'GE'",
     "2000-01-12 GE: metric | expected one | got none"},
    {"INSERT INTO pick_checkpoint_metrics SELECT gen_random_uuid(), c.id, p.id, 1, 0, 0 FROM checkpoints c, "
     "picks p "
     "WHERE c.checkpoint_date = '2000-01-15' LIMIT 1",
     "2000-01-15: metrics of a skipped day | expected 0 | got 1"},
    {"UPDATE checkpoints SET benchmark_price = 1 WHERE checkpoint_date = '2000-01-15'",
     "benchmark price of a skipped day"},
    {"UPDATE checkpoints SET benchmark_return_pct = 1 WHERE checkpoint_date = '2000-01-15'",
     "benchmark return of a skipped day"},
    {"UPDATE checkpoints SET status = 'computed' WHERE checkpoint_date = '2000-01-15'",
     "without a session (weekend) | expected skipped"},
    {"UPDATE checkpoints SET status = 'computed' WHERE checkpoint_date = '2000-01-17'",
     "2000-01-17: status on a day without a session"},
    {"DELETE FROM checkpoints WHERE checkpoint_date = '2000-01-16'",
     "days of a completed batch | expected 14 | got 13 (missing: 2000-01-16)"},
    {"INSERT INTO checkpoints (id, batch_id, checkpoint_date, status) SELECT gen_random_uuid(), id, "
     "'2000-01-24', 'skipped' FROM batches",
     "2000-01-24: date | expected within 14 days"},
    {"UPDATE batches SET status = 'active'",
     "status with all 14 days stored | expected completed | got active"},
    {"UPDATE batches SET run_date = '2000-01-11'",
     "run date | expected a Monday, 2000-01-10 | got 2000-01-11"},
    {"INSERT INTO picks SELECT gen_random_uuid(), batch_id, 'XX', 'BUY', 'r', 5 FROM picks LIMIT 1",
     "picks | expected 3 | got 4"},
    {"DELETE FROM ops.batch_origin", "row in ops.batch_origin | expected one | got none"},
    // the initial checkpoint
    {"DELETE FROM checkpoints WHERE checkpoint_date = '2000-01-07'",
     "initial checkpoints | expected 1 | got 0"},
    {"UPDATE checkpoints SET checkpoint_date = '2000-01-06' WHERE checkpoint_date = '2000-01-07'",
     "initial checkpoint: date | expected 2000-01-07 | got 2000-01-06"},
    {"UPDATE checkpoints SET status = 'skipped' WHERE checkpoint_date = '2000-01-07'",
     "initial checkpoint: status"},
    {"UPDATE checkpoints SET benchmark_return_pct = 0 WHERE checkpoint_date = '2000-01-07'",
     "initial checkpoint: benchmark return"},
    {"INSERT INTO pick_checkpoint_metrics SELECT gen_random_uuid(), c.id, p.id, 1, 0, 0 FROM checkpoints c, "
     "picks p "
     "WHERE c.checkpoint_date = '2000-01-07' LIMIT 1",
     "initial checkpoint: metrics | expected 0 | got 1"},
    // known closes
    {"INSERT INTO market.daily_closes VALUES ('csv:/m', 'GE', '2000-01-12', 1.5, now())",
     "2000-01-12 GE: close in market.daily_closes | expected 1.5"},
    {"INSERT INTO market.daily_closes VALUES ('csv:/m', 'SPX', '2000-01-07', 1441.47, now())",
     "2000-01-07 SPX: close in market.daily_closes | expected 1441.47 | got 1441.469971"},
    // the ledger
    {"DELETE FROM ops.runs WHERE job = 'weekly_pick_v1'", "weekly run | expected done | got none"},
    {"UPDATE ops.runs SET status = 'failed' WHERE job = 'weekly_pick_v1'",
     "weekly run | expected done | got failed"},
    {"DELETE FROM ops.runs WHERE slot LIKE '%:7'", "2000-01-16: run of day 7 | expected done | got none"},
    {"INSERT INTO ops.runs (id, job, slot, status, version) VALUES (gen_random_uuid(), 'weekly_pick_v1', "
     "'2000-01-17', 'done', 't')",
     "2000-01-17 | weekly run"},
    {"INSERT INTO ops.runs (id, job, slot, status, version) SELECT gen_random_uuid(), 'daily_checkpoint_v1', "
     "id || ':15', 'done', 't' FROM batches",
     ":15 | expected a checkpoint, since it is done | got none"},
    {"INSERT INTO ops.runs (id, job, slot, status, version) VALUES (gen_random_uuid(), "
     "'daily_checkpoint_v1', 'gone:1', 'done', 't')",
     "checkpoint run gone:1"},
    {"UPDATE ops.steps SET finished_at = null", "step work of weekly_pick_v1 2000-01-10 | expected finished"},
};
INSTANTIATE_TEST_SUITE_P(Every, VerifyFinds, testing::ValuesIn(kCorruptions));

TEST_F(VerifyData, FindsAMetricOfAnotherBatchsPick) {
  sql("INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES (gen_random_uuid(), "
      "'2000-01-17', 1, 'active')");
  sql("INSERT INTO picks SELECT gen_random_uuid(), id, 'ZZ', 'BUY', 'r', 5 FROM batches WHERE run_date = "
      "'2000-01-17'");
  sql("INSERT INTO pick_checkpoint_metrics SELECT gen_random_uuid(), c.id, p.id, 5, 0, 0 FROM checkpoints c, "
      "picks p "
      "WHERE c.checkpoint_date = '2000-01-12' AND p.ticker = 'ZZ'");
  const std::string text = text_of(verify_data(*db_, std::nullopt).findings);
  EXPECT_NE(text.find("2000-01-12: metric of a pick"), std::string::npos) << text;
}

TEST_F(VerifyData, TrailingZerosAreNoFinding) {
  sql("UPDATE checkpoints SET benchmark_price = (benchmark_price::text || '000')::numeric WHERE "
      "benchmark_price IS NOT NULL");
  EXPECT_EQ(text_of(verify_data(*db_, std::nullopt).findings), "");
}

TEST_F(VerifyData, RunsThatAreGoneAreFindings) {
  sql("DELETE FROM ops.runs");
  EXPECT_EQ(verify_data(*db_, std::nullopt).findings.size(), 15U);
}

TEST_F(VerifyData, WhatPruneTookIsARemark) {
  sql("UPDATE ops.runs SET finished_at = clock_timestamp() - interval '40 days'");
  const kernel::Stop stop;
  EXPECT_EQ(kernel::prune(*db_, stop, {30}, std::chrono::milliseconds(0)).runs, 13);
  // As if the desk's rows, whose ids hold their time, were as old as the runs.
  sql("UPDATE ops.events SET data = jsonb_set(data, '{before}', to_jsonb((data->>'before')::timestamptz + interval '40 "
      "days')) WHERE kind = 'pruned'");
  const Verification result = verify_data(*db_, std::nullopt);
  EXPECT_EQ(text_of(result.findings), "");
  EXPECT_EQ(result.remarks.size(), 13U) << "of 15; each job's last success stays";
}

TEST_F(VerifyData, AdoptedBatchesAreCheckedToEightDecimalsAndListedApart) {
  sql("UPDATE ops.batch_origin SET origin = 'adopted'");
  sql("DELETE FROM ops.runs");
  sql("DELETE FROM checkpoints WHERE status = 'skipped'");
  sql("UPDATE checkpoints SET benchmark_return_pct = round(benchmark_return_pct, 8)");
  sql("UPDATE pick_checkpoint_metrics SET absolute_return_pct = round(absolute_return_pct, 8), "
      "vs_benchmark_pct = round(vs_benchmark_pct, 8)");
  const Verification result = verify_data(*db_, std::nullopt);
  EXPECT_EQ(text_of(result.findings), "");
  EXPECT_EQ(result.adopted, 1);
  ASSERT_EQ(result.remarks.size(), 1U) << text_of(result.remarks);
  EXPECT_EQ(result.remarks[0].what, "days of a completed batch");
  sql("UPDATE checkpoints SET benchmark_return_pct = benchmark_return_pct + 0.0000001 WHERE checkpoint_date "
      "= '2000-01-12'");
  EXPECT_EQ(verify_data(*db_, std::nullopt).findings.size(), 1U);
}

// What cannot be right is told with the command that repairs it, and left out; everything else is there.
TEST_F(VerifyData, TheReportLeavesOutWhatCannotBeRight) {
  sql("UPDATE pick_checkpoint_metrics m SET current_price = 1e400, absolute_return_pct = 1e400 FROM checkpoints c, picks p "
      "WHERE c.id = m.checkpoint_id AND p.id = m.pick_id AND c.checkpoint_date = '2000-01-12' AND p.ticker = 'GE'");
  sql("UPDATE checkpoints SET benchmark_return_pct = 'NaN' WHERE checkpoint_date = '2000-01-13'");
  const Report report = make_report(read_histories(*db_, std::nullopt), std::nullopt, {});
  EXPECT_EQ(report.batches[0].computed, 7);
  ASSERT_EQ(report.doubts.size(), 2U);
  EXPECT_EQ(
      report.doubts[0].problem,
      "public.pick_checkpoint_metrics GE of batch 2000-01-10 day 3: current_price 1e400 cannot be right (expected "
      "0.000001 to 10000000); the day is left out");
  EXPECT_EQ(report.doubts[0].hint, "measure it again: am checkpoint --batch 2000-01-10 --day 3 --force");
  EXPECT_EQ(
      report.doubts[1].problem,
      "public.checkpoints of batch 2000-01-10 day 4: benchmark_return_pct NaN is not a number; the day is left out");

  sql("UPDATE picks SET initial_price = 'NaN' WHERE ticker = 'T'");
  const Report without = make_report(read_histories(*db_, std::nullopt), std::nullopt, {});
  EXPECT_EQ(without.batches[0].computed, 0);
  EXPECT_EQ(without.doubts[0].problem,
            "public.picks T of 2000-01-10: initial_price NaN is not a number; the batch's days are left out");
  EXPECT_EQ(without.doubts[0].hint, "take the baseline again: am run-weekly --run-date 2000-01-10");
}

TEST_F(VerifyData, WhatTheEarlierServiceDidOtherwiseIsRemarked) {
  sql("UPDATE ops.batch_origin SET origin = 'adopted'");
  sql("DELETE FROM ops.runs");
  // Started by hand on a Tuesday; its prices are of the session before the one that it names.
  sql("UPDATE batches SET run_date = '2000-01-11'");
  sql("DELETE FROM pick_checkpoint_metrics WHERE checkpoint_id IN (SELECT id FROM checkpoints WHERE checkpoint_date = "
      "'2000-01-10')");
  sql("DELETE FROM checkpoints WHERE checkpoint_date = '2000-01-10'");
  sql("UPDATE checkpoints SET checkpoint_date = '2000-01-10' WHERE checkpoint_date = '2000-01-07'");
  sql("INSERT INTO market.daily_closes (source, symbol, day, close, fetched_at) VALUES "
      "('csv:/m', 'SPX', '2000-01-07', 1441.469971, now()), ('csv:/m', 'SPX', '2000-01-10', 1457.6, now())");
  const Verification result = verify_data(*db_, std::nullopt);
  EXPECT_EQ(text_of(result.findings), "");
  const std::string remarks = text_of(result.remarks);
  EXPECT_NE(remarks.find("2000-01-11 | run date | expected a Monday, 2000-01-10 | got 2000-01-11"),
            std::string::npos)
      << remarks;
  EXPECT_NE(remarks.find(
                "2000-01-10 SPX: close in market.daily_closes | expected 1457.6 | got 1441.469971, the close "
                "of 2000-01-07"),
            std::string::npos)
      << remarks;
}

TEST_F(VerifyData, ABatchOfOursOfAnotherDayIsAFinding) {
  sql("UPDATE batches SET run_date = '2000-01-11'");
  EXPECT_NE(text_of(verify_data(*db_, std::nullopt).findings).find("run date | expected a Monday"),
            std::string::npos);
}

TEST_F(VerifyData, TheReportReadsTheSameRows) {
  const std::vector<BatchHistory> histories = read_histories(*db_, std::nullopt);
  ASSERT_EQ(histories.size(), 1U);
  EXPECT_EQ(histories[0].baseline, Date(2000, 1, 7));
  ASSERT_EQ(histories[0].days.size(), 14U);
  EXPECT_FALSE(histories[0].days[7].computed) << "a holiday";
  EXPECT_EQ(histories[0].days[8].metrics.size(), 3U);
  const Report report = make_report(histories, std::nullopt, {});
  EXPECT_EQ(report.batches[0].computed, 9);
  EXPECT_EQ(report.batches[0].latest, Date(2000, 1, 21));
  EXPECT_TRUE(read_histories(*db_, DateRange{Date(2000, 1, 11), Date(2001, 1, 1)}).empty());
}

}  // namespace
}  // namespace am::picks
