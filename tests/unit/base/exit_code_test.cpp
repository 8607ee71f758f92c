#include "am/base/exit_code.hpp"

#include <array>

#include <gtest/gtest.h>

namespace am {
namespace {

TEST(ExitCodes, TableIsAscendingAndComplete) {
  constexpr std::array kFrozen{0, 1, 10, 11, 12, 13, 64, 65, 66, 69, 70, 75, 77, 78, 130, 143};
  ASSERT_EQ(exit_codes().size(), kFrozen.size());
  for (std::size_t i = 0; i < kFrozen.size(); ++i) {
    const ExitCodeInfo& info = exit_codes()[i];
    EXPECT_EQ(static_cast<int>(info.code), kFrozen.at(i));
    EXPECT_EQ(exit_code_name(info.code), info.name);
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_FALSE(info.scheduler.empty()) << info.name;
  }
}

TEST(ExitCodes, NamesAreThoseOfTheContract) {
  EXPECT_EQ(exit_code_name(ExitCode::no_input), "no_input");
  EXPECT_EQ(exit_code_name(ExitCode::needs_human), "needs_human");
  EXPECT_EQ(exit_code_name(ExitCode::terminated), "terminated");
  EXPECT_EQ(exit_code_name(static_cast<ExitCode>(42)), "unknown");
}

TEST(Worse, FollowsTheOrderOfTheContract) {
  constexpr std::array kWorstFirst{ExitCode::failure,  ExitCode::needs_human, ExitCode::config,
                                   ExitCode::denied,   ExitCode::data,        ExitCode::usage,
                                   ExitCode::no_input, ExitCode::unavailable, ExitCode::partial,
                                   ExitCode::deferred, ExitCode::busy,        ExitCode::ok};
  for (std::size_t i = 0; i < kWorstFirst.size(); ++i) {
    for (std::size_t j = i; j < kWorstFirst.size(); ++j) {
      EXPECT_EQ(worse(kWorstFirst.at(i), kWorstFirst.at(j)), kWorstFirst.at(i));
      EXPECT_EQ(worse(kWorstFirst.at(j), kWorstFirst.at(i)), kWorstFirst.at(i));
    }
  }
}

TEST(Worse, ARunThatWasEndedBeatsTheOrder) {
  EXPECT_EQ(worse(ExitCode::failure, ExitCode::terminated), ExitCode::terminated);
  EXPECT_EQ(worse(ExitCode::interrupted, ExitCode::config), ExitCode::interrupted) << "the first one stays";
}

}  // namespace
}  // namespace am
