#include "am/base/text.hpp"

#include <climits>

#include <gtest/gtest.h>

namespace am {
namespace {

using Strings = std::vector<std::string>;

TEST(Text, TrimsAsciiSpaceOnly) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\u00a0a"), "\u00a0a");
}

TEST(Text, ChangesCaseOfAsciiOnly) {
  EXPECT_EQ(to_lower("ÀBcZ9"), "Àbcz9");
  EXPECT_EQ(to_upper("àbCz9"), "àBCZ9");
}

TEST(Text, SplitKeepsEmptyPartsAndJoinUndoesIt) {
  EXPECT_EQ(split("a,,b,", ','), (Strings{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Strings{""});
  EXPECT_EQ(join(split("a,,b,", ','), ","), "a,,b,");
  EXPECT_EQ(join(Strings{}, ", "), "");
  EXPECT_EQ(join(Strings{"a", "b"}, ", "), "a, b");
}

TEST(Utf8, AcceptsWellFormedText) {
  for (const char* text : {"", "plain ascii, longer than eight", "é", "€", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF",
                           "\xF4\x8F\xBF\xBF", "12345678é"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesOverlongSurrogateTruncatedAndStrayBytes) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xFF",
                           "12345678\xC3", "\xC3(", "\xE2\x82("}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(Ellipsize, CutsAtACharacter) {
  EXPECT_EQ(ellipsize("abc", 3), "abc");
  EXPECT_EQ(ellipsize("abcd", 3), "abc…");
  EXPECT_EQ(ellipsize("a€b", 3), "a…");
  EXPECT_EQ(ellipsize("a€b", 4), "a€…");
  EXPECT_EQ(ellipsize("€", 0), "…");
  EXPECT_EQ(ellipsize("", 0), "");
}

TEST(NearestName, FindsTheMistypedWord) {
  const Strings names{"checkpoint", "backfill", "report", "run-weekly"};
  EXPECT_EQ(nearest_name("chekpoint", names), "checkpoint");
  EXPECT_EQ(nearest_name("reprot", names), "report");
  EXPECT_EQ(nearest_name("run-weekyl", names), "run-weekly");
  EXPECT_EQ(nearest_name("report", names), "report");
}

TEST(NearestName, CountsASwapAsOneStep) { EXPECT_EQ(nearest_name("ba", Strings{"ab"}), "ab"); }

TEST(NearestName, IsEmptyWhenNothingIsNear) {
  const Strings names{"checkpoint", "report"};
  EXPECT_EQ(nearest_name("migrate", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("xyport", names), "report") << "distance 2 of 6 letters is a third";
  EXPECT_EQ(nearest_name("xyzort", names), "");
  EXPECT_EQ(nearest_name("ab", Strings{"cd"}), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), names), "");
}

TEST(ParseInteger, TakesWholeDecimalNumbersInRange) {
  EXPECT_EQ(parse_integer("0", 0, 10), 0);
  EXPECT_EQ(parse_integer("12", 1, 14), 12);
  EXPECT_EQ(parse_integer("-3", -5, 5), -3);
  EXPECT_EQ(parse_integer(std::to_string(LLONG_MIN), LLONG_MIN, LLONG_MAX), LLONG_MIN);
  EXPECT_EQ(parse_integer(std::to_string(LLONG_MAX), LLONG_MIN, LLONG_MAX), LLONG_MAX);
}

TEST(ParseInteger, RefusesEverythingElse) {
  for (const char* text : {"", "-", "012", "00", "-0", "-01", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "a",
                           "9223372036854775808", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_integer(text, LLONG_MIN, LLONG_MAX)) << text;
  }
  EXPECT_FALSE(parse_integer("15", 1, 14));
  EXPECT_FALSE(parse_integer("0", 1, 14));
}

TEST(ParseDuration, TakesANumberWithAUnit) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("15min"), 15min);
  EXPECT_EQ(parse_duration("4h"), 4h);
  EXPECT_EQ(parse_duration("1day"), 24h);
  EXPECT_EQ(parse_duration("2days"), 48h);
  EXPECT_EQ(parse_duration("3653days"), 24h * 3653);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text :
       {"", "s", "4", "0s", "04h", "-4h", "+4h", "4 h", " 4h", "4h ", "1.5h", "4H", "4m", "1h30min", "4hh",
        "3654days", "9223372036854775807days", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace am
