#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "am/base/date.hpp"
#include "am/feed/nivoda.hpp"
#include "feed/nivoda_token_life.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using test::error_of;

const Instant kNow = *parse_rfc3339("2026-11-27T04:00:00Z");

TEST(GoodUntil, IsSixHoursOrAsLongAsItLivesLessFiveMinutes) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EXPECT_EQ(good_until(kNow, 21600), kNow + hours(6) - minutes(5));
  EXPECT_EQ(good_until(kNow, 86400), kNow + hours(6) - minutes(5));
  EXPECT_EQ(good_until(kNow, std::nullopt), kNow + hours(6) - minutes(5));
  EXPECT_EQ(good_until(kNow, 3600), kNow + minutes(55));
  // A moment since 1970.
  const double moment = static_cast<double>((kNow + hours(1)).time_since_epoch().count()) / 1e6;
  EXPECT_EQ(good_until(kNow, moment), kNow + minutes(55));
  // One that lives shorter than the margin is still used, for half its life.
  EXPECT_EQ(good_until(kNow, 60), kNow + seconds(30));
  EXPECT_EQ(good_until(kNow, 0), kNow);
  EXPECT_EQ(good_until(kNow, -5), kNow);
}

/// Tokens of one account for some workers, and a supplier that counts logins.
class Tokens : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) return;
    char name[] = "/tmp/am-token-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    if (directory_) std::system(("rm -rf " + *directory_).c_str());
  }

  std::unique_ptr<NivodaTokens> worker(const std::string& password = "right horse") {
    options_.password = password;
    return std::make_unique<NivodaTokens>(options_, directory_, log_, stop_, [this] { return now_; });
  }
  NivodaTokens::Held get(NivodaTokens& tokens, const std::string& stale = {}) {
    return tokens.get(stale, [this] {
      ++logins_;
      if (refusing_) throw Error(ErrorKind::denied, "no");
      return NivodaTokens::Granted{"token-" + std::to_string(logins_), 3600.0};
    });
  }

  NivodaOptions options_{"http://supplier.test/api", "somebody", "right horse"};
  std::optional<std::string> directory_;
  std::ostringstream out_;
  kernel::Log log_{out_, {}};
  kernel::Stop stop_;
  Instant now_ = kNow;
  int logins_ = 0;
  bool refusing_ = false;
};
INSTANTIATE_TEST_SUITE_P(Nivoda, Tokens, testing::Bool(),
                         [](const auto& about) { return about.param ? "OfAFile" : "InMemory"; });

TEST_P(Tokens, OneIsUsedUntilItEnds) {
  const auto tokens = worker();
  EXPECT_TRUE(get(*tokens).is_fresh);
  now_ += std::chrono::minutes(54);
  EXPECT_EQ(get(*tokens).token, "token-1");
  EXPECT_FALSE(get(*tokens).is_fresh);
  now_ += std::chrono::minutes(1);
  EXPECT_EQ(get(*tokens).token, "token-2");
  EXPECT_EQ(logins_, 2);
}

TEST_P(Tokens, OneThatIsNotTakenAnyMoreIsReplacedOnce) {
  const auto tokens = worker();
  const std::string stale = get(*tokens).token;
  EXPECT_TRUE(get(*tokens, stale).is_fresh);
  EXPECT_FALSE(get(*tokens, stale).is_fresh);  // another worker, whose request was refused with the same one
  EXPECT_EQ(logins_, 2);
}

TEST_P(Tokens, ARefusedLoginIsKeptForFiveMinutes) {
  const auto tokens = worker();
  refusing_ = true;
  EXPECT_EQ(error_of([&] { get(*tokens); }).message(), "no");
  now_ += std::chrono::seconds(299);
  const Error kept = error_of([&] { get(*tokens); });
  EXPECT_EQ(kept.kind(), ErrorKind::denied);
  EXPECT_EQ(
      kept.message(),
      "nivoda: the login was refused at 2026-11-27T04:00:00Z, and is not tried again before 2026-11-27T04:05:00Z");
  EXPECT_EQ(logins_, 1);
  now_ += std::chrono::seconds(1);
  refusing_ = false;
  EXPECT_EQ(get(*tokens).token, "token-2");
}

TEST_P(Tokens, AFreshTokenThatIsNotTakenIsARefusedLogin) {
  const auto tokens = worker();
  get(*tokens);
  tokens->refused();
  EXPECT_EQ(error_of([&] { get(*tokens); }).kind(), ErrorKind::denied);
  EXPECT_EQ(logins_, 1);
}

TEST_P(Tokens, WhatFailsOtherwiseIsNotKept) {
  const auto tokens = worker();
  const Error error = error_of([&] {
    tokens->get({}, []() -> NivodaTokens::Granted { throw Error(ErrorKind::unavailable, "away"); });
  });
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(get(*tokens).is_fresh);
}

TEST_P(Tokens, ThreadsThatComeTogetherLogInOnce) {
  const auto tokens = worker();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { get(*tokens); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(logins_, 1);
}

TEST(NivodaTokenFile, IsForTheWorkersOfTheHostAndForThisUserAlone) {
  char name[] = "/tmp/am-token-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::string directory = name;
  std::ostringstream out;
  kernel::Log log(out, {});
  const kernel::Stop stop;
  const auto now = [] { return kNow; };
  int logins = 0;
  const auto login = [&]() -> NivodaTokens::Granted {
    ++logins;
    throw Error(ErrorKind::denied, "no");
  };
  const NivodaOptions account{"http://supplier.test/api", "somebody", "wrong horse"};
  NivodaTokens first(account, directory, log, stop, now);
  NivodaTokens second(account, directory, log, stop, now);
  EXPECT_EQ(error_of([&] { first.get({}, login); }).kind(), ErrorKind::denied);
  EXPECT_EQ(error_of([&] { second.get({}, login); }).kind(), ErrorKind::denied);
  EXPECT_EQ(logins, 1);
  // Another password is tried at once, another user has a file of its own.
  NivodaOptions mended = account;
  mended.password = "right horse";
  NivodaTokens third(mended, directory, log, stop, now);
  EXPECT_EQ(third.get({}, [] { return NivodaTokens::Granted{"abc", 3600.0}; }).token, "abc");
  EXPECT_TRUE(out.str().empty()) << out.str();

  FILE* listing = popen(("stat -c '%a %n' " + directory + "/*").c_str(), "r");
  char line[256] = {};
  ASSERT_NE(fgets(line, sizeof line, listing), nullptr);
  const std::string file = std::string(line).substr(4, std::string(line).size() - 5);
  EXPECT_TRUE(std::string(line).starts_with("600 " + directory + "/am-nivoda-")) << line;
  EXPECT_EQ(fgets(line, sizeof line, listing), nullptr);
  pclose(listing);

  // What others may read is not used, nor is what is no token.
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  NivodaTokens open_to_all(mended, directory, log, stop, now);
  EXPECT_TRUE(open_to_all.get({}, [] { return NivodaTokens::Granted{"other", 3600.0}; }).is_fresh);
  EXPECT_NE(out.str().find("no file for the supplier's token"), std::string::npos);
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  for (const char* content : {"", "{\"account\":", "[]", "{\"account\": 7}"}) {
    FILE* writing = fopen(file.c_str(), "w");
    fputs(content, writing);
    fclose(writing);
    NivodaTokens after(mended, directory, log, stop, now);
    EXPECT_TRUE(after.get({}, [] { return NivodaTokens::Granted{"again", 3600.0}; }).is_fresh) << content;
  }
  std::system(("rm -rf " + directory).c_str());
}

}  // namespace
}  // namespace am::feed
