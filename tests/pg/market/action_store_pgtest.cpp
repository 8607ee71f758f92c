// Splits, renames and ends of listing in the database: noted once, contradicted on purpose only, by several at once too.

#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "am/market/action_store.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::market {
namespace {

CorporateAction split(int ratio, const char* source = "hand") {
  return {.symbol = "KO", .day = Date(2026, 10, 7), .ratio = Decimal(ratio), .source = source};
}

class Actions : public testing::Test {
 protected:
  std::string all() {
    std::string text;
    for (const CorporateAction& action : actions_of(db_->query(actions_statement().sql)))
      text += action.symbol + " " + action.day.to_string() + " " + action_text(action) + " " + action.source +
              "\n";
    return text;
  }
  void expect_refused(const std::string& values, const std::string& constraint) {
    const Error error = test::error_of([&] {
      db_->query(
          "INSERT INTO market.corporate_actions (symbol, day, kind, ratio, new_symbol, price, source, noted_at) VALUES ('KO', '2026-10-07', " +
          values + ", 's', now())");
    });
    EXPECT_NE(error.message().find(constraint), std::string::npos) << values << ": " << error.message();
  }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
};

TEST_F(Actions, AreNotedOnceAndReplacedOnPurposeOnly) {
  EXPECT_EQ(note_action(*db_, split(10), false), Noted::added);
  EXPECT_EQ(note_action(*db_, split(10), false), Noted::unchanged);
  EXPECT_EQ(note_action(*db_, split(10), true), Noted::unchanged);
  EXPECT_EQ(note_action(*db_, split(5), false), Noted::refused);
  EXPECT_EQ(note_action(*db_, split(7, "alpha-vantage"), false), Noted::added) << "another one's word";
  EXPECT_EQ(all(), "KO 2026-10-07 split 7 alpha-vantage\nKO 2026-10-07 split 10 hand\n");
  EXPECT_EQ(note_action(*db_, split(5), true), Noted::changed);
  EXPECT_EQ(note_action(*db_,
                        {.symbol = "KO",
                         .day = Date(2026, 10, 7),
                         .kind = ActionKind::delisted,
                         .price = Decimal::of("54.20"),
                         .source = "hand"},
                        false),
            Noted::added);
  EXPECT_EQ(read_actions(*db_, "stooq").size(), 2U);
  EXPECT_EQ(remove_actions(*db_, "ko", Date(2026, 10, 7)).size(), 3U);
  EXPECT_EQ(remove_actions(*db_, "ko", Date(2026, 10, 7)).size(), 0U);
  EXPECT_EQ(all(), "");
}

TEST_F(Actions, OfTwoThatSayOtherThingsOneIsRefused) {
  const auto other = home_.open();
  std::unique_ptr<kernel::Transaction> first = db_->begin();
  EXPECT_EQ(note_action(*first, split(10), false), Noted::added);
  Noted second = Noted::added;
  {
    const std::jthread thread([&] { second = note_action(*other, split(5), false); });
    first->commit();
    first.reset();
  }
  EXPECT_EQ(second, Noted::refused);
  EXPECT_EQ(all(), "KO 2026-10-07 split 10 hand\n");
}

TEST_F(Actions, WasAskedIsRememberedBySymbolAndDay) {
  EXPECT_FALSE(was_asked(*db_, "alpha-vantage", "BRK-B", Date(2026, 10, 7)));
  note_asked(*db_, "alpha-vantage", "BRK-B", Date(2026, 10, 7));
  note_asked(*db_, "alpha-vantage", "BRK.B", Date(2026, 10, 7));
  EXPECT_TRUE(was_asked(*db_, "alpha-vantage", "BRK.B", Date(2026, 10, 7)));
  EXPECT_FALSE(was_asked(*db_, "alpha-vantage", "BRK.B", Date(2026, 10, 8)));
  EXPECT_FALSE(was_asked(*db_, "other", "BRK.B", Date(2026, 10, 7)));
}

TEST_F(Actions, TheTableRefusesWhatCannotBe) {
  expect_refused("'split', 0, NULL, NULL", "corporate_actions_ratio_check");
  expect_refused("'split', 'Infinity', NULL, NULL", "corporate_actions_ratio_check");
  expect_refused("'split', 'NaN', NULL, NULL", "corporate_actions_ratio_check");
  expect_refused("'split', NULL, NULL, NULL", "corporate_actions_ratio_check");
  expect_refused("'rename', NULL, NULL, NULL", "corporate_actions_new_symbol_check");
  expect_refused("'rename', NULL, 'KO', NULL", "corporate_actions_new_symbol_check");
  expect_refused("'rename', 2, 'PEP', NULL", "corporate_actions_ratio_check");
  expect_refused("'delisted', NULL, NULL, 0", "corporate_actions_price_check");
  expect_refused("'delisted', NULL, NULL, NULL", "corporate_actions_price_check");
  expect_refused("'merger', NULL, NULL, NULL", "corporate_actions_kind_check");
}

}  // namespace
}  // namespace am::market
