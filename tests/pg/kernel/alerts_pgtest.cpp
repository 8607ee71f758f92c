// Alerts of a job: told once a day, remembered as an effect, and never its failure.

#include <sstream>

#include <gtest/gtest.h>

#include "am/kernel/alerts.hpp"
#include "support/pg.hpp"
#include "support/scripted_http.hpp"

namespace am::kernel {
namespace {

class AlertsOfAJob : public testing::Test {
 protected:
  static HttpClient::Options at_once() {
    HttpClient::Options options;
    options.vendor = "resend";
    options.retry = {.attempts = 1};
    return options;
  }
  static MailOptions mail() {
    return {
        .api_key = "re_key", .base_url = "http://mail", .to = "desk@example.org", .from = "am@example.org"};
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  std::ostringstream lines_;
  Log log_{lines_, {}};
  Stop stop_;
  test::ScriptedHttp vendor_;
  HttpClient http_{vendor_, nullptr, log_, stop_, at_once()};
  const Alerts::Problem stuck_{
      .command = "feed", .code = ExitCode::needs_human, .text = "partition 7 died\n"};
};

TEST_F(AlertsOfAJob, OneProblemIsToldOnceADay) {
  vendor_.reply("POST", "http://mail/emails", test::ok(R"({"id": "re_1"})"));
  EXPECT_EQ(Alerts(http_, log_, db_.get(), mail(), "here").tell(stuck_), AlertResult::sent);
  EXPECT_EQ(Alerts(http_, log_, db_.get(), mail(), "here").tell(stuck_), AlertResult::known);
  const std::string body = vendor_.requests().at(0).body;
  EXPECT_NE(body.find(R"("text":"partition 7 died\n\nneeds_human: )"), std::string::npos) << body;
  EXPECT_NE(body.find(": needs_human (70)\""), std::string::npos) << body;
  EXPECT_EQ(test::value_of(*db_, "SELECT status FROM ops.effects"), "done");
}

TEST_F(AlertsOfAJob, OneThatWasCutOffIsSentAgainUnderItsKey) {
  vendor_.fail("POST", "http://mail/emails", Error(ErrorKind::unavailable, "no answer"));
  vendor_.reply("POST", "http://mail/emails", test::ok("{}"));
  Alerts alerts(http_, log_, db_.get(), mail(), "here");
  EXPECT_EQ(alerts.tell(stuck_), std::nullopt) << "and nothing is thrown";
  EXPECT_NE(lines_.str().find("the alert could not be sent"), std::string::npos);
  EXPECT_EQ(alerts.tell(stuck_), AlertResult::sent);
  const auto key = [&](std::size_t i) { return vendor_.requests().at(i).headers.at(2).second; };
  EXPECT_EQ(key(0), key(1));
}

TEST_F(AlertsOfAJob, WithoutMailTheyAreLines) {
  EXPECT_EQ(Alerts(http_, log_, nullptr, {}, "here").tell(stuck_), AlertResult::logged);
  EXPECT_NE(lines_.str().find("partition 7 died"), std::string::npos);
}

TEST_F(AlertsOfAJob, ADoubtIsToldOnceByItsText) {
  vendor_.reply("POST", "http://mail/emails", test::ok("{}"));
  vendor_.reply("POST", "http://mail/emails", test::ok("{}"));
  Alerts alerts(http_, log_, db_.get(), mail(), "here");
  EXPECT_EQ(alerts.tell_doubt("checkpoint", "KO: a split?"), AlertResult::sent);
  EXPECT_EQ(alerts.tell_doubt("checkpoint", "KO: a split?"), AlertResult::known);
  EXPECT_EQ(alerts.tell_doubt("checkpoint", "IBM: a split?"), AlertResult::sent) << "on the same day";
  const std::string body = vendor_.requests().at(0).body;
  EXPECT_NE(body.find("KO: a split?\\n\\nIt is told once."), std::string::npos) << body;
  EXPECT_NE(body.find(": somebody has to look\""), std::string::npos) << body;
}

}  // namespace
}  // namespace am::kernel
