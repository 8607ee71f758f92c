#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "am/strategy/bars.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::kMinute;
using test::kOpen;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kHeader = "timestamp,open,high,low,close,volume\n";

std::string fault(const std::string& text) {
  const Error error = test::error_of([&] { (void)parse_bars_csv(text, "bars.csv"); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  return error.message();
}

TEST(BarsCsv, ReadsMomentsInAnyOrderOfColumns) {
  const auto bars = parse_bars_csv(
      "\xEF\xBB\xBFVolume, Close,LOW,High,\"Open\",Timestamp,note\r\n"
      "100,10.5,10,11,10.25,2026-01-26T14:30:00Z,x\r\n\r\n"
      "\"7.5\",11,10.5,11,10.5,2026-01-26T09:31:00-05:00,\n",
      "bars.csv");
  ASSERT_THAT(bars, SizeIs(2));
  EXPECT_EQ(bars[0],
            (Bar{.start = kOpen, .open = 10.25, .high = 11, .low = 10, .close = 10.5, .volume = 100}));
  EXPECT_EQ(bars[1].start, kOpen + kMinute);
  EXPECT_EQ(bars[1].volume, 7.5);
}

TEST(BarsCsv, DaysBeginAtMidnightUtc) {
  const auto bars = parse_bars_csv(
      "Date,Open,High,Low,Close,Volume,OpenInterest\n2006-01-02,3578.73,3605.95,3578.73,3604.33,0,0\n",
      "days.txt");
  ASSERT_THAT(bars, SizeIs(1));
  EXPECT_EQ(bars[0].start, 1'136'160'000'000'000);
  EXPECT_EQ(bars[0].close, 3604.33);
}

TEST(BarsCsv, NumbersAreTheNearestDoubles) {
  const auto bars =
      parse_bars_csv(std::string(kHeader) + "2026-01-26T14:30:00Z,0.1,1e3,1e-7,123.45678901234567,3\n", "b");
  EXPECT_EQ(bars[0].open, 0.1);
  EXPECT_EQ(bars[0].high, 1000);
  EXPECT_EQ(bars[0].low, 1e-7);
  EXPECT_EQ(bars[0].close, 123.45678901234567);
}

TEST(BarsCsv, NamesTheFaultByItsLine) {
  const std::string header = kHeader;
  EXPECT_THAT(fault(""), HasSubstr("bars.csv:0: it is empty"));
  EXPECT_EQ(fault("timestamp,open,high,low,close\n"), "bars.csv:1: no column volume");
  EXPECT_EQ(fault("open,high,low,close,volume\n"), "bars.csv:1: no column date or timestamp");
  EXPECT_THAT(fault("date,timestamp,open,high,low,close,volume\n"), HasSubstr("expected one of them"));
  EXPECT_EQ(fault("date,open,open,high,low,close,volume\n"), "bars.csv:1: column open is there twice");
  const std::string good = "2026-01-26T14:30:00Z,1,2,1,2,3\n";
  EXPECT_THAT(fault(header + good + "2026-01-26T14:31:00,1,2,1,2,3\n"),
              HasSubstr("bars.csv:3: timestamp '2026-01-26T14:31:00': no moment"));
  EXPECT_THAT(fault(header + "2026-01-26T24:30:00Z,1,2,1,2,3\n"), HasSubstr("no moment"));
  EXPECT_THAT(fault(header + good + good), HasSubstr("bars.csv:3: out of order"));
  EXPECT_EQ(fault(header + "2026-01-26T14:30:00Z,1,2,1,2\n"),
            "bars.csv:2: too few fields (expected 6, got 5)");
  EXPECT_EQ(fault(header + "2026-01-26T14:30:00Z,1,2,1,2,3,4\n"), "bars.csv:2: too many fields (expected 6)");
  EXPECT_EQ(fault(header + "2026-01-26T14:30:00Z,x,2,1,2,3\n"), "bars.csv:2: open 'x': no number");
  for (const char* number : {"", "inf", "nan", "+1", "0x1", "1.2.3", "1e999", "--1", "."})
    EXPECT_THAT(fault(header + "2026-01-26T14:30:00Z," + number + ",2,1,2,3\n"), HasSubstr("no number"))
        << number;
  for (const char* row :
       {"0,2,0,2,3", "1,2,1.5,2,3", "1,0.5,0.5,2,3", "1,2,1,2,-1", "-1,2,-2,2,3", "1,1e12,1,2,3"})
    EXPECT_THAT(fault(header + "2026-01-26T14:30:00Z," + row + "\n"), HasSubstr("impossible")) << row;
  EXPECT_THAT(fault("Date,open,high,low,close,volume\n2026-02-30,1,2,1,2,3\n"),
              HasSubstr("date '2026-02-30': no day"));
}

}  // namespace
}  // namespace am::strategy
