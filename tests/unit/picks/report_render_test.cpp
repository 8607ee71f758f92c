#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "report_fixture.hpp"

namespace am::picks {
namespace {

const Date kRenderedMonday(2000, 1, 10);

Report two_batches() {
  BatchHistory first = history_of(kRenderedMonday);
  add_day(first, 1, "1010", {"101", "100", "100.123456"});
  skip_day(first, 14);
  first.batch.picks[0].pick.reasoning =
      R"(<script>alert("x")</script> & 'more', <img src=x onerror=alert(1)>)";
  BatchHistory second = history_of(kRenderedMonday + 7, "openai");
  second.batch.model = "<b>gpt\"";
  second.batch.status = "active";
  return make_report({first, second}, std::nullopt, {});
}

Report nothing() { return make_report({}, DateRange{Date(2001, 1, 1), Date(2001, 2, 1)}, {}); }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(ReportTable, FitsAHundredColumnsOfAscii) {
  Report report = two_batches();
  report.groups[1].key.model = std::string(300, 'x') + "\x1b[31m";
  report.batches[1].batch.model = "\x1b]0;title\a" + std::string(300, 'x');
  const std::string table = render_table(report);
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
  }
  EXPECT_TRUE(holds(table, "momentum, backfill, over SPX")) << table;
  EXPECT_TRUE(holds(table, "none yet: 2 of the 10 weeks that are the least")) << table;
  EXPECT_TRUE(holds(table, "100.00 -> 100.1235")) << table;
}

Report weeks(int count) {
  std::vector<BatchHistory> histories;
  for (int week = 0; week < count; ++week) histories.push_back(history_of(kRenderedMonday + 7 * week));
  return make_report(histories, std::nullopt, {});
}

int listed(const std::string& table) {
  std::istringstream lines(table);
  int count = 0;
  for (std::string line; std::getline(lines, line);) count += line.starts_with("2000-") ? 1 : 0;
  return count;
}

TEST(ReportTable, ListsTheLastEightOrAll) {
  const Report ten = weeks(10);
  const std::string table = render_table(ten);
  EXPECT_EQ(listed(table), 8);
  EXPECT_FALSE(holds(table, "\n2000-01-17 ")) << table;
  EXPECT_TRUE(holds(table, "\n2000-01-24 ")) << table;
  EXPECT_TRUE(holds(table, "\n2 older batches are left out: --all shows them\n")) << table;
  EXPECT_TRUE(holds(table, "10 batches, 2000-01-10 to 2000-03-13")) << "the figures are of all";
  EXPECT_TRUE(holds(render_table(weeks(9)), "\n1 older batch is left out")) << "one";
  for (const std::string& whole : {render_table(ten, true), render_table(weeks(8))})
    EXPECT_FALSE(holds(whole, "left out")) << whole;
  EXPECT_EQ(listed(render_table(ten, true)), 10);
  EXPECT_EQ(parse_csv(render_csv(ten))->rows.size(), 30U);
  EXPECT_EQ(nlohmann::json::parse(render_json(ten))["batches"].size(), 10U);
}

TEST(ReportTable, EndsWithTheAnswerOfEachGroup) {
  Report report = two_batches();
  ASSERT_EQ(report.groups.size(), 2U);
  report.groups[0].answer = "the first answer";
  report.groups[1].answer = "the second answer";
  EXPECT_TRUE(render_table(report).ends_with("  the second answer\n"));
  report.groups.pop_back();
  EXPECT_TRUE(render_table(report).ends_with("\n\nmomentum, backfill, over SPX:\n  the first answer\n"));
}

TEST(ReportTable, SaysThatThereIsNothing) {
  EXPECT_EQ(render_table(nothing()), "no batch in 2001-01-01 to 2001-02-01\n");
  EXPECT_EQ(render_table(make_report({}, std::nullopt, {})), "no batch yet\n");
}

TEST(ReportCsv, HasOneRecordPerPickWithDecimalsAsStored) {
  const auto parsed = parse_csv(render_csv(two_batches()));
  ASSERT_TRUE(parsed) << parsed.error().reason;
  ASSERT_EQ(parsed->rows.size(), 6U);
  const auto field = [&](std::size_t row, const std::string& name) {
    const auto at = std::ranges::find(parsed->header, name);
    return parsed->rows[row][static_cast<std::size_t>(at - parsed->header.begin())];
  };
  EXPECT_EQ(field(2, "ticker"), "C");
  EXPECT_EQ(field(2, "price"), "100.123456");
  EXPECT_EQ(field(2, "absolute_return_pct"), "0.12345600");
  EXPECT_EQ(Decimal::of(field(2, "directional_excess_pct")), Decimal::of("0.876544"));
  EXPECT_EQ(field(0, "reasoning"), R"(<script>alert("x")</script> & 'more', <img src=x onerror=alert(1)>)");
  EXPECT_EQ(field(3, "price"), "") << "no day computed yet";
  const auto empty = parse_csv(render_csv(nothing()));
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->rows.empty());
}

TEST(ReportCsv, SpreadsheetsAndTerminalsObeyNothing) {
  BatchHistory history = history_of(kRenderedMonday);
  add_day(history, 1, "1010", {"101", "100", "99"});
  history.batch.model = "=HYPERLINK(\"http://evil\")";
  history.batch.picker = "@picker";
  history.batch.benchmark_symbol = "-SPX";
  history.batch.picks[0].pick.reasoning = "\t=1+1\n\x1b[2J\u009b1m";
  history.batch.picks[1].pick.reasoning = "falls by -1.5";
  const auto parsed = parse_csv(render_csv(make_report({history}, std::nullopt, {})));
  ASSERT_TRUE(parsed) << parsed.error().reason;
  const auto field = [&](std::size_t row, const std::string& name) {
    const auto at = std::ranges::find(parsed->header, name);
    return parsed->rows[row][static_cast<std::size_t>(at - parsed->header.begin())];
  };
  EXPECT_EQ(field(0, "model"), "'=HYPERLINK(\"http://evil\")");
  EXPECT_EQ(field(0, "picker"), "'@picker");
  EXPECT_EQ(field(0, "benchmark_symbol"), "'-SPX");
  EXPECT_EQ(field(0, "reasoning"), "' =1+1 ?[2J?1m");
  EXPECT_EQ(field(1, "reasoning"), "falls by -1.5");
  EXPECT_EQ(field(2, "absolute_return_pct"), "-1.00") << "a number stays one";
}

TEST(ReportJson, HasDecimalsAsStringsAndNullsForNothing) {
  const auto json = nlohmann::json::parse(render_json(two_batches()));
  ASSERT_EQ(json["batches"].size(), 2U);
  EXPECT_EQ(json["batches"][0]["picks"][2]["absolute_return_pct"], "0.12345600");
  EXPECT_EQ(json["batches"][0]["latest"], "2000-01-10");
  EXPECT_TRUE(json["batches"][1]["mean_directional_excess_pct"].is_null());
  EXPECT_EQ(json["groups"].size(), 2U);
  EXPECT_EQ(json["groups"][0]["days"].size(), 14U);
  EXPECT_TRUE(json["groups"][0]["percentile"].is_null());
  EXPECT_TRUE(json["groups"][0]["interval_every_week"].is_null());
  EXPECT_TRUE(json["batches"][0]["picks"][0]["beta"].is_null()) << "without history";
  EXPECT_EQ(json["groups"][1]["verdict"], "none yet: 0 of the 10 weeks that are the least");
  EXPECT_TRUE(json["groups"][1]["e_value"].is_null());
  EXPECT_TRUE(nlohmann::json::parse(render_json(nothing()))["groups"].empty());
}

TEST(ReportHtml, EscapesWhatAModelWrote) {
  const std::string page = render_html(two_batches());
  EXPECT_FALSE(holds(page, "<script"));
  EXPECT_FALSE(holds(page, "<img"));
  EXPECT_FALSE(holds(page, "<b>gpt"));
  EXPECT_TRUE(holds(page, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;more&#39;"));
  EXPECT_TRUE(holds(page, "&lt;b&gt;gpt&quot;"));
}

TEST(ReportHtml, IsOnePageThatLoadsNothing) {
  const std::string page = render_html(two_batches());
  EXPECT_TRUE(holds(page, "content=\"default-src 'none'; style-src 'sha256-"));
  EXPECT_FALSE(holds(page, "http://"));
  EXPECT_FALSE(holds(page, "https://"));
  EXPECT_TRUE(holds(page, "<p class=\"answer\">None yet: 0 of the 10 weeks that are the least.</p>"));
  EXPECT_FALSE(holds(page, "<link"));
  EXPECT_FALSE(holds(page, "url("));
  EXPECT_FALSE(holds(page, " style=")) << "the policy allows the one style sheet only";
  EXPECT_FALSE(holds(page, " onclick="));
  EXPECT_TRUE(holds(page, "<html lang=\"en\">"));
  EXPECT_TRUE(holds(page, "prefers-color-scheme:dark"));
  EXPECT_TRUE(holds(page, "role=\"img\""));
  EXPECT_TRUE(holds(page, "<caption>"));
}

TEST(ReportHtml, SaysThatThereIsNothing) {
  EXPECT_TRUE(holds(render_html(nothing()), "No batch in 2001-01-01 to 2001-02-01."));
}

}  // namespace
}  // namespace am::picks
