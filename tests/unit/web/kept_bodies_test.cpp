#include "web/kept_bodies.hpp"

#include <gtest/gtest.h>

namespace am::web {
namespace {

using namespace std::chrono_literals;

class KeptBodiesTest : public testing::Test {
 protected:
  /// What a request for /things gets at that moment: "body", "body read", "wait" or "wait read".
  std::string ask(std::chrono::milliseconds at, const std::string& limit = "20") {
    given_ = kept_.ask({&route_, {{"limit", limit}}}, {{}, kernel::Responder(nullptr)}, start_ + at);
    if (given_.to_read) reading_ = given_.to_read;
    return (given_.waiter ? text_of(*given_.body) : std::string("wait")) + (given_.to_read ? " read" : "");
  }
  /// How many waited, and for what.
  std::string finish(std::chrono::milliseconds began, std::chrono::milliseconds at, Rendered rendered) {
    finished_ = kept_.finish(*reading_, std::move(rendered), start_ + began, start_ + at);
    return std::to_string(finished_.waiters.size()) + " " + text_of(*finished_.body) +
           (finished_.age ? " old" : "");
  }
  static Rendered good(const std::string& text) {
    return {std::make_shared<const Body>(Document{200, kJsonType, text}, true, HeaderPolicy{}), false};
  }
  static Rendered bad(int status, bool away) {
    return {std::make_shared<const Body>(Document{status, kJsonType, "failed"}, false, HeaderPolicy{}), away};
  }
  static std::string text_of(const Body& body) { return *body.reply({}).body; }

  Route route_{
      .path = "/things", .name = "things", .summary = "", .params = {}, .schema = {}, .statuses = {}};
  KeptBodies kept_{1000ms, 60000ms};
  KeptBodies::Time start_ = KeptBodies::Time{} + 1h;
  KeptBodies::Given given_;
  KeptBodies::Finished finished_;
  std::shared_ptr<KeptBodies::Entry> reading_;
};

TEST_F(KeptBodiesTest, ManyWaitForOneRead) {
  EXPECT_EQ(ask(0ms), "wait read");
  EXPECT_EQ(ask(1ms), "wait");
  EXPECT_EQ(ask(2ms), "wait");
  EXPECT_EQ(finish(0ms, 10ms, good("a")), "3 a");
  EXPECT_EQ(ask(20ms), "a");
}

TEST_F(KeptBodiesTest, IsReadAgainWhenHalfOfItsTimeIsOverAndServedMeanwhile) {
  ask(0ms);
  finish(0ms, 10ms, good("a"));
  EXPECT_EQ(ask(499ms), "a");
  EXPECT_EQ(ask(500ms), "a read");
  EXPECT_EQ(ask(1000ms), "a");
  EXPECT_EQ(ask(1001ms), "wait") << "too old";
  EXPECT_EQ(finish(500ms, 1010ms, {}), "1 a") << "unchanged";
  EXPECT_EQ(ask(1020ms), "a read") << "its age counts from when the read began";
}

TEST_F(KeptBodiesTest, StandsInWhileTheDatabaseIsAway) {
  ask(0ms);
  finish(0ms, 10ms, good("a"));
  EXPECT_EQ(ask(2000ms), "wait read");
  EXPECT_EQ(finish(2000ms, 2100ms, bad(503, true)), "1 a old");
  EXPECT_EQ(ask(2200ms), "a") << "the others take what is at hand";
  EXPECT_EQ(ask(2600ms), "wait read") << "one asks";
  EXPECT_EQ(ask(2601ms), "a");
  EXPECT_EQ(finish(2600ms, 60001ms, bad(503, true)), "1 failed") << "for a minute at most";
  EXPECT_EQ(ask(60002ms), "wait read") << "nobody waits for a read that nobody began";
}

TEST_F(KeptBodiesTest, WhatIsWrongIsForgotten) {
  ask(0ms);
  finish(0ms, 10ms, good("a"));
  ask(600ms);
  EXPECT_EQ(finish(600ms, 610ms, bad(404, false)), "0 failed");
  EXPECT_EQ(ask(620ms), "wait read");
}

TEST_F(KeptBodiesTest, WhatIsNeverKeptIsSharedByThoseThatWait) {
  route_.keep = Keep::never;
  EXPECT_EQ(ask(0ms), "wait read");
  EXPECT_EQ(ask(1ms), "wait");
  EXPECT_EQ(finish(0ms, 10ms, good("a")), "2 a");
  EXPECT_EQ(ask(11ms), "wait read");
}

TEST_F(KeptBodiesTest, TheOneUsedLongestAgoMakesRoom) {
  for (int i = 0; i < 600; ++i) {
    ask(std::chrono::milliseconds(i), std::to_string(i));
    finish(std::chrono::milliseconds(i), std::chrono::milliseconds(i), good("a"));
    ask(std::chrono::milliseconds(i), "0");
    if (i == 0) continue;
    EXPECT_EQ(given_.waiter.has_value(), true) << "the first is used all the time";
    if (given_.to_read) finish(std::chrono::milliseconds(i), std::chrono::milliseconds(i), {});
  }
  EXPECT_EQ(ask(600ms, "1"), "wait read");
  EXPECT_EQ(ask(600ms, "599"), "a");
}

}  // namespace
}  // namespace am::web
