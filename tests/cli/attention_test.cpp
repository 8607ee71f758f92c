// What scheduled commands tell others: pings, alerts and traces, by the real program and a local server.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "support/am_process.hpp"

namespace am::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;
using Answer = LoopbackServer::Answer;
using Request = LoopbackServer::Request;

/// A desk whose week is made from files as of now, with every listener configured on one server.
struct Watched {
  explicit Watched(int mail_status = 200)
      : server([mail_status](const Request& request) {
          Answer answer;
          if (request.target == "/emails") {
            answer.status = mail_status;
            answer.body = R"({"id":"re_1"})";
          }
          return answer;
        }) {
    env = desk_env(home);
    env["AM_PING_RUN_WEEKLY"] = server.url() + "/ping/secret-weekly";
    env["AM_PING_CHECKPOINT"] = server.url() + "/ping/secret-checkpoint?team=7";
    env["AM_PING_DUE"] = server.url() + "/ping/secret-due/";
    env["RESEND_API_KEY"] = "re_test_key_0123";
    env["RESEND_BASE_URL"] = server.url();
    env["ALERT_EMAIL_TO"] = "desk@example.org, night@example.org";
    env["ALERT_EMAIL_FROM"] = "am@example.org";
    env["AM_RETRY_BASE_MS"] = "0";
    env["LOG_LEVEL"] = "debug";
  }

  /// The pings so far, without their run ids: "/ping/secret-weekly/start".
  std::vector<std::string> pings() const {
    std::vector<std::string> all;
    for (const Request& request : server.requests()) {
      if (request.target.starts_with("/ping/"))
        all.push_back(request.target.substr(0, request.target.find('?')));
    }
    return all;
  }
  std::vector<Request> mails() const {
    std::vector<Request> all = server.requests();
    std::erase_if(all, [](const Request& request) { return request.target != "/emails"; });
    return all;
  }
  std::string effects() const {
    return value_of(*home.open(), "SELECT string_agg(status, ' ' ORDER BY idempotency_key) FROM ops.effects");
  }
  /// An active batch of three weeks ago that lacks these of its days (0: Monday): they wait for a vendor that is paused,
  /// as this week's batch does.
  void add_waiting_batch(const std::string& days) {
    env["AM_PRICES"] = "alpha-vantage";
    env["ALPHA_VANTAGE_LIMITS"] = "1000/min";
    env["ALPHA_VANTAGE_API_KEY"] = "not-a-key";
    env["ALPHA_VANTAGE_BASE_URL"] = server.url();
    const auto db = home.open();
    db->query(
        "INSERT INTO batches (id, run_date, benchmark_initial_price, status) SELECT gen_random_uuid(), "
        "date_trunc('week', now())::date - 21, 1, 'active'");
    db->query(
        "INSERT INTO ops.batch_origin (batch_id, picker, price_source, origin) SELECT id, 'file', 'alpha-vantage', "
        "'live' FROM batches");
    db->query(
        "INSERT INTO checkpoints (id, batch_id, checkpoint_date, status) SELECT gen_random_uuid(), id, run_date + day, "
        "'skipped' FROM batches, generate_series(0, 13) AS day WHERE day NOT IN (" +
        days + ")");
    EXPECT_EQ(am({"limits", "pause", "alpha_vantage", "--for", "4h", "--reason", "a test"}, env).exit, 0);
  }
  /// A picks file that is refused: the weekly run ends with 65.
  void break_picks(const Directory& directory) {
    env["AM_PICKER"] = "file:" + directory.file("picks.json", R"({"picks":[]})");
  }

  TestDb home;
  LoopbackServer server;
  std::map<std::string, std::string> env;
};

TEST(Pings, StartAndSuccessOfARunWithNothingToDo) {
  Watched desk;
  const Finished done = am({"checkpoint", "--due"}, desk.env);
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-checkpoint/start", "/ping/secret-checkpoint"));
  const std::vector<Request> requests = desk.server.requests();
  const auto run_id = [](const std::string& target) { return target.substr(target.find("rid="), 40); };
  EXPECT_EQ(run_id(requests[0].target), run_id(requests[1].target)) << "start and end belong together";
  EXPECT_THAT(requests[0].target, HasSubstr("&team=7"));
  EXPECT_TRUE(desk.mails().empty());
  EXPECT_THAT(done.err, Not(HasSubstr("secret-")));
}

TEST(Pings, ADeferredRunPingsNeitherSuccessNorFailure) {
  Watched desk;
  desk.add_waiting_batch("1, 2");
  const Finished done = am({"run-weekly"}, desk.env);
  EXPECT_EQ(done.exit, 75) << done.err;
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-weekly/start"));
  EXPECT_TRUE(desk.mails().empty());
}

TEST(Pings, ATickThatFindsOnlyWhatWasPutOffPingsNeither) {
  Watched desk;
  desk.add_waiting_batch("1, 2");
  EXPECT_EQ(am({"due", "--run"}, desk.env).exit, 75);
  const Finished second = am({"due", "--run", "-o", "json"}, desk.env);
  EXPECT_EQ(second.exit, 0) << second.err;
  EXPECT_EQ(Json::parse(second.out)["outcome"], "skipped");
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-due/start", "/ping/secret-due/start"));
}

TEST(Pings, APartThatWasPutOffIsNoFailure) {
  Watched desk;
  desk.add_waiting_batch("1, 2, 5");  // a Saturday, too
  const Finished done = am({"due", "--run", "-o", "json"}, desk.env);
  EXPECT_EQ(done.exit, 75) << done.err;
  EXPECT_EQ(Json::parse(done.out)["outcome"], "partial");
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-due/start"));
}

TEST(Alerts, ALostSessionIsToldOfBesideAnyCode) {
  Watched desk;
  const std::string files = desk.env["AM_PRICES"];
  desk.add_waiting_batch("1, 2");
  const auto db = desk.home.open();
  // Another one has its prices from files, which hold none of these days: after 24 hours they are lost.
  db->query(
      "INSERT INTO batches (id, run_date, benchmark_initial_price, status) SELECT gen_random_uuid(), run_date - 7, 1, "
      "'active' FROM batches");
  db->query(
      "INSERT INTO ops.batch_origin (batch_id, picker, price_source, origin) SELECT id, 'file', $1, 'live' FROM "
      "batches ORDER BY run_date LIMIT 1",
      kernel::sql_values(files));
  EXPECT_EQ(am({"checkpoint", "--due"}, desk.env).exit, 12) << "12 is worse than 75";
  db->query("DELETE FROM checkpoints WHERE batch_id = (SELECT id FROM batches ORDER BY run_date LIMIT 1)");
  db->query("DELETE FROM ops.runs");
  db->query("DELETE FROM ops.effects");
  db->query("UPDATE batches SET status = 'active'");
  db->query("DELETE FROM ops.rate_limits");
  desk.env["ALPHA_VANTAGE_BASE_URL"] = "http://127.0.0.1:" + std::to_string(LoopbackServer::closed_port());
  EXPECT_EQ(am({"checkpoint", "--due"}, desk.env).exit, 69);
  const std::vector<Request> mails = desk.mails();
  ASSERT_EQ(mails.size(), 2U) << "one each time";
  for (const Request& request : mails) {
    const Json mail = Json::parse(request.body);
    EXPECT_THAT(mail["subject"].get<std::string>(), HasSubstr("partial (12)"));
    EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("no close of"));
  }
}

TEST(Pings, ATroubledSwitchDoesNotHoldTheWorkUp) {
  LoopbackServer server([](const Request&) {
    Answer answer;
    answer.status = 429;
    answer.headers = {{"Retry-After", "50"}};
    return answer;
  });
  Watched desk;
  desk.env["AM_PING_CHECKPOINT"] = server.url() + "/ping";
  EXPECT_EQ(am({"checkpoint", "--due"}, desk.env).exit, 0);
  EXPECT_EQ(server.requests().size(), 2U) << "start and success, once each: nobody waits for 50 seconds";
}

TEST(Pings, OnlyWhatASchedulerStarts) {
  Watched desk;
  EXPECT_EQ(am({"checkpoint", "--batch", "2020-01-06", "--day", "1"}, desk.env).exit, 66);
  EXPECT_NE(am({"run-weekly", "--run-date", "2020-01-06"}, desk.env).exit, 0);
  EXPECT_TRUE(desk.server.requests().empty());
}

TEST(Pings, NothingUnderNowAndOnDryRuns) {
  Watched desk;
  EXPECT_EQ(am({"run-weekly", "--now", kDeskNow}, desk.env).exit, 0);
  EXPECT_EQ(am({"checkpoint", "--due", "--dry-run"}, desk.env).exit, 0);
  EXPECT_EQ(am({"due"}, desk.env).exit, 0);
  EXPECT_TRUE(desk.server.requests().empty());
}

TEST(Pings, OneThatFailsChangesNothing) {
  Watched desk;
  desk.env["AM_PING_CHECKPOINT"] =
      "http://127.0.0.1:" + std::to_string(LoopbackServer::closed_port()) + "/secret-x";
  const Finished done = am({"checkpoint", "--due"}, desk.env);
  EXPECT_EQ(done.exit, 0);
  EXPECT_THAT(done.err, HasSubstr("the dead-man's switch was not reached"));
  EXPECT_THAT(done.err, Not(HasSubstr("secret-x")));
  desk.env["AM_PING_CHECKPOINT"] = "nonsense";
  EXPECT_EQ(am({"checkpoint", "--due"}, desk.env).exit, 0);
  EXPECT_EQ(am({"ping", "test"}, desk.env).exit, 69);
}

TEST(Pings, TestReachesEverySwitch) {
  Watched desk;
  const Finished done = am({"ping", "test"}, desk.env);
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.out, "pings.due: reached\npings.run_weekly: reached\npings.checkpoint: reached\n");
  EXPECT_THAT(desk.pings(), testing::Contains("/ping/secret-due/start"));
}

TEST(Alerts, NoWordsOfOthersAreObeyedByWhoReadsThem) {
  Watched desk;
  EXPECT_EQ(am({"alert", "unit", "a\x1b[2J\u009b1m\u202e.service"}, desk.env).exit, 0);
  ASSERT_EQ(desk.mails().size(), 1U);
  const Json mail = Json::parse(desk.mails()[0].body);
  EXPECT_TRUE(is_printable(mail["subject"].get<std::string>())) << mail["subject"];
  EXPECT_EQ(mail["text"], printable_lines(mail["text"].get<std::string>()));
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("a?[2J?1m?.service"));
}

TEST(Alerts, AFailureIsToldOnceADay) {
  Watched desk;
  const Directory directory;
  desk.break_picks(directory);
  for (int i = 0; i < 2; ++i) {
    const Finished done = am({"run-weekly"}, desk.env);
    EXPECT_EQ(done.exit, 65) << done.err;
    EXPECT_THAT(done.err, Not(HasSubstr("re_test_key")));
  }
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-weekly/start", "/ping/secret-weekly/fail",
                                        "/ping/secret-weekly/start", "/ping/secret-weekly/fail"));
  const std::vector<Request> mails = desk.mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].method, "POST");
  EXPECT_EQ(mails[0].headers.at("authorization"), "Bearer re_test_key_0123");
  EXPECT_THAT(mails[0].headers.at("idempotency-key"), testing::StartsWith("alert/run-weekly/65/20"));
  const Json mail = Json::parse(mails[0].body);
  EXPECT_EQ(mail["from"], "am@example.org");
  EXPECT_EQ(mail["to"], Json::array({"desk@example.org", "night@example.org"}));
  EXPECT_THAT(mail["subject"].get<std::string>(), HasSubstr("data (65)"));
  EXPECT_THAT(mail["text"].get<std::string>(), HasSubstr("picks"));
  EXPECT_EQ(desk.effects(), "done");
  // systemd's OnFailure comes after it, for the same command and code: nothing new.
  desk.env["MONITOR_SERVICE_RESULT"] = "exit-code";
  desk.env["MONITOR_EXIT_CODE"] = "exited";
  desk.env["MONITOR_EXIT_STATUS"] = "65";
  EXPECT_EQ(am({"alert", "unit", "am-run-weekly.service"}, desk.env).out, "sent before\n");
  desk.env["MONITOR_EXIT_STATUS"] = "69";
  EXPECT_THAT(am({"alert", "unit", "am-run-weekly.service"}, desk.env).out,
              HasSubstr("a later run can succeed"));
  EXPECT_EQ(desk.mails().size(), 1U);
  desk.env["MONITOR_EXIT_CODE"] = "killed";
  desk.env["MONITOR_EXIT_STATUS"] = "KILL";
  desk.env["MONITOR_SERVICE_RESULT"] = "oom-kill";
  EXPECT_EQ(am({"alert", "unit", "am-run-weekly.service"}, desk.env).out, "sent\n");
  EXPECT_THAT(Json::parse(desk.mails().back().body)["subject"].get<std::string>(),
              HasSubstr("oom-kill (KILL)"));
  // Asked to end by the time limit it exits as if it had been stopped.
  desk.env["MONITOR_EXIT_CODE"] = "exited";
  desk.env["MONITOR_EXIT_STATUS"] = "143";
  desk.env["MONITOR_SERVICE_RESULT"] = "timeout";
  EXPECT_EQ(am({"alert", "unit", "am-run-weekly.service"}, desk.env).out, "sent\n");
}

TEST(Alerts, OfARefusedConfigurationAreToldByWhatIsLeftOfIt) {
  Watched desk;
  const Directory directory;
  desk.env["AM_CONFIG"] =
      directory.file("am.toml", "[alerts]\nemail_to = \"night@example.org\"\nemial = 1\n");
  desk.env.erase("ALERT_EMAIL_TO");
  const Finished done = am({"due", "--run"}, desk.env);
  EXPECT_EQ(done.exit, 78);
  EXPECT_THAT(done.err, HasSubstr("unknown key \"alerts.emial\""));
  EXPECT_THAT(desk.pings(), ElementsAre("/ping/secret-due/start", "/ping/secret-due/fail"));
  ASSERT_EQ(desk.mails().size(), 1U);
  EXPECT_EQ(Json::parse(desk.mails()[0].body)["to"], Json::array({"night@example.org"}));
  desk.env["MONITOR_SERVICE_RESULT"] = "exit-code";
  desk.env["MONITOR_EXIT_STATUS"] = "78";
  EXPECT_EQ(am({"alert", "unit", "am-due.service"}, desk.env).out, "sent before\n");
  EXPECT_EQ(am({"due"}, desk.env).exit, 78);
  EXPECT_EQ(desk.mails().size(), 1U) << "nobody is told of a look";
}

TEST(Alerts, AreSentWhereTheDatabaseTakesNoWrite) {
  Watched desk;
  desk.env["DATABASE_URL"] += "&options=-c%20default_transaction_read_only%3Don";
  const Directory directory;
  desk.break_picks(directory);
  const Finished done = am({"run-weekly"}, desk.env);
  EXPECT_NE(done.exit, 0);
  EXPECT_THAT(done.err, HasSubstr("the alert is not remembered"));
  EXPECT_EQ(desk.mails().size(), 1U) << done.err;
}

TEST(Alerts, OfTwoInstallationsAreTwo) {
  Watched one;
  Watched other;
  const Directory directory;
  for (Watched* desk : {&one, &other}) {
    desk->break_picks(directory);
    EXPECT_EQ(am({"run-weekly"}, desk->env).exit, 65);
    ASSERT_EQ(desk->mails().size(), 1U);
  }
  EXPECT_NE(one.mails()[0].headers.at("idempotency-key"), other.mails()[0].headers.at("idempotency-key"));
}

TEST(Alerts, ACrashAroundTheMailIsSettledByTheSameKey) {
  Watched desk(409);  // the vendor has that key already
  const Directory directory;
  desk.break_picks(directory);
  EXPECT_EQ(am({"run-weekly"}, desk.env).exit, 65);
  EXPECT_EQ(desk.effects(), "done");
  desk.home.open()->query("UPDATE ops.effects SET status = 'intent'");
  EXPECT_EQ(am({"run-weekly"}, desk.env).exit, 65);
  const std::vector<Request> mails = desk.mails();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].headers.at("idempotency-key"), mails[1].headers.at("idempotency-key"));
  EXPECT_EQ(desk.effects(), "done");
}

TEST(Alerts, OneThatCannotBeSentIsTriedAgainNextTimeAndChangesNothing) {
  Watched desk(500);
  const Directory directory;
  desk.break_picks(directory);
  const Finished done = am({"run-weekly"}, desk.env);
  EXPECT_EQ(done.exit, 65);
  EXPECT_THAT(done.err, HasSubstr("the alert could not be sent"));
  const std::size_t tried = desk.mails().size();
  EXPECT_EQ(tried, 3U);
  EXPECT_EQ(am({"run-weekly"}, desk.env).exit, 65);
  EXPECT_GT(desk.mails().size(), tried);
}

TEST(Alerts, WithoutADatabaseTheVendorAloneRemembers) {
  Watched desk;
  desk.env["DATABASE_URL"] = with_database(cluster_url(), "am_is_not_here");
  EXPECT_EQ(am({"checkpoint", "--due"}, desk.env).exit, 78);
  ASSERT_EQ(desk.mails().size(), 1U);
  EXPECT_THAT(desk.mails()[0].headers.at("idempotency-key"), testing::StartsWith("alert/checkpoint/78/"));
}

TEST(Alerts, WithoutAKeyTheyAreLogLines) {
  Watched desk;
  const Directory directory;
  desk.break_picks(directory);
  desk.env.erase("RESEND_API_KEY");
  const Finished done = am({"run-weekly"}, desk.env);
  EXPECT_THAT(done.err, HasSubstr(R"("level":"error","msg":"alert")"));
  EXPECT_TRUE(desk.mails().empty());
  EXPECT_EQ(am({"alert", "test"}, desk.env).exit, 78);
}

TEST(Alerts, TestSendsOne) {
  Watched desk;
  EXPECT_EQ(am({"alert", "test"}, desk.env).out, "sent\n");
  EXPECT_EQ(am({"alert", "test"}, desk.env).out, "sent\n") << "each test is a new one";
  EXPECT_EQ(desk.mails().size(), 2U);
  desk.env.erase("ALERT_EMAIL_TO");
  EXPECT_EQ(am({"alert", "test"}, desk.env).exit, 78);
}

TEST(Traces, AreInEveryLineAndEveryRequest) {
  Watched desk;
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  desk.env["TRACEPARENT"] = "00-" + trace + "-00f067aa0ba902b7-01";
  desk.env["TRACESTATE"] = "vendor=1";
  const Finished done = am({"run-weekly"}, desk.env);
  std::size_t lines = 0;
  for (std::size_t at = 0, end = 0; (end = done.err.find('\n', at)) != std::string::npos; at = end + 1) {
    if (done.err[at] != '{') continue;
    ++lines;
    EXPECT_EQ(Json::parse(done.err.substr(at, end - at))["trace_id"], trace);
  }
  EXPECT_GE(lines, 5U);
  ASSERT_FALSE(desk.server.requests().empty());
  for (const Request& request : desk.server.requests()) {
    EXPECT_THAT(request.headers.at("traceparent"), HasSubstr("00-" + trace + "-"));
    EXPECT_THAT(request.headers.at("traceparent"), Not(HasSubstr("00f067aa0ba902b7")));
    EXPECT_EQ(request.headers.at("tracestate"), "vendor=1");
  }
  desk.env["TRACEPARENT"] = "nonsense";
  const Finished without = am({"checkpoint", "--due"}, desk.env);
  EXPECT_EQ(without.exit, 0);
  EXPECT_THAT(without.err, HasSubstr("TRACEPARENT is not a trace context"));
  EXPECT_THAT(without.err, Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace am::test
