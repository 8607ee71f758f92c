// A desk with a free Alpha Vantage key: the real program and a server that refuses as the vendor does.

#include <mutex>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/kernel/clock.hpp"
#include "am/kernel/new_york.hpp"
#include "support/am_process.hpp"

namespace am::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;
using Answer = LoopbackServer::Answer;
using Request = LoopbackServer::Request;

Answer notice(const std::string& text) {
  Answer answer;
  answer.body = Json{{"Information", text}}.dump();
  return answer;
}

/// What a free key is: one request a second, 25 a day.
class FreeKey {
 public:
  explicit FreeKey(int left_today = 25) : left_(left_today) {}

  Answer operator()(const Request& request) {
    if (request.method == "POST") return vendors(request);
    const std::lock_guard lock(mutex_);
    const bool burst = last_ && request.at - *last_ < std::chrono::seconds(1);
    last_ = request.at;
    if (burst) {
      ++refused;
      return notice("Burst pattern detected. Please spread requests evenly (1 request per second).");
    }
    if (left_ == 0) {
      ++refused;
      return notice(
          "We have detected your API key as PROCESSTEST0123 and our standard API rate limit is 25 "
          "requests per day.");
    }
    --left_;
    return vendors(request);
  }
  int refused = 0;

 private:
  std::mutex mutex_;
  int left_;
  std::optional<std::chrono::steady_clock::time_point> last_;
};

int price_requests(const LoopbackServer& server) {
  int count = 0;
  for (const Request& request : server.requests()) count += request.method == "GET" ? 1 : 0;
  return count;
}

TEST(FreeKeyDesk, MakesItsFirstBatchWithoutARefusedBurst) {
  const TestDb home;
  FreeKey key;
  LoopbackServer server([&](const Request& request) { return key(request); });
  auto env = vendor_env(home, server);
  env.erase("ALPHA_VANTAGE_LIMITS");  // as it comes
  const Finished done = am({"run-weekly", "--now", kDeskNow}, env);
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(key.refused, 0);
  EXPECT_EQ(price_requests(server), 4);
}

TEST(FreeKeyDesk, RestsUntilTheDayIsOverWhenItsBudgetIsSpent) {
  const TestDb home;
  FreeKey key(0);
  LoopbackServer server([&](const Request& request) { return key(request); });
  const auto env = vendor_env(home, server);
  const auto midnight_after = [](Instant now) {
    return format_rfc3339(kernel::new_york_instant(kernel::new_york_date(now) + 1, std::chrono::minutes(1)) -
                          std::chrono::minutes(1));
  };
  const std::string before = midnight_after(kernel::SystemClock().now());
  const Finished first = am({"run-weekly", "--now", kDeskNow, "--max-wait", "0", "-o", "json"}, env);
  const std::string after = midnight_after(kernel::SystemClock().now());
  EXPECT_EQ(first.exit, 75) << first.err;
  const auto not_before = parse_rfc3339(Json::parse(first.out)["not_before"].get<std::string>());
  ASSERT_TRUE(not_before);
  EXPECT_THAT((std::vector<std::string>{before, after}),
              testing::Contains(midnight_after(*not_before - std::chrono::minutes(2))));
  EXPECT_EQ(price_requests(server), 1);
  EXPECT_EQ(am({"run-weekly", "--now", kDeskNow, "--max-wait", "0"}, env).exit, 75);
  EXPECT_EQ(price_requests(server), 1) << "the key is paused for everybody";
  EXPECT_THAT(am({"limits", "show"}, env).out, HasSubstr("the vendor's limit for today is reached"));
}

}  // namespace
}  // namespace am::test
