#include "support/crash_sweep.hpp"

#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace am::test {
namespace {

TEST(Rotation, TakesEachOfItsKindTheFirstAndTheLast) {
  EXPECT_EQ(Rotation::parse("3/8").of(20), (std::vector<int>{1, 3, 11, 19, 20}));
  EXPECT_EQ(Rotation::parse("0/8").of(8), (std::vector<int>{1, 8}));
  EXPECT_EQ(Rotation::parse("0/8").of(1), (std::vector<int>{1}));
  EXPECT_EQ(Rotation::parse("all").of(3), (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(Rotation::parse("all").of(0).empty());
}

TEST(Rotation, AllOfThemTogetherTakeEveryPoint) {
  std::set<int> taken;
  for (int rest = 0; rest < 8; ++rest) {
    for (const int n : Rotation{rest, 8}.of(100)) taken.insert(n);
  }
  EXPECT_EQ(taken.size(), 100U);
}

TEST(Rotation, IsRepeatedByItsName) {
  for (const char* name : {"all", "0/8", "7/8", "23/24"}) EXPECT_EQ(Rotation::parse(name).to_string(), name);
}

TEST(Rotation, RefusesWhatIsNone) {
  for (const char* text : {"", "8/8", "3", "3/", "/8", "-1/8", "3/0", "3/8x", "ALL", "3/8/9"})
    EXPECT_THROW(Rotation::parse(text), std::runtime_error) << text;
}

TEST(Rotation, OfTheTreeIsOneOfAFew) {
  const Rotation rotation = Rotation::current();
  EXPECT_GE(rotation.rest, 0);
  EXPECT_LT(rotation.rest, rotation.every);
}

}  // namespace
}  // namespace am::test
