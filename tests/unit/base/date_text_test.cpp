#include "am/base/date_text.hpp"

#include <gtest/gtest.h>

namespace am {
namespace {

TEST(DateText, ReadsAsPeopleSayIt) {
  EXPECT_EQ(long_date(Date(2026, 1, 26)), "Monday, 26 January 2026");
  EXPECT_EQ(weekday_date(Date(2026, 12, 6)), "Sun 6 Dec");
  EXPECT_EQ(day_month(Date(2026, 5, 1)), "1 May");
  EXPECT_EQ(weekday_name(Date(2026, 12, 5)), "Sat");
}

}  // namespace
}  // namespace am
