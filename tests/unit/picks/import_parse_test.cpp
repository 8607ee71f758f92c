// A file of picks that were made elsewhere: its rows, and every row that cannot be right by its line.

#include <gtest/gtest.h>

#include "am/picks/import.hpp"

namespace am::picks {
namespace {

const Instant kImportNow = *parse_rfc3339("2026-01-28T15:00:00Z");
const std::string kHead = "run_date,ticker,action,model\n";
const std::string kWeek = "2026-01-19,XOM,BUY,m\n2026-01-19,T,SELL,m\n2026-01-19,BRK.B,BUY,m\n";

ImportFile parsed(const std::string& text) { return parse_import(text, "SPY", kImportNow); }

std::string problems(const std::string& text) {
  std::string all;
  for (const RowProblem& each : parsed(text).problems)
    all += std::to_string(each.line) + ": " + each.problem + "\n";
  return all;
}

TEST(ImportFile, IsReadAsCsvInAnyOrderOfColumns) {
  const ImportFile file = parsed(
      "\xEF\xBB\xBFmodel,reasoning,action,ticker,run_date\r\nm,\"oil, gas\",BUY,XOM,2026-01-19\r\n"
      "m,,SELL,T,2026-01-19\r\nm, ,BUY,BRK.B,2026-01-19\r\n");
  ASSERT_TRUE(file.problems.empty()) << file.problems[0].problem;
  ASSERT_EQ(file.weeks.size(), 1U);
  const ImportedWeek& week = file.weeks[0];
  EXPECT_EQ(week.run_date, Date(2026, 1, 19));
  EXPECT_EQ(week.model, "m");
  EXPECT_EQ(week.line, 2);
  ASSERT_EQ(week.picks.size(), 3U);
  EXPECT_EQ(week.picks[0].reasoning, "oil, gas");
  EXPECT_EQ(week.picks[1].action, Action::sell);
  EXPECT_EQ(week.picks[2].reasoning, kNoReasoning);
}

TEST(ImportFile, IsReadAsJsonLines) {
  const ImportFile file =
      parsed(R"({"run_date":"2026-01-26","ticker":"XOM","action":"BUY","model":"a","reasoning":"oil"}

{"run_date":"2026-01-26","ticker":"T","action":"SELL","model":"a","reasoning":null}
{"run_date":"2026-01-26","ticker":"MO","action":"BUY","model":"a"})");
  ASSERT_TRUE(file.problems.empty()) << file.problems[0].problem;
  ASSERT_EQ(file.weeks.size(), 1U);
  EXPECT_EQ(file.weeks[0].picks[0].reasoning, "oil");
  EXPECT_EQ(file.weeks[0].picks[1].reasoning, kNoReasoning);
}

TEST(ImportFile, SortsItsWeeks) {
  const ImportFile file =
      parsed(kHead + "2026-01-26,A,BUY,b\n" + kWeek + "2026-01-26,B,BUY,b\n2026-01-26,C,BUY,b\n");
  ASSERT_EQ(file.weeks.size(), 2U) << problems(kHead + kWeek);
  EXPECT_EQ(file.weeks[0].run_date, Date(2026, 1, 19));
  EXPECT_EQ(file.weeks[1].model, "b");
  EXPECT_EQ(file.weeks[1].line, 2);
}

TEST(ImportFile, TellsEveryRowThatCannotBeRightByItsLine) {
  EXPECT_EQ(problems(kHead + "2026-01-20,XOM,BUY,m\n"
                             "2026-02-02,XOM,BUY,m\n"
                             "1989-12-25,XOM,BUY,m\n"
                             "19.1.2026,XOM,BUY,m\n"
                             "2026-01-19,xom,BUY,m\n"
                             "2026-01-19,XOM,HOLD,m\n"
                             "2026-01-19,XOM,BUY,\n"),
            "2: run_date 2026-01-20: not a Monday (expected 2026-01-19)\n"
            "3: run_date 2026-02-02: that week has not begun\n"
            "4: run_date 1989-12-25: before 1990-01-08\n"
            "5: run_date '19.1.2026': not a date (expected like 2026-01-26)\n"
            "6: \"xom\" is not a ticker (1 to 5 capitals, then perhaps .X or -X)\n"
            "6: 2026-01-19 has 2 of 3 rows\n"
            "7: action must be BUY or SELL, got \"HOLD\"\n"
            "8: model is empty\n");
}

TEST(ImportFile, HoldsAMondayToThreeRowsOfOneModel) {
  EXPECT_EQ(problems(kHead + kWeek + "2026-01-19,MO,BUY,m\n"), "5: 2026-01-19 has 3 rows before this one\n");
  EXPECT_EQ(problems(kHead + kWeek + "2026-01-19,MO,BUY,other\n"),
            "5: 2026-01-19 has rows of \"m\" from line 2 on: a Monday has one batch, of one model\n");
  EXPECT_EQ(problems(kHead + "2026-01-19,BRK.B,BUY,m\n2026-01-19,BRK-B,BUY,m\n2026-01-19,SPY,BUY,m\n"),
            "3: BRK-B is picked twice: it is the same share as BRK.B\n"
            "4: SPY is the benchmark, which nothing is gained over by itself\n");
}

TEST(ImportFile, NeedsItsColumnsAndKnowsNoOthers) {
  EXPECT_EQ(problems("run_date,ticker,side,model\n" + kWeek),
            "1: unknown column \"side\" (expected run_date, ticker, action, model and perhaps reasoning)\n"
            "1: no column \"action\"\n");
  EXPECT_EQ(problems(R"({"run_date":"2026-01-19","side":"BUY"})"),
            "1: unknown column \"side\" (expected run_date, ticker, action, model and perhaps reasoning)\n");
  EXPECT_EQ(problems(R"({"run_date":20260119})"), "1: run_date is not a text\n");
  EXPECT_EQ(problems("{\n"), "1: not a JSON object\n");
  EXPECT_EQ(problems(""), "1: no header\n");
  EXPECT_EQ(problems(kHead), "1: there are no rows\n");
  EXPECT_EQ(problems("\xFF"), "1: it is no UTF-8 text\n");
  EXPECT_EQ(problems(kHead + "2026-01-19,XOM\n").substr(0, 3), "2: ");
}

}  // namespace
}  // namespace am::picks
