// A desk with a free Alpha Vantage key, and one whose model picks a ticker that nobody knows: the real program and a
// server that refuses as the vendor does.

#include <mutex>
#include <optional>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/kernel/clock.hpp"
#include "am/kernel/new_york.hpp"
#include "am/picks/schedule.hpp"
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

/// The vendor of a market in which XOM is not known, as of today.
Answer market_without_xom(const Request& request) {
  if (request.target.find("symbol=XOM&") != std::string::npos) {
    Answer answer;
    answer.body =
        Json{{"Error Message", "Invalid API call. Please retry or visit the documentation."}}.dump();
    return answer;
  }
  Answer answer = vendors(request);
  if (request.method == "GET") {
    Json body = Json::parse(answer.body);
    const Date baseline = picks::baseline_session(picks::current_run_date(kernel::SystemClock().now()));
    body["Time Series (Daily)"] = {{baseline.to_string(), {{"4. close", "101.5"}}}};
    answer.body = body.dump();
  }
  return answer;
}

TEST(UnknownTicker, IsToldByMailAndItsHintIsTheWayOut) {
  const TestDb home;
  bool other_picks = false;
  std::string mail;
  std::mutex mutex;
  LoopbackServer server([&](const Request& request) {
    const std::lock_guard lock(mutex);
    if (request.target == "/emails") {
      mail = Json::parse(request.body)["text"];
      return Answer{};
    }
    Answer answer = market_without_xom(request);
    if (other_picks && request.method == "POST") answer.body.replace(answer.body.find("XOM"), 3, "IBM");
    return answer;
  });
  auto env = vendor_env(home, server);
  env["RESEND_API_KEY"] = "re_test_key_0123";
  env["RESEND_BASE_URL"] = server.url();
  env["ALERT_EMAIL_TO"] = "desk@example.org";
  env["ALERT_EMAIL_FROM"] = "am@example.org";

  const Finished lost = am({"run-weekly"}, env);
  EXPECT_EQ(lost.exit, 65) << lost.err;
  EXPECT_THAT(mail, HasSubstr("XOM: the vendor refused the request, which mostly means an unknown symbol"));
  std::smatch hint;
  ASSERT_TRUE(std::regex_search(mail, hint, std::regex("am (runs abandon --discard \\S+ --yes)"))) << mail;

  std::vector<std::string> words;
  std::istringstream line(hint[1].str());
  for (std::string word; line >> word;) words.push_back(word);
  const Finished forgotten = am(words, env);
  EXPECT_EQ(forgotten.exit, 0) << forgotten.err;
  other_picks = true;
  const Finished made = am({"run-weekly"}, env);
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("IBM"));
}

}  // namespace
}  // namespace am::test
