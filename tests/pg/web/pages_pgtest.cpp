// Every page over a real database, read through one snapshot as the server does, by a role that may only read.

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>

#include <gtest/gtest.h>
#include <unistd.h>

#include "am/base/csv.hpp"
#include "am/picks/desk.hpp"
#include "am/picks/report.hpp"
#include "support/error_of.hpp"
#include "support/html.hpp"
#include "support/pg.hpp"
#include "support/picks_router.hpp"
#include "web/picks/documents.hpp"
#include "web/service.hpp"

namespace am::web {
namespace {

/// So many weekly batches back from 2026-01-26, the two newest active, each with its 14 days.
void fill(kernel::Sql& sql, int batches) {
  for (
      const std::string_view statement :
      {"INSERT INTO batches (id, run_date, benchmark_initial_price, status) SELECT md5('b' || n)::uuid, "
       "date '2026-01-26' - 7 * n, 400, CASE WHEN n < 2 THEN 'active' ELSE 'completed' END FROM "
       "generate_series(0, $1::int - 1) n",
       "INSERT INTO ops.batch_origin (batch_id, picker, model, price_source, origin) "
       "SELECT id, 'openai', 'gpt-4o-mini', 'alpha-vantage', 'live' FROM batches WHERE $1::int > 0",
       "INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price) SELECT md5(b.id::text || "
       "t)::uuid, b.id, t, CASE t WHEN 'C' THEN 'SELL' ELSE 'BUY' END, 'because', 100 FROM batches b, "
       "unnest('{A,B,C}'::text[]) t WHERE $1::int > 0",
       "INSERT INTO checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, benchmark_return_pct) "
       "SELECT md5(b.id::text || n)::uuid, b.id, d, CASE WHEN w THEN 'skipped' ELSE 'computed' END, CASE WHEN w "
       "THEN NULL ELSE 400 + n END, CASE WHEN w OR n = 0 THEN NULL ELSE n / 4.0 END FROM batches b, "
       "generate_series(0, 14) n, LATERAL (SELECT CASE n WHEN 0 THEN b.run_date - 3 ELSE b.run_date + n - 1 END) x "
       "(d), LATERAL (SELECT extract(isodow FROM d) > 5) y (w) WHERE $1::int > 0",
       "INSERT INTO pick_checkpoint_metrics (id, checkpoint_id, pick_id, current_price, absolute_return_pct, "
       "vs_benchmark_pct) SELECT md5(c.id::text || p.id::text)::uuid, c.id, p.id, 105, 5, 5 - "
       "c.benchmark_return_pct FROM checkpoints c JOIN picks p ON p.batch_id = c.batch_id WHERE "
       "c.benchmark_return_pct IS NOT NULL AND $1::int > 0"}) {
    sql.query(statement, kernel::sql_values(batches));
  }
}

class PagesTest : public testing::Test {
 protected:
  PagesTest() {
    kernel::SnapshotOptions options;
    options.db.url = home_.url_as(
        home_.create_role({"USAGE ON SCHEMA ops, market", "SELECT ON ALL TABLES IN SCHEMA public, market",
                           "SELECT ON ALL TABLES IN SCHEMA ops"}));
    options.timeout = std::chrono::seconds(30);
    reader_ = kernel::open_snapshots(options);
  }

  Document made(Render render, const Args& args) {
    const kernel::Desks desks{&picks::desk()};
    const std::vector<kernel::RateLimit> limits{{"alpha_vantage", {{5, std::chrono::minutes(1)}}}};
    const std::function<kernel::ServerStats()> stats;
    const std::string root;
    const Document document =
        render(args, {*reader_, now_, desks, off_, limits, stats, root, test::picks_router()});
    EXPECT_EQ(document.status, 200);
    return document;
  }
  std::string page(Render render, const Args& args = {}) {
    const Document document = made(render, args);
    EXPECT_EQ(document.content_type, kHtmlType);
    EXPECT_EQ(test::html_problems(document.body), std::vector<std::string>());
    return document.body;
  }
  std::string batches(const std::string& cursor) { return page(page_batches, {{"cursor", cursor}}); }

  const kernel::Desks off_;
  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::unique_ptr<kernel::SnapshotReader> reader_;
  Instant now_ = *parse_rfc3339("2026-01-28T15:00:00Z");
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

int rows_of(const std::string& page) {
  int rows = 0;
  for (std::size_t at = page.find("<tr><th scope=\"row\">"); at != page.npos;
       at = page.find("<tr><th", at + 1))
    ++rows;
  return rows;
}

TEST_F(PagesTest, AnEmptyDatabaseSaysHowItBegins) {
  EXPECT_TRUE(has(page(page_latest), "<h1>No batch yet</h1>"));
  EXPECT_TRUE(has(page(page_batches), "None yet"));
  EXPECT_TRUE(has(batches("2026-01-26"), "None yet"));
  EXPECT_TRUE(has(page(page_report), "No batch yet."));
  EXPECT_TRUE(has(page(page_status), "The batch of 2026-01-26 is overdue."));
  EXPECT_EQ(test::error_of([&] { page(page_batch, {{"run_date", "2026-01-26"}}); }).kind(),
            ErrorKind::no_input);
}

TEST_F(PagesTest, OneBatch) {
  fill(*db_, 1);
  db_->query(
      "DELETE FROM pick_checkpoint_metrics WHERE checkpoint_id IN (SELECT id FROM checkpoints WHERE "
      "checkpoint_date > '2026-01-27')");
  db_->query("DELETE FROM checkpoints WHERE checkpoint_date > '2026-01-27'");
  const std::string latest = page(page_latest);
  // A and B +5 %, C (a SELL) +5 %, the benchmark +0.5 %: 4.5 + 4.5 − 4.5 over three.
  EXPECT_TRUE(has(latest, "Day 2 of 14: the picks are 1.50 points ahead of the same trades in SPY."));
  EXPECT_TRUE(has(latest, "picked by openai gpt-4o-mini, live"));
  EXPECT_FALSE(has(latest, "class=\"turn\""));
  // Earned (5 + 5 - 5) / 3, the benchmark +0.5 % with two BUYs and a SELL.
  EXPECT_TRUE(has(latest, "<dt>Earned</dt><dd>+1.67 %"));
  EXPECT_TRUE(has(latest, "<dt>SPY, same side</dt><dd>+0.17 %"));
  EXPECT_TRUE(has(page(page_batch, {{"run_date", "2026-01-26"}}), "Day 2 of 14"));
  const std::string list = page(page_batches);
  EXPECT_TRUE(has(list, "1 to 1 of 1"));
  EXPECT_TRUE(has(list, "<td>+1.67 %</td><td>+0.17 %</td><td class=\"t\">A, B, \u2212C</td>"));
  EXPECT_FALSE(has(list, "class=\"turn\""));
  EXPECT_TRUE(has(page(page_report), "None yet: 0 of the 10 weeks that are the least"));
  const std::string status = page(page_status);
  EXPECT_TRUE(has(status, "Everything that was due is done."));
  EXPECT_TRUE(has(status, "day 3 of 2026-01-26"));
  EXPECT_TRUE(has(status, "the batch of 2026-02-02"));
}

TEST_F(PagesTest, TenYears) {
  fill(*db_, 520);
  EXPECT_TRUE(has(page(page_latest), "Monday, 26 January 2026"));
  EXPECT_TRUE(has(page(page_latest), "Mon 19 Jan"));
  const std::string middle = page(page_batch, {{"run_date", "2020-01-06"}});
  EXPECT_TRUE(has(middle, "/pages/batches/2019-12-30\" rel=\"prev\""));
  EXPECT_TRUE(has(middle, "/pages/batches/2020-01-13\" rel=\"next\""));

  const std::string first = page(page_batches);
  EXPECT_EQ(rows_of(first), 20);
  EXPECT_TRUE(has(first, "1 to 20 of 520"));
  EXPECT_FALSE(has(first, "Newest"));
  EXPECT_TRUE(has(first, "cursor=2025-09-15\" rel=\"next\""));
  const std::string second = batches("2025-09-15");
  EXPECT_TRUE(has(second, "21 to 40 of 520"));
  EXPECT_TRUE(has(second, "href=\"/pages/batches\">"));
  EXPECT_FALSE(has(second, "rel=\"prev\"")) << "the newest are the page before";
  const std::string third = batches("2025-04-28");
  EXPECT_TRUE(has(third, "41 to 60 of 520"));
  EXPECT_TRUE(has(third, "cursor=2025-09-15\" rel=\"prev\""));
  const std::string last = batches("2016-03-07");
  EXPECT_EQ(rows_of(last), 3);
  EXPECT_FALSE(has(last, "rel=\"next\""));
  EXPECT_TRUE(has(batches("0001-01-01"), "None before 0001-01-01"));
  EXPECT_TRUE(has(batches("9999-12-31"), "1 to 20 of 520"));

  const std::string report = page(page_report);
  EXPECT_TRUE(has(report, "520 weekly batches of 3 picks"));
  std::size_t shown_links = 0;
  for (std::size_t at = report.find("<tr><th scope=\"row\"><a "); at != report.npos;
       at = report.find("<tr><th scope=\"row\"><a ", at + 1))
    ++shown_links;
  EXPECT_EQ(shown_links, 520U) << "each batch once";
  EXPECT_LT(std::ranges::count(report, '<'), 20'000) << "an end tag counts, too";
  EXPECT_TRUE(has(report, "<summary><b>2016</b><span>")) << "older ones are folded";
  EXPECT_TRUE(has(report, "href=\"/pages/report/how-to-read\""));
  EXPECT_TRUE(has(page(page_guide), "<h1>How to read the report</h1>"));
}

TEST_F(PagesTest, ADateLeadsToItsWeek) {
  fill(*db_, 60);
  const auto to = [&](const std::string& day) { return page(page_batches, {{"to", day}}); };
  for (const char* day : {"2025-12-01", "2025-12-03", "2025-12-07"}) {
    const std::string list = to(day);
    EXPECT_TRUE(has(list, "9 to 28 of 60")) << day;
    EXPECT_EQ(list.find("<tr><th scope=\"row\">"),
              list.find("<tr><th scope=\"row\"><a href=\"/pages/batches/2025-12-01\">"));
    EXPECT_TRUE(has(list, "value=\"" + std::string(day) + "\"")) << "the form says what was asked";
  }
  EXPECT_TRUE(has(to("9999-12-31"), "1 to 20 of 60"));
  EXPECT_TRUE(has(to("2000-01-01"), "None before 2000-01-02"));
  EXPECT_TRUE(has(page(page_batches), "<form class=\"jump\" action=\"/pages/batches\" method=\"get\">"));
  EXPECT_TRUE(has(page(page_batches), "min=\"2024-12-09\""));
}

TEST_F(PagesTest, AWeekWithoutItsBatchIsSaidFirst) {
  fill(*db_, 3);
  EXPECT_FALSE(has(page(page_latest), "class=\"notice\""));
  now_ = *parse_rfc3339("2026-02-03T15:00:00Z");
  for (const Render render : {page_latest, page_batches}) {
    const std::string shown = page(render);
    EXPECT_TRUE(has(shown, "the one of <time datetime=\"2026-02-02\">2026-02-02</time> is overdue"));
    EXPECT_LT(shown.find("class=\"notice\""), shown.find("<h1>"));
  }
}

TEST_F(PagesTest, ABatchSaysWhenItWasLastRecorded) {
  fill(*db_, 2);
  EXPECT_TRUE(has(page(page_latest), "<p>Last updated with the closes of"))
      << "the ledger knows nothing of it";
  db_->query(
      "INSERT INTO ops.events (at, kind, batch_id) SELECT t, 'checkpoint_computed', (SELECT id FROM batches WHERE run_date "
      "= '2026-01-26') FROM unnest('{2026-01-27 14:00Z,2026-01-28 14:02Z}'::timestamptz[]) t");
  EXPECT_TRUE(
      has(page(page_latest),
          "<p>Last updated <time datetime=\"2026-01-28T14:02:00Z\">2026-01-28 09:02 EST</time>, with"));
  EXPECT_FALSE(has(page(page_batch, {{"run_date", "2026-01-19"}}), "09:02 EST"));
  db_->query("UPDATE ops.events SET at = 'infinity'");
  EXPECT_TRUE(has(page(page_latest), "<p>Last updated with the closes of"));
}

TEST_F(PagesTest, ThePicksAsCsvAreTheReports) {
  fill(*db_, 530);
  const auto csv = [&](const Args& args) {
    const Document document = made(batches_csv, args);
    EXPECT_EQ(document.content_type, kCsvType);
    return parse_csv(document.body).value();
  };
  const CsvTable all = csv({});
  EXPECT_EQ(all.rows.size(), 520U * 3) << "no more than ten years";
  EXPECT_EQ(all.rows.back()[0], "2026-01-26");
  EXPECT_EQ(csv({{"from", "2026-01-12"}}).rows.size(), 9U);
  EXPECT_EQ(csv({{"to", "2025-12-31"}}).rows.back()[0], "2025-12-29");
  const CsvTable one = csv({{"from", "2026-01-19"}, {"to", "2026-01-19"}});
  ASSERT_EQ(one.rows.size(), 3U);
  EXPECT_EQ(one.rows[0].back(), "") << "no beta: without history, for want of closes";
  db_->query(
      "INSERT INTO market.daily_closes (source, symbol, day, close, fetched_at) SELECT 'alpha-vantage', s, d::date, "
      "100 + (extract(doy FROM d)::int * (7 + ascii(s))) % 11, now() FROM unnest('{SPY,A,B,C}'::text[]) s, "
      "generate_series(date '2025-07-01', date '2026-01-30', '1 day') d");
  const DateRange week{Date(2026, 1, 19), Date(2026, 1, 19)};
  const auto histories = picks::read_histories(*db_, week);
  const picks::KnownCloses closes(histories, {},
                                  [&](const kernel::Statement& s) { return db_->query(s.sql, s.values); });
  const std::string body = made(batches_csv, {{"from", "2026-01-19"}, {"to", "2026-01-19"}}).body;
  EXPECT_EQ(body, picks::render_csv(picks::make_report(histories, week, closes.of())));
  EXPECT_NE(parse_csv(body).value().rows[0].back(), "");
  EXPECT_TRUE(csv({{"from", "2030-01-01"}}).rows.empty());
  EXPECT_EQ(test::error_of([&] { csv({{"from", "2026-01-19"}, {"to", "2026-01-12"}}); }).kind(),
            ErrorKind::usage);
}

/// Every element that RFC 4287 asks for, and nothing that a reader has to guess.
TEST_F(PagesTest, TheFeedHasTheNewestBatches) {
  const auto feed = [&] {
    const Document document = made(batches_atom, {});
    EXPECT_EQ(document.content_type, kAtomType);
    EXPECT_TRUE(document.body.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"));
    EXPECT_EQ(test::html_problems(document.body.substr(document.body.find('\n') + 1)),
              std::vector<std::string>());
    return document.body;
  };
  const std::string empty = feed();
  EXPECT_TRUE(has(empty, "<updated>1970-01-01T00:00:00Z</updated>"));
  EXPECT_FALSE(has(empty, "<entry>"));
  fill(*db_, 25);
  db_->query("UPDATE picks SET ticker = '<b>&' WHERE ticker = 'A'");
  const std::string body = feed();
  const std::regex id("<id>urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}</id>");
  EXPECT_EQ(std::distance(std::sregex_iterator(body.begin(), body.end(), id), std::sregex_iterator()), 21);
  EXPECT_TRUE(has(body, "<link rel=\"self\" type=\"application/atom+xml\" href=\"/batches.atom\"/>"));
  EXPECT_TRUE(
      has(body,
          "<title>Batch of 2026-01-26: BUY &lt;b&gt;&amp;, BUY B, SELL C</title><updated>2026-02-09T14:00:00Z"
          "</updated>"))
      << body;
  EXPECT_TRUE(has(body, "href=\"/pages/batches/2026-01-26\"/>"));
  EXPECT_LT(body.find("Batch of 2026-01-26"), body.find("Batch of 2026-01-19"));
  EXPECT_TRUE(has(body, "Earned +1.67 %; SPY, same side, +1.00 %; excess +0.67 %."));
  EXPECT_EQ(feed(), body) << "as long as nothing is new";
  const std::string name = body.substr(0, body.find("<title>"));
  db_->query("UPDATE batches SET status = 'completed'");
  EXPECT_TRUE(feed().starts_with(name)) << "its id stays";
}

TEST_F(PagesTest, TheReportFollowsItsRows) {
  fill(*db_, 3);
  const std::string before = page(page_report);
  EXPECT_EQ(page(page_report), before);
  db_->query("UPDATE picks SET ticker = 'ZZZZ' WHERE ticker = 'A'");
  EXPECT_TRUE(has(page(page_report), "ZZZZ"));
  db_->query("UPDATE pick_checkpoint_metrics SET vs_benchmark_pct = vs_benchmark_pct + 1");
  EXPECT_NE(page(page_report), before);
}

TEST_F(PagesTest, TheReportFollowsItsCloses) {
  kernel::SnapshotOptions options;
  options.db.url = home_.url();
  options.timeout = std::chrono::seconds(30);
  reader_ = kernel::open_snapshots(options);
  fill(*db_, 3);
  EXPECT_TRUE(has(page(page_report), "9 of 9 picks without history, as if beta were 1"));
  db_->query(
      "INSERT INTO market.daily_closes (source, symbol, day, close, fetched_at) SELECT 'alpha-vantage', s, d::date, "
      "100 + (extract(doy FROM d)::int * ascii(s)) % 7, now() FROM unnest('{SPY,A,B,C}'::text[]) s, "
      "generate_series(date '2025-06-01', date '2026-02-10', interval '1 day') d WHERE extract(isodow FROM d) < 6");
  EXPECT_FALSE(has(page(page_report), "without history"));
}

TEST_F(PagesTest, TheReportFollowsItsFiles) {
  const std::filesystem::path market =
      std::filesystem::temp_directory_path() / ("am-page-market-" + std::to_string(::getpid()));
  std::filesystem::create_directory(market);
  const auto write = [&](const std::string& file, const std::string& text) {
    std::ofstream(market / file) << text;
  };
  write("closes.csv", "date,SPY,A,B,C\n2026-01-23,400,100,100,100\n");
  write("market.toml",
        "benchmark = \"SPY\"\n[universe]\nname = \"one\"\nas_of = 2026-01-01\nsymbols = [\"A\"]\n");
  fill(*db_, 3);
  db_->query("UPDATE ops.batch_origin SET price_source = $1", kernel::sql_values("csv:" + market.string()));
  EXPECT_TRUE(has(page(page_report), "one as of 2026-01-01"));
  write("market.toml",
        "benchmark = \"SPY\"\n[universe]\nname = \"another\"\nas_of = 2026-01-01\nsymbols = [\"A\"]\n");
  EXPECT_TRUE(has(page(page_report), "another as of 2026-01-01"));
  std::filesystem::remove_all(market);
  EXPECT_TRUE(has(page(page_report), "Some closes cannot be read"));
}

/// Another program wrote a figure that is none: what needs it is unreadable, and nothing else is.
TEST_F(PagesTest, AFigureThatIsNoNumberIsUnreadableAndTheRestIsNot) {
  fill(*db_, 12);
  const std::string latest = page(page_latest);
  EXPECT_TRUE(has(latest, "Day 14 of 14: the picks are 0.67 points ahead of the same trades in SPY."));
  // The newest batch's last session is day 12; without it day 11 is the latest that can be read.
  const std::string batch = "(SELECT id FROM public.batches WHERE run_date = '2026-01-26')";
  const std::string day = "(SELECT id FROM public.checkpoints WHERE checkpoint_date = '2026-02-06')";
  const std::string metric = "public.pick_checkpoint_metrics WHERE checkpoint_id = " + day +
                             " AND pick_id IN (SELECT id FROM public.picks WHERE ticker = 'A')";
  const std::string of_day = "Day 14 of 14: the picks are 0.75 points ahead of the same trades in SPY.";
  const std::string of_batch = "What is stored of this batch cannot be right: there is nothing to compare.";
  const std::vector<std::array<std::string, 3>> places{
      {"benchmark_initial_price", "public.batches WHERE id = " + batch, of_batch},
      {"initial_price", "public.picks WHERE ticker = 'A' AND batch_id = " + batch, of_batch},
      {"benchmark_price", "public.checkpoints WHERE id = " + day, of_day},
      {"benchmark_return_pct", "public.checkpoints WHERE id = " + day, of_day},
      {"current_price", metric, of_day},
      {"absolute_return_pct", metric, of_day},
      {"vs_benchmark_pct", metric, of_day}};
  for (const auto& [column, where, answer] : places) {
    const std::size_t space = where.find(' ');
    const auto set = [&, name = column, table = where.substr(0, space),
                      rest = where.substr(space)](const std::string& value) {
      db_->query("UPDATE " + table + " SET " + name + " = $1::numeric" + rest, kernel::sql_values(value));
    };
    const std::string before = db_->query("SELECT " + column + "::text AS v FROM " + where).only().text("v");
    for (const char* odd : {"NaN", "Infinity"}) {
      SCOPED_TRACE(column + " " + odd);
      set(odd);
      const std::string shown = page(page_latest);
      EXPECT_TRUE(has(shown, answer)) << shown;
      EXPECT_TRUE(has(shown, ">unreadable: "));
      EXPECT_TRUE(has(shown, "<p>Unreadable: public.")) << shown;
      EXPECT_EQ(has(shown, "<td>n/a</td>"), answer == of_batch) << "a price that is none";
      EXPECT_EQ(page(page_batch, {{"run_date", "2026-01-26"}}).find(answer) != std::string::npos, true);
      EXPECT_TRUE(has(page(page_batches), "<p>1 stored figure cannot be right"));
      const std::string report = page(page_report);
      EXPECT_TRUE(has(report, "<p>1 stored figure cannot be right"));
      EXPECT_TRUE(has(report, "; 10 complete, 30 picks"));
      page(page_status);
    }
    set(before);
    EXPECT_EQ(page(page_latest), latest);
  }
  // A completed batch of which no day can be read is one batch less to judge by.
  db_->query(
      "UPDATE public.pick_checkpoint_metrics SET vs_benchmark_pct = 'NaN' WHERE checkpoint_id IN (SELECT c.id FROM "
      "public.checkpoints c JOIN public.batches b ON b.id = c.batch_id WHERE b.run_date = '2025-12-01')");
  EXPECT_TRUE(has(page(page_report), "; 9 complete, 27 picks"));
  EXPECT_TRUE(has(page(page_batches), "<p>30 stored figures cannot be right"));
}

TEST_F(PagesTest, ADateThatIsNoneIsSaidAndInNobodysWay) {
  fill(*db_, 3);
  const std::string latest = page(page_latest);
  const std::string report = page(page_report);
  const std::string status = page(page_status);
  for (const char* odd : {"infinity", "-infinity"}) {
    db_->query(
        "INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES (gen_random_uuid(), '" +
        std::string(odd) + "', 1, 'active')");
  }
  EXPECT_EQ(page(page_latest), latest);
  EXPECT_EQ(page(page_report), report);
  EXPECT_EQ(page(page_status), status);
  const std::string list = page(page_batches);
  EXPECT_TRUE(has(list, "1 to 3 of 3"));
  EXPECT_TRUE(
      has(list, "<p>Not listed: what another program stored under the run date -infinity and infinity;"));
  db_->query("UPDATE checkpoints SET checkpoint_date = 'infinity' WHERE checkpoint_date = '2026-01-27'");
  EXPECT_TRUE(has(page(page_latest), "2026-01-26: checkpoint_date infinity is no day; the row is left out"));
  EXPECT_FALSE(has(page(page_latest), ">unreadable: ")) << "a day of it that is skipped is skipped";
  page(page_batches);
  page(page_report);
  page(page_status);
}

}  // namespace
}  // namespace am::web
