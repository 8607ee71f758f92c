#include "web/picks/page_batch.hpp"

#include <gtest/gtest.h>

#include "support/html.hpp"
#include "support/picks_router.hpp"
#include "unit/picks/report_fixture.hpp"
#include "web/answers.hpp"
#include "web/picks/page_parts.hpp"

namespace am::web {
namespace {

using picks::BatchHistory;

constexpr Date kMonday{2026, 1, 26};

BatchHistory batch(const std::string& status = "active") {
  BatchHistory history = picks::history_of(kMonday);
  history.batch.status = status;
  return history;
}

std::string page_of(const BatchHistory& history, bool latest = true) {
  const Document document =
      page_document(batch_frame({history, Date(2026, 1, 19), {}}, latest), test::picks_router());
  EXPECT_EQ(test::html_problems(document.body), std::vector<std::string>());
  return document.body;
}

std::string answer(const BatchHistory& history) { return answer_text(history, picks::batch_line(history)); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(PageBatch, AnswersAtAGlance) {
  BatchHistory history = batch();
  EXPECT_EQ(answer(history),
            "Picked, and not measured yet: day 1 is due at 9:00 in New York on Tuesday, 27 January 2026.");
  // A and B gain 4 %, C (a SELL) loses 1 %, the benchmark gains 1 %: +3, +3 and +2 points.
  picks::add_day(history, 1, "1010", {"104", "104", "99"});
  EXPECT_EQ(answer(history), "Day 1 of 14: the picks are 2.67 points ahead of the same trades in SPX.");
  picks::skip_day(history, 6);
  EXPECT_EQ(answer(history), "Day 6 of 14: the picks are 2.67 points ahead of the same trades in SPX.");
  picks::add_day(history, 8, "1010", {"100", "101", "103"});
  EXPECT_EQ(answer(history), "Day 8 of 14: the picks are 1.00 points behind the same trades in SPX.");
  picks::add_day(history, 9, "1010", {"101", "101", "101"});
  EXPECT_EQ(answer(history), "Day 9 of 14: the picks are level with the same trades in SPX.");
  history.batch.status = "completed";
  EXPECT_EQ(answer(history), "After 14 days the picks ended level with the same trades in SPX.");
  history.batch.status = "failed";
  EXPECT_EQ(
      answer(history),
      "Day 9 of 14: the picks are level with the same trades in SPX. The batch has failed since: it needs a person.");
}

TEST(PageBatch, AnswersWithoutAComputedDay) {
  BatchHistory history = batch();
  picks::skip_day(history, 1);
  EXPECT_EQ(answer(history),
            "Picked, and not measured yet: day 2 is due at 9:00 in New York on Wednesday, 28 January 2026.");
  history.batch.status = "failed";
  EXPECT_EQ(answer(history), "This batch has failed before its first day: it needs a person.");
  history.batch.status = "completed";
  EXPECT_EQ(answer(history), "All 14 days were skipped: there is nothing to compare.");
}

TEST(PageBatch, ShowsPicksReasonsAndEveryDay) {
  BatchHistory history = batch();
  picks::add_day(history, 1, "1010", {"104", "104.5", "99"});
  picks::skip_day(history, 6);
  const std::string page = page_of(history);
  EXPECT_TRUE(has(page, "<h1><span class=\"kicker\">Latest batch</span>"));
  EXPECT_TRUE(has(
      page,
      "<th scope=\"row\">B</th><td class=\"t\">BUY</td><td class=\"up\">+3.50 %</td><td>+4.50 %</td><td>+1.00 %</td>"
      "<td>+4.50 %</td><td>100.00</td><td>104.50</td>"))
      << page;
  EXPECT_TRUE(has(page, "<h4>SELL C</h4><blockquote dir=\"auto\">because</blockquote>"));
  EXPECT_TRUE(has(page, "<th scope=\"row\">Day 6</th>"));
  EXPECT_TRUE(has(page, ">skipped: weekend</td>"));
  EXPECT_TRUE(has(page, "2 of 14 days are in"));
  EXPECT_TRUE(has(page, "href=\"/batches/" + history.batch.id + "\""));
  EXPECT_TRUE(has(page, "href=\"/pages/batches/2026-01-19\" rel=\"prev\""));
  EXPECT_FALSE(has(page, "rel=\"next\""));
  EXPECT_TRUE(has(page, "<a href=\"/\" aria-current=\"page\">Latest</a>"));
  EXPECT_TRUE(has(page_of(history, false), "<a href=\"/pages/batches\" aria-current=\"true\">Batches</a>"));
}

/// What a reader can check by eye: in every row, and of the means, excess is earned minus the benchmark's, same side.
TEST(PageBatch, FiguresAddUpBesideEachOther) {
  BatchHistory history = batch("completed");
  picks::add_day(history, 1, "1010", {"104", "104.5", "99"});
  const std::string page = page_of(history);
  const picks::BatchLine line = picks::batch_line(history);
  for (const picks::PickLine& pick : line.picks) {
    EXPECT_EQ(*pick.directional_return_pct - *pick.directional_benchmark_pct, *pick.directional_excess_pct);
  }
  EXPECT_EQ((*line.mean_return_pct - *line.mean_benchmark_pct).to_fixed(20),
            line.mean_excess_pct->to_fixed(20));
  EXPECT_TRUE(
      has(page,
          "<th scope=\"row\">C</th><td class=\"t\">SELL</td><td class=\"up\">+2.00 %</td><td>+1.00 %</td>"
          "<td>\u22121.00 %</td><td>\u22121.00 %</td>"))
      << "a SELL: return and benchmark with the other sign";
  EXPECT_TRUE(has(
      page,
      "<th scope=\"row\">Mean</th><td></td><td class=\"up\">+2.83 %</td><td>+3.17 %</td><td>+0.33 %</td>"));
  EXPECT_TRUE(has(page, "<dt>Hits</dt><dd>3 of 3"));
  history.batch.status = "active";
  EXPECT_TRUE(has(page_of(history), "<dt>Ahead so far</dt><dd>3 of 3")) << "a hit takes 14 days";
}

TEST(PageBatch, SaysWhereItStandsInTime) {
  BatchHistory history = batch();
  picks::add_day(history, 1, "1010", {"104", "104.5", "99"});
  const std::string day = "with the closes of <time datetime=\"2026-01-26\">Mon 26 Jan</time>, day 1.</p>";
  EXPECT_TRUE(has(page_of(history), "<p>Last updated " + day));
  BatchView view{history, {}, {}, parse_rfc3339("2026-01-27T14:02:00Z")};
  EXPECT_TRUE(
      has(batch_frame(view, true).main_html,
          "<p>Last updated <time datetime=\"2026-01-27T14:02:00Z\">2026-01-27 09:02 EST</time>, " + day));
  EXPECT_TRUE(has(page_of(history), "<a href=\"/pages/batches/2026-01-26\" rel=\"bookmark\">permalink</a>"));
  EXPECT_FALSE(has(page_of(history, false), "permalink")) << "it is there";
}

TEST(MissingNotice, IsThereOnceABatchIsOverdue) {
  const auto at = [](const char* now) { return missing_notice(kMonday, *parse_rfc3339(now)); };
  EXPECT_EQ(at("2026-01-26T15:00:00Z"), "");
  EXPECT_EQ(at("2026-02-02T15:59:59Z"), "") << "two hours of grace, as everywhere";
  EXPECT_TRUE(has(at("2026-02-02T16:00:00Z"),
                  "the one of <time datetime=\"2026-02-02\">2026-02-02</time> is overdue"));
  EXPECT_TRUE(has(at("2026-03-01T12:00:00Z"), "4 weeks since then have none"));
  EXPECT_EQ(test::html_problems(at("2026-03-01T12:00:00Z")), std::vector<std::string>());
}

TEST(PageBatch, HasNoChartBeforeTheFirstDay) {
  const std::string page = page_of(batch());
  EXPECT_FALSE(has(page, "<svg"));
  EXPECT_FALSE(has(page, "<dl"));
}

TEST(PageBatch, AMissingMetricIsSaid) {
  BatchHistory history = batch();
  picks::add_day(history, 1, "1010", {"104", "104", "99"});
  history.days[0].metrics.pop_back();
  EXPECT_TRUE(has(page_of(history), "<td>n/a</td>"));
  history.days[0].metrics.clear();
  EXPECT_TRUE(has(page_of(history), "not measured yet"));
}

TEST(PageBatch, WhatCannotBeRightIsUnreadableAndNotSkipped) {
  BatchHistory history = batch();
  picks::add_day(history, 1, "1010", {"104", "104", "99"});
  picks::skip_day(history, 2);
  history.doubts = {
      {"metrics <of> day 2: vs_benchmark_pct NaN is not a number", "measure it again", kMonday + 1}};
  EXPECT_EQ(answer(history), "Day 2 of 14: the picks are 2.67 points ahead of the same trades in SPX.");
  std::string page = page_of(history);
  EXPECT_TRUE(has(page, ">unreadable: what is stored cannot be right</td>")) << page;
  EXPECT_FALSE(has(page, "no close came in time"));
  EXPECT_TRUE(
      has(page, "<p>Unreadable: metrics &lt;of&gt; day 2: vs_benchmark_pct NaN is not a number.</p>"));
  EXPECT_FALSE(has(page, "measure it again")) << "that is for who runs it";

  BatchHistory without = batch();
  picks::skip_day(without, 1);
  picks::skip_day(without, 6);
  without.batch.benchmark_initial_price = Decimal();
  without.batch.baseline_problem = "batches: benchmark_initial_price NaN is not a number";
  without.doubts = {{without.batch.baseline_problem, "take it again"}};
  EXPECT_EQ(answer(without), "What is stored of this batch cannot be right: there is nothing to compare.");
  page = page_of(without);
  EXPECT_TRUE(has(page, "<td class=\"t\">benchmark</td><td></td><td></td><td></td><td>n/a</td><td>n/a</td>"))
      << page;
  EXPECT_TRUE(has(page, ">unreadable: "));
  EXPECT_TRUE(has(page, ">skipped: weekend</td>"));
}

/// Whatever text the database holds comes out as text.
TEST(PageBatch, EscapesEverythingThatIsStored) {
  const std::string attack = "\"'><img src=x onerror=alert(1)></desc><script>alert(2)</script>&lt;";
  BatchHistory history = batch();
  picks::add_day(history, 1, "1010", {"104", "104", "99"});
  history.batch.benchmark_symbol = attack;
  history.batch.status = attack;
  history.batch.picker = attack;
  history.batch.model = attack;
  history.batch.origin = attack;
  for (picks::StoredPick& stored : history.batch.picks) {
    stored.pick.ticker = attack;
    stored.pick.reasoning = attack + "\x01\n\u202e";
  }
  history.batch.id = attack;
  const std::string page = page_of(history);
  EXPECT_FALSE(has(page, "<img"));
  EXPECT_FALSE(has(page, "<script"));
  EXPECT_FALSE(has(page, "\x01"));
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(2)&lt;/script&gt;&amp;lt;"));
}

TEST(PageFrame, HasLandmarksAndASheetThatIsKnownByItsContent) {
  const Document error = error_page_document(404, "no batch of <b>2026-01-26</b>", test::picks_router());
  EXPECT_EQ(error.status, 404);
  EXPECT_EQ(error.content_type, kHtmlType);
  EXPECT_EQ(test::html_problems(error.body), std::vector<std::string>());
  for (const char* part :
       {"<html lang=\"en\">", "<a class=\"skip\" href=\"#content\">", "<header", "<nav aria-label=\"Main\">",
        "<main id=\"content\"", "<footer>", "<link rel=\"stylesheet\" href=\"/style.css?v=", "<h1>",
        "No batch of &lt;b&gt;2026-01-26&lt;/b&gt;.", "<title>404, Not found"})
    EXPECT_TRUE(has(error.body, part)) << part;
  EXPECT_FALSE(has(error.body, "aria-current"));
  EXPECT_TRUE(has(error.body, "<li><a href=\"/pages/batches\">Batches</a></li>"))
      << "where one can go from here";
  EXPECT_TRUE(has(error_page_document(404, "no batch", test::picks_router(), "look <there>").body,
                  "<p>Look &lt;there&gt;.</p>"));
  for (const int status : {400, 404, 405, 408, 429, 431, 500, 503})
    EXPECT_EQ(test::html_problems(error_page_document(status, "", test::picks_router()).body),
              std::vector<std::string>());
}

TEST(PageFrame, SaysWhatItIsToSearchEnginesAndFeedReaders) {
  const std::string page = page_of(batch());
  const std::string answer =
      "Picked, and not measured yet: day 1 is due at 9:00 in New York on Tuesday, 27 January 2026.";
  for (const std::string& part :
       {"<meta name=\"description\" content=\"" + answer + "\">",
        "<meta property=\"og:description\" content=\"" + answer + "\">",
        std::string("<meta property=\"og:title\" content=\"Latest batch, 2026-01-26\">"),
        std::string("<link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\">"),
        std::string("<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Feed of the batches\" "
                    "href=\"/batches.atom\">"),
        std::string("<p class=\"about\">Three stock picks every Monday"),
        std::string("<a href=\"/pages/glossary\">Glossary</a>"),
        std::string("<a href=\"/pages/api\">The API</a>")})
    EXPECT_TRUE(has(page, part)) << part << "\n" << page;
}

TEST(PageFrame, OneThatIsOlderThanItShouldBeSaysSo) {
  Document page = page_document(batch_frame({batch(), {}, {}}, true), test::picks_router());
  const std::size_t before = page.body.size();
  page = aged_page(std::move(page), std::chrono::seconds(34));
  EXPECT_GT(page.body.size(), before);
  EXPECT_EQ(test::html_problems(page.body), std::vector<std::string>());
  const std::size_t notice = page.body.find("This page was read 34 seconds ago");
  EXPECT_LT(page.body.find("<main"), notice);
  EXPECT_LT(notice, page.body.find("<h1>"));
}

TEST(PageText, DatesAndTimes) {
  EXPECT_EQ(long_date(kMonday), "Monday, 26 January 2026");
  EXPECT_EQ(weekday_date(Date(2026, 2, 1)), "Sun 1 Feb");
  EXPECT_EQ(time_html(*parse_rfc3339("2026-07-06T13:00:00.25Z")),
            "<time datetime=\"2026-07-06T13:00:00Z\">2026-07-06 09:00 EDT</time>");
  EXPECT_EQ(duration_text(std::chrono::seconds(59)), "under a minute");
  EXPECT_EQ(duration_text(std::chrono::minutes(192)), "3 h 12 min");
  EXPECT_EQ(duration_text(std::chrono::hours(25)), "1 day 1 h");
}

TEST(HtmlProblems, AreFound) {
  for (const char* bad :
       {"<p>", "</p>", "<b><i></b></i>", "a & b", "1 < 2", "<p class=x></p>", "<script></script>",
        "<p style=\"\"></p>", "<p onclick=\"\"></p>", "<a href=\"https://a.example\"></a>",
        "<a href=\"javascript:x\"></a>", "<form method=\"post\"></form>",
        "<form action=\"https://a.example/\" method=\"get\"></form>", "<link href=\"data:image/svg+xml,x\">",
        "<i id=\"a\"></i><i id=\"a\"></i>", "<p title=\"<\"></p>"})
    EXPECT_FALSE(test::html_problems(bad).empty()) << bad;
  EXPECT_TRUE(test::html_problems("<!doctype html>\n<p id=\"a\">1 &lt; 2<br>x<wbr>y</p>").empty());
}

}  // namespace
}  // namespace am::web
