#include "am/picks/due.hpp"

#include <gtest/gtest.h>

#include "am/picks/jobs.hpp"

namespace am::picks {
namespace {

constexpr Date kMonday{2026, 1, 26};

kernel::Rows batches(const std::vector<Date>& run_dates) {
  kernel::Rows rows{{"run_date"}, {}, 0};
  for (const Date& date : run_dates) rows.values.push_back(kernel::sql_values(date));
  return rows;
}

/// (run date, day), the batch's id is its run date.
kernel::Rows missing(const std::vector<std::pair<Date, int>>& days) {
  kernel::Rows rows{{"id", "run_date", "day"}, {}, 0};
  for (const auto& [date, day] : days) rows.values.push_back(kernel::sql_values(date, date, day));
  return rows;
}

/// "2026-01-26@2026-01-26T14:00:00Z", "2026-01-26:3@…", with "*" when it is due.
std::vector<std::string> due_at(const char* now, const std::vector<Date>& made,
                                const std::vector<std::pair<Date, int>>& days = {}) {
  const Instant at = *parse_rfc3339(now);
  std::vector<std::string> out;
  for (const Due& due : due_of({batches(made), missing(days)}, at)) {
    EXPECT_EQ(due.job, due.day ? kCheckpointJob : kWeeklyJob);
    out.push_back(due.slot + "@" + format_rfc3339(due.due_at) + (due.is_due(at) ? "*" : ""));
  }
  return out;
}

using Slots = std::vector<std::string>;

TEST(Due, TheWeeklyJobIsDueOnMondayAtNine) {
  EXPECT_EQ(due_at("2026-01-26T13:59:59Z", {}), Slots{"2026-01-26@2026-01-26T14:00:00Z"});
  EXPECT_EQ(due_at("2026-01-26T14:00:00Z", {}),
            (Slots{"2026-01-26@2026-01-26T14:00:00Z*", "2026-02-02@2026-02-02T14:00:00Z"}));
  EXPECT_EQ(due_at("2026-02-02T04:59:59Z", {}),
            (Slots{"2026-01-26@2026-01-26T14:00:00Z*", "2026-02-02@2026-02-02T14:00:00Z"}))
      << "still Sunday in New York";
  EXPECT_EQ(due_at("2026-02-02T05:00:00Z", {}), Slots{"2026-02-02@2026-02-02T14:00:00Z"})
      << "the week is over, its batch can't be made live any more";
}

TEST(Due, AWeekThatHasItsBatchIsDone) {
  EXPECT_EQ(due_at("2026-01-28T15:00:00Z", {kMonday}), Slots{"2026-02-02@2026-02-02T14:00:00Z"});
  EXPECT_EQ(due_at("2026-01-28T15:00:00Z", {kMonday, kMonday + 7}), Slots{"2026-02-09@2026-02-09T14:00:00Z"})
      << "a rehearsed batch of a week to come counts";
}

TEST(Due, ABatchOfAnotherDayIsItsWeeks) {
  for (int day = 1; day < 7; ++day) {
    const Date started = kMonday + day;
    EXPECT_EQ(due_at("2026-01-26T15:00:00Z", {started}, {{started, 1}}),
              (Slots{started.to_string() + ":1@" + (started + 1).to_string() + "T14:00:00Z",
                     "2026-02-02@2026-02-02T14:00:00Z"}))
        << started.to_string();
  }
  EXPECT_EQ(due_at("2026-01-26T15:00:00Z", {kMonday - 1, kMonday + 7}),
            (Slots{"2026-01-26@2026-01-26T14:00:00Z*", "2026-02-09@2026-02-09T14:00:00Z"}))
      << "a Sunday belongs to the week before";
}

TEST(Due, SummerTimeMovesTheHourInUtc) {
  EXPECT_EQ(due_at("2026-03-06T15:00:00Z", {Date(2026, 3, 2)}), Slots{"2026-03-09@2026-03-09T13:00:00Z"})
      << "the clocks went forward on the 8th";
  EXPECT_EQ(due_at("2026-10-30T15:00:00Z", {Date(2026, 10, 26)}), Slots{"2026-11-02@2026-11-02T14:00:00Z"})
      << "and back on November 1st";
}

TEST(Due, DaysAreDueTheMorningAfter) {
  EXPECT_EQ(
      due_at("2026-01-29T15:00:00Z", {kMonday}, {{kMonday, 4}, {kMonday, 2}, {kMonday, 3}, {kMonday, 5}}),
      (Slots{"2026-01-26:2@2026-01-28T14:00:00Z*", "2026-01-26:3@2026-01-29T14:00:00Z*",
             "2026-01-26:4@2026-01-30T14:00:00Z", "2026-02-02@2026-02-02T14:00:00Z"}));
}

TEST(Due, OverlappingBatchesAreInOneOrder) {
  const Date older = kMonday - 7;
  EXPECT_EQ(due_at("2026-01-27T14:00:00Z", {kMonday}, {{kMonday, 1}, {older, 8}, {older, 9}, {kMonday, 2}}),
            (Slots{"2026-01-19:8@2026-01-27T14:00:00Z*", "2026-01-26:1@2026-01-27T14:00:00Z*",
                   "2026-01-19:9@2026-01-28T14:00:00Z", "2026-02-02@2026-02-02T14:00:00Z"}));
}

TEST(Due, ASlotIsNamedAsTheLedgerDoes) {
  const CheckpointSlot slot{"0190-ab", 14};
  EXPECT_EQ(slot.text(), "0190-ab:14");
  const auto parsed = CheckpointSlot::parse("0190-ab:14");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->batch_id, "0190-ab");
  EXPECT_EQ(parsed->day, 14);
  for (const char* text : {"", "2026-01-26", "0190-ab:", "0190-ab:0", "0190-ab:15", "0190-ab:1 "})
    EXPECT_FALSE(CheckpointSlot::parse(text)) << text;
}

TEST(Due, StatementsAskForTheWeekOfNow) {
  const std::vector<kernel::Statement> statements = due_statements(*parse_rfc3339("2026-02-01T15:00:00Z"));
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].values, kernel::sql_values(kMonday));
}

}  // namespace
}  // namespace am::picks
