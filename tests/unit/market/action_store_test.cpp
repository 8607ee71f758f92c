#include "am/market/action_store.hpp"

#include <gtest/gtest.h>

namespace am::market {
namespace {

CorporateAction told_by(const char* source, int ratio) {
  return {.symbol = "KO", .day = Date(2026, 10, 7), .ratio = Decimal(ratio), .source = source};
}

/// Whose word holds for the closes of that source; "": nobody's.
std::string believed(const std::vector<CorporateAction>& all, std::string_view price_source) {
  const auto chosen = actions_for(all, price_source);
  EXPECT_LE(chosen.size(), 1U);
  return chosen.empty() ? "" : chosen.front().source;
}

TEST(ActionStore, SaysWhoIsBelieved) {
  const std::vector all = {told_by("alpha-vantage", 2), told_by("csv:/a", 3), told_by("csv:/b", 4),
                           told_by("hand", 5)};
  EXPECT_EQ(believed(all, "alpha-vantage"), "hand");
  EXPECT_EQ(believed(all, "stooq"), "hand");
  EXPECT_EQ(believed(all, "csv:/a"), "csv:/a") << "its own file can be mended";
  EXPECT_EQ(believed(all, "csv:/c"), "hand");
  const std::vector vendors = {told_by("alpha-vantage", 2), told_by("csv:/a", 3)};
  EXPECT_EQ(believed(vendors, "stooq"), "alpha-vantage");
  EXPECT_EQ(believed(vendors, "csv:/b"), "") << "nothing of vendors or of other directories";
}

TEST(ActionStore, KeepsKindsAndDaysApart) {
  std::vector all = {told_by("hand", 2), told_by("alpha-vantage", 2), told_by("hand", 3)};
  all[2].day = Date(2026, 10, 8);
  all.push_back({.symbol = "KO",
                 .day = Date(2026, 10, 7),
                 .kind = ActionKind::rename,
                 .new_symbol = "COKE",
                 .source = "hand"});
  EXPECT_EQ(actions_for(all, "alpha-vantage").size(), 3U);
}

TEST(ActionStore, LeavesOutRowsThatCannotBeRight) {
  const auto row = [](const char* kind, kernel::SqlValue ratio, kernel::SqlValue symbol,
                      kernel::SqlValue price) {
    return kernel::SqlValues{"brk-b",           "2026-10-07",     kind,  std::move(ratio),
                             std::move(symbol), std::move(price), "hand"};
  };
  const kernel::Rows rows{
      {"symbol", "day", "kind", "ratio", "new_symbol", "price", "source"},
      {row("split", "1e99", {}, {}), row("delisted", {}, {}, "1e99"), row("merger", {}, {}, {}),
       row("split", "0.5", {}, {}), row("rename", {}, "new-a", {})}};
  const auto actions = actions_of(rows);
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(actions[0].symbol, "BRK.B");
  EXPECT_EQ(action_text(actions[0]), "split 0.5");
  EXPECT_EQ(action_text(actions[1]), "rename NEW.A");
}

}  // namespace
}  // namespace am::market
