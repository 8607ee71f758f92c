// The forecast desk's API and pages over a real database, by a role that may only read.

#include <array>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/forecast/desk.hpp"
#include "am/web/forecast_section.hpp"
#include "am/web/router.hpp"
#include "support/html.hpp"
#include "support/json_schema.hpp"
#include "support/pg.hpp"
#include "web/answers.hpp"

namespace am::web {
namespace {

const Router& forecast_router() {
  static const std::array<const Section*, 1> kSections{&forecast_section()};
  static const Router kRouter = site_router(kSections);
  return kRouter;
}

class ForecastPagesTest : public testing::Test {
 protected:
  ForecastPagesTest() {
    kernel::SnapshotOptions options;
    options.db.url = home_.url_as(home_.create_role(
        {"USAGE ON SCHEMA forecast, jobs", "SELECT ON ALL TABLES IN SCHEMA forecast, jobs"}));
    options.timeout = std::chrono::seconds(30);
    reader_ = kernel::open_snapshots(options);
  }

  /// rides: 100 days of 1, 2, 3 …; predicted are the last 10 of them and the 30 after. bare: nothing at all.
  void fill() {
    for (
        const std::string_view statement :
        {"INSERT INTO forecast.series (name, unit, holidays, created_at) VALUES ('rides', '<b>thousands</b>', 'us', now()), "
         "('bare', NULL, NULL, now())",
         "INSERT INTO forecast.observations_daily SELECT 'rides', date '2016-05-01' + n, n + 1 FROM generate_series(0, 99) n",
         "INSERT INTO forecast.holidays VALUES ('us', '2016-08-09', 'Day of <i>ink</i>')",
         "INSERT INTO jobs.forecast_jobs (key, status, ready_at, max_attempts, payload, created_at, updated_at) VALUES "
         "('forecast/rides', 'done', '2016-08-09T01:00:00Z', 3, '{\"job_type\":\"forecast\",\"series\":\"rides\",\"from\":"
         "\"2016-07-30\",\"to\":\"2016-09-07\",\"as_of\":\"2016-07-29\",\"revision\":1}', '2016-08-09T01:00:00Z', "
         "'2016-08-09T01:00:01Z')",
         "INSERT INTO forecast.predictions_daily SELECT 'rides', d, y, y - 2, y + 2, y - 1, y + 1, 'test/1', '2016-07-29', 1, "
         "1, now() FROM (SELECT date '2016-07-30' + n AS d, n + 91.5 AS y FROM generate_series(0, 39) n) q",
         "INSERT INTO forecast.prediction_history SELECT series, date, date '2016-07-29' - n, y_hat + n, y_lo, y_hi + n, y_lo80, "
         "y_hi80 + n, model_version, revision, job, generated_at FROM forecast.predictions_daily, generate_series(0, 1) n",
         "INSERT INTO forecast.prediction_totals VALUES ('rides', 'week', '2016-08-01', '2016-08-07', 668.5, 660, 680, 665, "
         "670, '2016-07-29', 1, 1)",
         "INSERT INTO forecast.scores VALUES ('rides', 'backtest', '2016-07-29', 1, 7, 70, 0.5, 1.5, 1.25, 3, 0.9, 0.8, 'test/1', "
         "now()), ('rides', 'backtest', '2016-07-29', 8, 28, 210, 0.9, 1.5, NULL, 3, 1, 0.6, 'test/1', now())"})
      db_->query(statement);
  }

  Document answer(const std::string& target) {
    const auto found = forecast_router().match(target);
    if (!found) return error_document(found.error().status, found.error().message);
    const kernel::Desks desks{&forecast::desk()};
    const kernel::Desks off;
    const std::vector<kernel::RateLimit> limits;
    const std::function<kernel::ServerStats()> stats;
    const std::string root;
    try {
      Document document = rendered(*found->route, found->args,
                                   {*reader_, *parse_rfc3339("2016-08-09T12:00:00Z"), desks, off, limits,
                                    stats, root, forecast_router()});
      if (document.content_type == kJsonType) {
        const auto problems = schemas_.problems(std::string(found->route->schema), document.body);
        EXPECT_TRUE(problems.empty()) << target << ": " << join(problems, "; ") << "\n" << document.body;
      } else {
        EXPECT_EQ(test::html_problems(document.body), std::vector<std::string>()) << target;
      }
      return document;
    } catch (const Error& error) {
      const int status = error.kind() == ErrorKind::no_input ? 404
                         : error.kind() == ErrorKind::usage  ? 400
                                                             : 500;
      return error_document(status, error.message());
    }
  }
  std::string body(const std::string& target) { return answer(target).body; }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::unique_ptr<kernel::SnapshotReader> reader_;
  test::JsonSchemas schemas_{openapi_json(forecast_router())};
};

bool says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST_F(ForecastPagesTest, WithoutSeriesTheySayHowItBegins) {
  EXPECT_EQ(body("/forecast/series"), "{\"series\":[],\"next_cursor\":null}\n");
  EXPECT_TRUE(says(body("/"), "No series yet."));
  EXPECT_EQ(answer("/pages/forecasts/rides").status, 404);
  EXPECT_EQ(answer("/forecast/predictions?series=rides").status, 404);
  EXPECT_EQ(answer("/forecast/jobs/1").status, 404);
}

TEST_F(ForecastPagesTest, SeriesByNameInPages) {
  fill();
  const std::string first = body("/forecast/series?limit=1");
  EXPECT_TRUE(says(first, "{\"series\":[{\"name\":\"bare\",\"unit\":null,"));
  EXPECT_TRUE(says(first, "\"accuracy\":null}],\"next_cursor\":\"bare\"}"));
  const std::string rest = body("/forecast/series?limit=1&cursor=bare");
  EXPECT_TRUE(says(rest, "\"name\":\"rides\",\"unit\":\"\\u003cb\\u003ethousands\\u003c/b\\u003e\""));
  EXPECT_TRUE(
      says(rest,
           "\"observations\":\"100\",\"first\":\"2016-05-01\",\"last\":\"2016-08-08\",\"last_value\":\"100\","
           "\"predicted_from\":\"2016-07-30\",\"predicted_to\":\"2016-09-07\",\"as_of\":\"2016-07-29\""));
  // (70 · 0.5 + 210 · 0.9) / 280; the season's own is of the 70 days that have one.
  EXPECT_TRUE(
      says(rest, "\"days\":\"280\",\"mase\":\"0.8\",\"naive_mase\":\"1.5\",\"seasonal_mase\":\"1.25\""));
  EXPECT_TRUE(says(rest, "\"covered95\":\"0.975\",\"covered80\":\"0.65\"}}],\"next_cursor\":null}"));
  EXPECT_EQ(answer("/forecast/series?cursor=%3Cb%3E").status, 400);
}

TEST_F(ForecastPagesTest, SayThatASeriesDrifts) {
  fill();
  EXPECT_TRUE(says(body("/forecast/series"), "\"drifts_since\":null"));
  EXPECT_FALSE(says(body("/pages/forecasts/rides"), "Drifts since"));
  db_->query(
      "INSERT INTO forecast.drifts (series, began, ended, reason, covered95, noticed_at) VALUES ('rides', '2016-06-01', "
      "'2016-07-01', 'error', 1, now()), ('rides', '2016-08-01', NULL, 'coverage', 0.7, now())");
  EXPECT_TRUE(says(body("/forecast/series"), "\"drifts_since\":\"2016-08-01\""));
  EXPECT_TRUE(says(body("/pages/forecasts"), ">drifts</small>"));
  EXPECT_TRUE(says(body("/pages/forecasts/rides"), "Drifts since 2016-08-01: its 95\u00a0% bounds"));
}

TEST_F(ForecastPagesTest, PredictionsByDayInPages) {
  fill();
  const std::string path = "/forecast/predictions?series=rides";
  EXPECT_EQ(
      body(path + "&from=2016-08-08&to=2016-08-09"),
      "{\"series\":\"rides\",\"predictions\":[{\"date\":\"2016-08-08\",\"value\":\"100\",\"y_hat\":\"100.5\",\"y_lo\":"
      "\"98.5\",\"y_hi\":\"102.5\",\"y_lo80\":\"99.5\",\"y_hi80\":\"101.5\",\"as_of\":\"2016-07-29\",\"revision\":\"1\","
      "\"job\":\"1\",\"model_version\":\"test/1\"},{\"date\":\"2016-08-09\",\"value\":null,\"y_hat\":\"101.5\",\"y_lo\":"
      "\"99.5\",\"y_hi\":\"103.5\",\"y_lo80\":\"100.5\",\"y_hi80\":\"102.5\",\"as_of\":\"2016-07-29\",\"revision\":\"1\","
      "\"job\":\"1\",\"model_version\":\"test/1\"}],\"next_cursor\":null}\n");
  const std::string page = body(path + "&limit=2&cursor=2016-08-01");
  EXPECT_TRUE(says(page, "[{\"date\":\"2016-08-02\""));
  EXPECT_TRUE(says(page, "\"next_cursor\":\"2016-08-03\""));
  EXPECT_TRUE(says(body(path + "&to=2016-07-30&as_of=2016-07-28"), "\"y_hat\":\"92.5\""));
  EXPECT_EQ(answer("/forecast/predictions").status, 400);
  EXPECT_EQ(answer(path + "&from=2016-08-02&to=2016-08-01").status, 400);
}

TEST_F(ForecastPagesTest, OneJob) {
  fill();
  EXPECT_EQ(
      body("/forecast/jobs/1"),
      "{\"job\":{\"id\":\"1\",\"key\":\"forecast/rides\",\"job_type\":\"forecast\",\"status\":\"done\",\"series\":\"rides\","
      "\"from\":\"2016-07-30\",\"to\":\"2016-09-07\",\"as_of\":\"2016-07-29\",\"revision\":\"1\",\"priority\":\"1\","
      "\"attempts\":\"0\",\"max_attempts\":\"3\",\"ready_at\":\"2016-08-09T01:00:00Z\",\"created_at\":"
      "\"2016-08-09T01:00:00Z\",\"updated_at\":\"2016-08-09T01:00:01Z\",\"error\":null,\"predictions\":\"40\"}}\n");
}

TEST_F(ForecastPagesTest, WhatCannotBeAskedIsSaid) {
  fill();
  for (const std::string target :
       {"/forecast/series?limit=0", "/forecast/series?limit=101",
        "/forecast/predictions?series=rides&from=2016-02-30",
        "/forecast/predictions?series=rides&as_of=today", "/forecast/predictions?series=a%20b",
        "/forecast/jobs/0x1", "/forecast/jobs/-1", "/pages/forecasts?page=0",
        "/pages/forecasts/rides?day=tomorrow"})
    EXPECT_EQ(answer(target).status, 400) << target;
  for (const std::string target :
       {"/forecast/predictions?series=unknown", "/forecast/jobs/2", "/forecast/jobs/9223372036854775807",
        "/pages/forecasts/unknown", "/forecast/runs"})
    EXPECT_EQ(answer(target).status, 404) << target;
}

TEST_F(ForecastPagesTest, TheWorstSeriesIsFirstAndNothingIsMarkup) {
  fill();
  const std::string page = body("/pages/forecasts");
  EXPECT_LT(page.find("/pages/forecasts/rides"), page.find("/pages/forecasts/bare"));
  EXPECT_TRUE(says(page, "class=\"spark\""));
  EXPECT_TRUE(says(page, "&lt;b&gt;thousands"));
  EXPECT_TRUE(says(page, "not scored yet"));
  EXPECT_TRUE(says(body("/pages/forecasts?page=2"), "No more series"));
  EXPECT_TRUE(says(body("/pages/forecasts?page=9223372036854775807"), "No more series"));
}

TEST_F(ForecastPagesTest, OneSeriesWithBandsTotalsPastAndWhy) {
  fill();
  const std::string page = body("/pages/forecasts/rides");
  EXPECT_TRUE(says(
      page,
      "On Tuesday, 9 August 2016 expected: 101.5 &lt;b&gt;thousands&lt;/b&gt;; in 95 of 100 cases 99.50 to "
      "103.5."));
  EXPECT_TRUE(says(page, "the last 100.0; expected to 2016-09-07: 130.5, 95 % within 128.5 to 132.5."));
  EXPECT_TRUE(says(page, "<path class=\"outer\""));
  EXPECT_TRUE(says(page, "<caption>Weeks</caption>"));
  EXPECT_TRUE(says(page, "within 80"));
  EXPECT_TRUE(says(page, "8 to 28 days ahead"));
  EXPECT_TRUE(says(page, "Day of &lt;i&gt;ink&lt;/i&gt;"));
  // What the forecast knew ends with its as of; ten days later it came.
  EXPECT_TRUE(
      says(body("/pages/forecasts/rides?day=2016-08-08"), "2016-07-29\u00a090.00, 2016-07-28\u00a089.00"));
  EXPECT_TRUE(
      says(body("/pages/forecasts/rides?day=2016-08-08"), "--date 2016-08-08 --as-of 2016-07-29</code>"));
  EXPECT_TRUE(says(body("/pages/forecasts/rides?day=2017-01-01"), "Nothing is predicted of 2017-01-01."));
  EXPECT_TRUE(says(body("/pages/forecasts/bare"), "Nothing is known of this series yet."));
}

/// What was said a week and four weeks before stands beside what came.
TEST_F(ForecastPagesTest, ADayThatCameWithWhatWasExpectedOfItEarlier) {
  fill();
  db_->query(
      "INSERT INTO forecast.prediction_history SELECT series, date, date - 28, y_hat - 30, y_lo - 30, y_hi - 30, y_lo80 - 30, "
      "y_hi80 - 30, model_version, revision, job, generated_at FROM forecast.predictions_daily WHERE date = '2016-08-08'");
  const std::string page = body("/pages/forecasts/rides");
  const std::size_t row = page.find("Mon 8 Aug 2016</time>");
  ASSERT_NE(row, page.npos);
  EXPECT_TRUE(says(page.substr(row, 300),
                   "<td>100.0</td><td>100.5</td><td>100.5</td><td>70.50</td><td>99.50 to 101.5</td>"))
      << page.substr(row, 300);
}

/// A day that never came is not to come once a later one did; nor is it the one that is explained.
TEST_F(ForecastPagesTest, AGapLiesInThePast) {
  fill();
  db_->query("DELETE FROM forecast.observations_daily WHERE date = '2016-08-02'");
  const std::string page = body("/pages/forecasts/rides");
  EXPECT_TRUE(says(page, "On Tuesday, 9 August 2016 expected: "));
  EXPECT_TRUE(says(page, "Why <time datetime=\"2016-08-09\">"));
  EXPECT_TRUE(says(page, "not known"));
}

TEST_F(ForecastPagesTest, AHolidayOfTheExchangeIsNamedAsOneOfASet) {
  fill();
  db_->query(
      "INSERT INTO forecast.predictions_daily SELECT series, '2016-09-05', y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version, "
      "as_of, revision, job, generated_at FROM forecast.predictions_daily WHERE date = '2016-08-09' ON CONFLICT DO NOTHING");
  const std::string path = "/pages/forecasts/rides?day=2016-09-05";
  EXPECT_FALSE(says(body(path), "Labor Day"));
  db_->query("UPDATE forecast.series SET holidays = 'nyse' WHERE name = 'rides'");
  EXPECT_TRUE(says(body(path), "Labor Day"));
  EXPECT_FALSE(says(body("/pages/forecasts/rides?day=2016-08-09"), "Day of")) << "another set's";
}

/// Of 400 days ahead the nearest weeks are there, too.
TEST_F(ForecastPagesTest, AllWeeksToComeAreThere) {
  fill();
  db_->query(
      "INSERT INTO forecast.prediction_totals SELECT 'rides', 'week', date '2016-08-08' + 7 * n, date '2016-08-14' + 7 * n, "
      "1, 0, 2, 0, 2, '2016-08-07', 1, 1 FROM generate_series(-60, 57) n ON CONFLICT DO NOTHING");
  const std::string page = body("/pages/forecasts/rides");
  EXPECT_TRUE(says(page, "\"2016-08-08\">2016-08-08</time></th><td>2016-08-14</td>"));
  EXPECT_TRUE(says(page, "\"2017-09-11\">"));
  EXPECT_FALSE(says(page, "\"2016-04-25\">2016-04-25</time></th>")) << "more than 92 days before the newest";
}

}  // namespace
}  // namespace am::web
