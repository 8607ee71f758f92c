#include "am/kernel/trace.hpp"

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

const std::string kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, GoesOnWithASpanOfItsOwn) {
  const auto trace = parse_trace(kParent, "a=1,b=2");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->state, "a=1,b=2");
  EXPECT_NE(trace->span_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace->parent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-" + trace->span_id + "-01");
  EXPECT_TRUE(parse_trace(trace->parent(), "")) << "what we send is valid";
}

TEST(Trace, ALaterVersionIsReadAsFarAsItIsKnown) {
  EXPECT_TRUE(parse_trace("cc" + kParent.substr(2), ""));
  EXPECT_TRUE(parse_trace("cc" + kParent.substr(2) + "-what-the-future-brings", ""));
  EXPECT_FALSE(parse_trace("cc" + kParent.substr(2) + "x", ""));
}

TEST(Trace, AnythingElseIsNone) {
  for (const std::string& bad : {std::string(), std::string("00"), kParent + "-x", "ff" + kParent.substr(2),
                                 std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
                                 std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
                                 std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
                                 std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g"),
                                 std::string("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")})
    EXPECT_FALSE(parse_trace(bad, "")) << bad;
}

TEST(Trace, AStateThatCannotBeSentIsDropped) {
  EXPECT_EQ(parse_trace(kParent, "a=1\r\nX-Evil: 1")->state, "");
  EXPECT_EQ(parse_trace(kParent, std::string(513, 'a'))->state, "");
}

}  // namespace
}  // namespace am::kernel
