#include "am/strategy/day_slot.hpp"

#include <gtest/gtest.h>

namespace am::strategy {
namespace {

Instant at(const char* text) { return parse_rfc3339(text).value(); }

std::string slot_text(AssetType type, const char* now, int number = 1) {
  const SlotNow found = slot_at(type, at(now), number);
  return found.slot ? found.slot->to_string() : found.reason;
}

TEST(DaySlot, OfStocksBeginsBeforeTheOpeningAndEndsAfterTheClose) {
  constexpr auto kStock = AssetType::stock;
  EXPECT_EQ(slot_text(kStock, "2026-01-26T09:19:59-05:00"), "it begins at 09:20 EST");
  EXPECT_EQ(slot_text(kStock, "2026-01-26T09:20:00-05:00"), "stock/2026-01-26");
  EXPECT_EQ(slot_text(kStock, "2026-01-26T16:04:59-05:00"), "stock/2026-01-26");
  EXPECT_EQ(slot_text(kStock, "2026-01-26T16:05:00-05:00"), "over since 16:05 EST");
  EXPECT_EQ(slot_text(kStock, "2026-01-26T12:00:00-05:00", 2), "stock/2026-01-26#2");
}

TEST(DaySlot, KnowsHolidaysHalfDaysAndClockChanges) {
  constexpr auto kStock = AssetType::stock;
  EXPECT_EQ(slot_text(kStock, "2026-04-03T12:00:00-04:00"), "closed: Good Friday");
  EXPECT_EQ(slot_text(kStock, "2026-01-25T12:00:00-05:00"), "closed: weekend");
  EXPECT_EQ(slot_text(kStock, "2026-11-27T13:04:59-05:00"), "stock/2026-11-27");
  EXPECT_EQ(slot_text(kStock, "2026-11-27T13:05:00-05:00"), "over since 13:05 EST");
  // The clocks change on 8 March: the Friday before opens at 14:30 in UTC, the Monday after at 13:30.
  EXPECT_EQ(window_of(kStock, Date(2026, 3, 6))->from, at("2026-03-06T14:20:00Z"));
  EXPECT_EQ(window_of(kStock, Date(2026, 3, 9))->from, at("2026-03-09T13:20:00Z"));
  EXPECT_EQ(slot_text(kStock, "2026-03-09T13:20:00Z"), "stock/2026-03-09");
  EXPECT_EQ(slot_text(kStock, "2101-03-09T13:20:00Z"), "no day of the calendar");
}

TEST(DaySlot, OfCryptoIsTheDayInUtc) {
  EXPECT_EQ(slot_text(AssetType::crypto, "2026-01-25T23:59:59.999999Z"), "crypto/2026-01-25");
  EXPECT_EQ(slot_text(AssetType::crypto, "2026-01-26T00:00:00Z"), "crypto/2026-01-26");
  EXPECT_EQ(slot_at(AssetType::crypto, at("2026-01-26T00:00:00Z")).window,
            (TimeSpan{at("2026-01-26T00:00:00Z"), at("2026-01-27T00:00:00Z")}));
}

TEST(DaySlot, IsReadBack) {
  for (const DaySlot& slot :
       {DaySlot{AssetType::stock, Date(2026, 1, 26)}, DaySlot{AssetType::crypto, Date(2026, 1, 26), 2}})
    EXPECT_EQ(DaySlot::parse(slot.to_string()), slot);
  for (const char* text :
       {"", "stock", "stock/", "bond/2026-01-26", "stock/2026-02-30", "stock/2026-01-26#1",
        "stock/2026-01-26#02", "stock/2026-01-26#2#3", "stock/2026-01-26#100", "stock/2026-01-26/1"})
    EXPECT_FALSE(DaySlot::parse(text)) << text;
}

TEST(DaySlot, MarketIsOpenFromOpeningToClose) {
  EXPECT_FALSE(is_market_open(AssetType::stock, at("2026-01-26T09:29:59-05:00")));
  EXPECT_TRUE(is_market_open(AssetType::stock, at("2026-01-26T09:30:00-05:00")));
  EXPECT_TRUE(is_market_open(AssetType::stock, at("2026-01-26T15:59:59-05:00")));
  EXPECT_FALSE(is_market_open(AssetType::stock, at("2026-01-26T16:00:00-05:00")));
  EXPECT_FALSE(is_market_open(AssetType::stock, at("2026-11-27T13:00:00-05:00")));
  EXPECT_TRUE(is_market_open(AssetType::crypto, at("2026-01-25T03:00:00Z")));
}

TEST(DaySlot, CountsBarsWithinMarketHours) {
  const auto bars = [](AssetType type, const char* from, const char* to, int most = 1000) {
    return bars_between(type, micros_of(at(from)), micros_of(at(to)), *timeframe_length("1m"), most);
  };
  EXPECT_EQ(bars(AssetType::crypto, "2026-01-26T00:00:00Z", "2026-01-26T00:03:00Z"), 3);
  EXPECT_EQ(bars(AssetType::crypto, "2026-01-26T00:03:00Z", "2026-01-26T00:00:00Z"), 0);
  EXPECT_EQ(bars(AssetType::stock, "2026-01-26T10:00:00-05:00", "2026-01-26T10:05:00-05:00"), 5);
  // Over a weekend: Friday's last minute and Monday's first two.
  EXPECT_EQ(bars(AssetType::stock, "2026-01-23T15:59:00-05:00", "2026-01-26T09:32:00-05:00"), 3);
  EXPECT_EQ(bars(AssetType::stock, "2026-11-27T12:58:00-05:00", "2026-11-30T09:30:00-05:00"), 2)
      << "half day";
  EXPECT_EQ(bars(AssetType::stock, "2020-01-02T12:58:00-05:00", "2026-11-30T09:30:00-05:00", 500), 500);
  EXPECT_EQ(bars(AssetType::stock, "1970-01-01T00:00:00Z", "1970-01-03T00:00:00Z"), 0);
}

}  // namespace
}  // namespace am::strategy
