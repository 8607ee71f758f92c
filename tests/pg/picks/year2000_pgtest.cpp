// The main job over a whole real year, then every stored figure against a second, independent computation
// (tests/support/year2000.py).

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "am/base/csv.hpp"
#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/market/market_dir.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"
#include "am/picks/verify.hpp"
#include "support/pg.hpp"
#include "support/picks_router.hpp"
#include "web/picks/documents.hpp"

namespace am::picks {
namespace {

const std::string kMarketOf2000 = AM_SOURCE_DIR "/examples/market";

/// The year is computed once and then read by every test here.
class Year2000 : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    home_ = std::make_unique<test::TestDb>();
    db_ = home_->open();
    csv_ = std::make_unique<market::CsvMarket>(kMarketOf2000);
    result_ = backfill();
  }
  static void TearDownTestSuite() {
    db_.reset();
    home_.reset();
    csv_.reset();
  }

  static BackfillResult backfill() {
    std::ostringstream lines;
    kernel::Log log(lines, {});
    const kernel::SystemClock clock(parse_rfc3339("2001-02-01T15:00:00Z"));
    const kernel::Stop stop;
    kernel::Ledger ledger(*db_, log, stop, {});
    market::Closes closes(*db_, ledger, log, clock, *csv_);
    kernel::ClockGuard guard(*db_, clock);
    Workbench desk{
        *db_, ledger, log, clock, guard, stop, [&](const std::string&) -> market::Closes& { return closes; }};
    const std::unique_ptr<Picker> picker = make_momentum_picker(*csv_, csv_->universe());
    BackfillOptions options;
    options.run_dates = {Date(2000, 1, 10), Date(2000, 12, 18)};
    options.benchmark = *csv_->benchmark();
    options.price_source = csv_->source();
    return run_backfill(desk, *picker, options);
  }

  static long long count(const std::string& query) {
    return std::stoll(test::value_of(*db_, "SELECT count(*) FROM " + query));
  }

  static void dump(std::ostream& out, std::string_view statement) {
    const kernel::Rows rows = db_->query(statement);
    for (const kernel::SqlValues& row : rows.values) {
      std::vector<std::string> fields;
      for (const kernel::SqlValue& value : row) fields.push_back(value.value_or(""));
      out << csv_record(fields);
    }
  }

  static Report report() {
    const std::vector<BatchHistory> histories = read_histories(*db_, std::nullopt);
    const KnownCloses closes(histories, {}, [](const kernel::Statement& statement) {
      return db_->query(statement.sql, statement.values);
    });
    return make_report(histories, std::nullopt, closes.of());
  }

  static inline std::unique_ptr<test::TestDb> home_;
  static inline std::unique_ptr<kernel::Db> db_;
  static inline std::unique_ptr<market::CsvMarket> csv_;
  static inline BackfillResult result_;
};

TEST_F(Year2000, HasFiftyBatchesAndEachOfTheirDays) {
  EXPECT_EQ(result_.created.size(), 50U);
  EXPECT_TRUE(result_.failures.empty());
  EXPECT_EQ(count("batches WHERE status = 'completed'"), 50);
  EXPECT_EQ(count("batches WHERE run_date = ANY ('{2000-01-17,2000-02-21,2000-05-29,2000-09-04}')"), 4)
      << "holiday Mondays";
  EXPECT_EQ(count("picks"), 150);
  EXPECT_EQ(count("picks WHERE action = 'SELL'"), 50);
  EXPECT_EQ(count("checkpoints"), 750);
  EXPECT_EQ(count("checkpoints c JOIN batches b ON b.id = c.batch_id WHERE c.checkpoint_date < b.run_date"),
            50);
  const std::string days =
      "checkpoints c JOIN batches b ON b.id = c.batch_id WHERE c.checkpoint_date >= b.run_date";
  EXPECT_EQ(count(days), 700);
  EXPECT_EQ(count(days + " AND extract(isodow from checkpoint_date) > 5 AND c.status = 'skipped'"), 200)
      << "weekend days";
  // Eight holidays fall on weekdays; two batches see each, only the last one sees Christmas.
  const long long holidays =
      count(days + " AND extract(isodow from checkpoint_date) <= 5 AND c.status = 'skipped'");
  EXPECT_EQ(count(days + " AND c.status = 'computed'"), 500 - holidays);
  EXPECT_EQ(result_.computed, 500 - holidays);
  EXPECT_EQ(result_.skipped, 200 + holidays);
  EXPECT_EQ(count("pick_checkpoint_metrics"), 3 * (500 - holidays));
  EXPECT_EQ(holidays, 15);
}

TEST_F(Year2000, EqualsTheIndependentComputation) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("am-year2000-" + std::to_string(::getpid()) + ".csv");
  {
    std::ofstream out(path);
    dump(out,
         "SELECT 'batch', to_char(run_date, 'YYYY-MM-DD'), benchmark_symbol, benchmark_initial_price::text, "
         "status FROM batches");
    dump(out,
         "SELECT 'pick', to_char(run_date, 'YYYY-MM-DD'), ticker, action, initial_price::text FROM picks p "
         "JOIN batches b ON b.id = p.batch_id");
    dump(out,
         "SELECT 'checkpoint', to_char(run_date, 'YYYY-MM-DD'), to_char(checkpoint_date, 'YYYY-MM-DD'), "
         "c.status, "
         "benchmark_price::text, benchmark_return_pct::text FROM checkpoints c JOIN batches b ON b.id = "
         "c.batch_id");
    dump(out,
         "SELECT 'metric', to_char(run_date, 'YYYY-MM-DD'), to_char(checkpoint_date, 'YYYY-MM-DD'), ticker, "
         "current_price::text, absolute_return_pct::text, vs_benchmark_pct::text FROM "
         "pick_checkpoint_metrics m "
         "JOIN checkpoints c ON c.id = m.checkpoint_id JOIN picks p ON p.id = m.pick_id JOIN batches b ON "
         "b.id = c.batch_id");
  }
  const std::string command = "python3 '" AM_SOURCE_DIR "/tests/support/year2000.py' '" + kMarketOf2000 +
                              "' < '" + path.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove(path);
}

TEST_F(Year2000, StandsUpToVerify) {
  const Verification result = verify_data(*db_, std::nullopt);
  for (const Finding& finding : result.findings) {
    ADD_FAILURE() << finding.subject << " " << finding.what << ": expected " << finding.expected << ", got "
                  << finding.got;
  }
  EXPECT_EQ(result.batches, 50);
  EXPECT_EQ(result.checkpoints, 750);
  EXPECT_TRUE(result.remarks.empty());
}

TEST_F(Year2000, HasAReport) {
  const Report report = Year2000::report();
  ASSERT_EQ(report.groups.size(), 1U);
  const GroupLine& group = report.groups[0];
  EXPECT_EQ(group.key, (GroupKey{"momentum", "", "backfill", "", ""}));
  EXPECT_EQ(group.complete, 50);
  EXPECT_EQ(group.answer,
            "no verdict yet: -0.97 % per batch, 95 % interval -4.17 to +2.23 however often it is read");
  EXPECT_EQ(group.control.percentile, Decimal::of("15.13"));
  EXPECT_EQ(group.market.mean_pct->to_fixed(10), group.mean_excess_pct->to_fixed(10));
  // The mean over the batches, by SQL: their latest computed day, the SELL's sign flipped.
  const std::string sql_mean = test::value_of(
      *db_,
      "SELECT avg(excess)::text FROM (SELECT avg(CASE p.action WHEN 'SELL' THEN -m.vs_benchmark_pct ELSE "
      "m.vs_benchmark_pct END) "
      "AS excess FROM (SELECT DISTINCT ON (batch_id) * FROM checkpoints WHERE benchmark_return_pct IS NOT "
      "NULL "
      "ORDER BY batch_id, checkpoint_date DESC) c JOIN pick_checkpoint_metrics m ON m.checkpoint_id = c.id "
      "JOIN picks p ON p.id = m.pick_id GROUP BY c.batch_id) b");
  EXPECT_LT((Decimal::of(sql_mean) - *group.mean_excess_pct).abs(), Decimal::of("1e-15"));
  if (const char* folder = std::getenv("AM_TEST_KEEP_REPORT")) {
    std::ofstream(std::string(folder) + "/report.html") << render_html(report);
    std::ofstream(std::string(folder) + "/report.txt") << render_table(report);
  }
}

/// One computation, four ways to show it.
TEST_F(Year2000, TableJsonFileAndPageSayTheSame) {
  const Report report = Year2000::report();
  kernel::SnapshotOptions options;
  options.db.url = home_->url();
  options.timeout = std::chrono::seconds(30);
  const auto reader = kernel::open_snapshots(options);
  const kernel::Desks desks;
  const std::vector<kernel::RateLimit> limits;
  const std::function<kernel::ServerStats()> stats;
  const std::string root;
  const std::string page =
      web::page_report({}, {*reader, {}, desks, desks, limits, stats, root, test::picks_router()}).body;
  const std::string file = render_html(report);
  const std::string table = render_table(report);
  const auto group = nlohmann::json::parse(render_json(report))["groups"][0];
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  };

  const ReportParts parts = report_parts(report, {"/pages/batches", "/pages/report/how-to-read"});
  EXPECT_TRUE(has(page, parts.head));
  EXPECT_TRUE(has(page, parts.sections)) << "the page is made of the same report";

  const auto text = [&](const char* field) { return group[field].get<std::string>(); };
  const auto percent = [&](const std::string& value) { return signed_percent(Decimal::of(value)); };
  const auto range = [&](const nlohmann::json& of) {
    return percent(of["low"].get<std::string>()) + " to " + percent(of["high"].get<std::string>());
  };
  const auto share = [&](const char* field) { return Decimal::of(text(field)).to_fixed(2); };
  const std::vector<std::pair<std::string, std::string>> figures{
      {percent(text("mean_abnormal_pct")), "-0.97"},
      {range(group["interval_every_week"]), "-4.17 to +2.23"},
      {range(group["interval_today"]), "-2.94 to +0.97"},
      {"e-value " + share("e_value"), "e-value 0.60"},
      {percent(group["not_beta_adjusted"]["mean_pct"].get<std::string>()), "-0.88"},
      {"e-value " + Decimal::of(group["not_beta_adjusted"]["e_value"].get<std::string>()).to_fixed(2),
       "e-value 0.55"},
      {share("percentile"), "15.13"},
      {std::to_string(group["control_symbols"].get<int>()) + " symbols", "30 symbols"},
      {share("hit_rate_pct"), "49.33"},
      {"by chance " + share("hit_rate_by_chance_pct"), "by chance 50.27"},
      {std::to_string(group["patience_weeks"].get<int>()), "514"},
      {share("picks_kept"), "2.37"},
      {std::to_string(group["verdict_weeks"].get<int>()) + " weeks count", "51 weeks count"},
      {Decimal::of(text("break_even_bp")).is_negative() ? "loses before costs" : "", "loses before costs"}};
  for (const auto& [ours, expected] : figures) {
    EXPECT_EQ(ours, expected);
    EXPECT_TRUE(has(table, ours)) << ours << "\n" << table;
    for (const std::string& html : {file, page}) EXPECT_TRUE(has(html, pretty_text(ours))) << ours;
  }
  for (const std::string_view sentence : {promise_text(), cause_text()}) {
    for (const std::string& html : {file, page}) EXPECT_TRUE(has(html, escape_html(sentence))) << sentence;
  }
  EXPECT_FALSE(has(page, "may not read"));
}

}  // namespace
}  // namespace am::picks
