// The real `am` as a process among others: pipes, signals, races, a machine that takes things away.

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/am_process.hpp"

namespace am::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;
using Answer = LoopbackServer::Answer;
using Request = LoopbackServer::Request;

const std::string kSource = AM_SOURCE_DIR;
const std::string kNow = kDeskNow;

std::size_t posts(const LoopbackServer& server) {
  std::size_t count = 0;
  for (const Request& request : server.requests()) count += request.method == "POST" ? 1 : 0;
  return count;
}

// --- where the result goes ----------------------------------------------------------------------------------

TEST(Stdout, ReaderThatIsGoneEndsQuietly) {
  const TestDb home;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"exit-codes"},
                                               {"exit-codes", "-o", "json"},
                                               {"--help"},
                                               {"report", "--help"},
                                               {"report", "-o", "html"}}) {
    const Finished done = run_process(am_command(args), {.env = desk_env(home), .reader_gone = true});
    EXPECT_EQ(done.exit, 0) << args.front() << done.err;
    EXPECT_THAT(done.err, IsEmpty());
  }
  const Finished failed = run_process(am_command({"checkpoint", "--batch", "latest", "--day", "1"}),
                                      {.env = desk_env(home), .reader_gone = true});
  EXPECT_EQ(failed.exit, 66) << "a failure stays one";
}

TEST(Stdout, HeadTakesOneLine) {
  const std::vector<std::string> shell{
      "/bin/bash", "-c", "\"$0\" exit-codes | head -n 1; exit ${PIPESTATUS[0]}", AM_BINARY_DIR "/am"};
  const Finished done = run_process(shell, {.env = {{"PATH", "/usr/bin:/bin"}}});
  EXPECT_EQ(done.exit, 0);
  EXPECT_THAT(done.out, HasSubstr("meaning"));
  EXPECT_THAT(done.err, IsEmpty());
}

TEST(Stdout, WorkIsCommittedAlthoughNobodyReads) {
  const TestDb home;
  const Finished done =
      run_process(am_command({"run-weekly", "--now", kNow}), {.env = desk_env(home), .reader_gone = true});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(value_of(*home.open(), "SELECT count(*) FROM batches"), "1");
}

TEST(Stdout, FullDiskIsAFailure) {
  const TestDb home;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"version"},
                                               {"version", "-o", "json"},
                                               {"--help"},
                                               {"report"},
                                               {"report", "-o", "html"}}) {
    const Finished done = run_process(am_command(args), {.env = desk_env(home), .stdout_to = "/dev/full"});
    EXPECT_EQ(done.exit, 1) << args.front();
    EXPECT_THAT(done.err, AllOf(HasSubstr("am: "), HasSubstr("could not be written"))) << args.front();
  }
}

TEST(Stdout, ClosedOneIsAFailureAndNothingElseTakesItsPlace) {
  const TestDb home;
  const Finished done = run_process(am_command({"report"}), {.env = desk_env(home), .close_stdout = true});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.err, HasSubstr("could not be written"));
}

TEST(Stdout, IsTheSameWithAndWithoutATerminal) {
  const std::vector<std::string> shell{"/usr/bin/script", "-qec",
                                       std::string(AM_BINARY_DIR "/am") + " exit-codes", "/dev/null"};
  if (!std::filesystem::exists(shell.front())) GTEST_FAIL() << "script(1) of bsdutils is missing";
  std::string seen = run_process(shell, {.env = {{"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}}}).out;
  std::erase(seen, '\r');
  EXPECT_EQ(seen, am({"exit-codes"}, {}).out);
}

// --- what there is around it --------------------------------------------------------------------------------

TEST(Stderr, FullDiskForTheLogIsAFailureButNoWorkIsLost) {
  const TestDb home;
  const Finished done = run_process(am_command({"run-weekly", "--now", kNow}),
                                    {.env = desk_env(home), .stderr_to = "/dev/full"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, HasSubstr("created"));
  EXPECT_EQ(value_of(*home.open(), "SELECT count(*) FROM batches"), "1");
}

TEST(Surroundings, PathAloneAndADirectoryThatIsGone) {
  const TestDb home;
  Directory parent;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"version"},
                                               {"config", "check"},
                                               {"report"},
                                               {"run-weekly", "--now", kNow},
                                               {"checkpoint", "--due", "--now", kNow},
                                               {"due", "--run", "--quiet", "--now", kNow},
                                               {"status", "--quiet"},
                                               {"events", "--quiet"},
                                               {"doctor", "--offline", "--quiet"},
                                               {"metrics", "--quiet"}}) {
    std::filesystem::create_directory(parent.path() / "gone");
    const Finished done = run_process(
        am_command(args),
        {.env = desk_env(home), .directory = (parent.path() / "gone").string(), .remove_directory = true});
    EXPECT_EQ(done.exit, 0) << args.front() << done.err;
    if (std::ranges::find(args, "--quiet") != args.end()) {
      EXPECT_THAT(done.out + done.err, IsEmpty()) << args.front();
    }
  }
  std::filesystem::create_directory(parent.path() / "gone");
  const Finished done = run_process(
      am_command({"run-weekly", "--now", "2026-02-02T15:00:00Z", "--prices", "csv:prices"}),
      {.env = desk_env(home), .directory = (parent.path() / "gone").string(), .remove_directory = true});
  EXPECT_EQ(done.exit, 66) << done.err;
}

TEST(Surroundings, NoEnvironmentAtAll) {
  EXPECT_EQ(am({"version"}, {}).exit, 0);
  const Finished done = am({"report"}, {});
  EXPECT_EQ(done.exit, 78);
  EXPECT_EQ(done.err,
            "am: report DATABASE_URL: not set\nhint: set DATABASE_URL, or put it into a file and set "
            "DATABASE_URL_FILE to its path\n");
}

TEST(Surroundings, OddLocaleAndTimeZoneChangeNothing) {
  const TestDb home;
  auto env = desk_env(home);
  const Finished plain = am({"run-weekly", "--dry-run", "--now", kNow}, env);
  env.insert({{"TZ", "Pacific/Kiritimati"},
              {"LC_ALL", "de_DE.UTF-8"},
              {"LANG", "tr_TR.UTF-8"},
              {"PGTZ", "Asia/Tokyo"},
              {"PGDATESTYLE", "German"}});
  const Finished odd = am({"run-weekly", "--dry-run", "--now", kNow}, env);
  EXPECT_EQ(odd.exit, 0) << odd.err;
  EXPECT_EQ(odd.out, plain.out);
  EXPECT_EQ(am({"run-weekly", "--now", kNow}, env).exit, 0);
  EXPECT_EQ(am({"checkpoint", "--due", "--now", "2026-02-10T15:00:00Z"}, env).exit, 0);
  const auto db = home.open();
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM checkpoints"), "15");
  EXPECT_EQ(
      value_of(*db,
               "SELECT benchmark_return_pct::text FROM checkpoints WHERE checkpoint_date = '2026-01-26'"),
      "0.7500");
}

TEST(Surroundings, LogIsJsonLinesWithoutATerminal) {
  const TestDb home;
  const Finished done = am({"run-weekly", "--now", kNow}, desk_env(home));
  ASSERT_EQ(done.exit, 0) << done.err;
  std::istringstream lines(done.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Json json = Json::parse(line, nullptr, false);
    ASSERT_TRUE(json.is_object()) << line;
    for (const char* field : {"ts", "level", "msg", "command"})
      EXPECT_TRUE(json.contains(field)) << field << " is missing in " << line;
  }
  EXPECT_GT(count, 5);
}

// --- signals ------------------------------------------------------------------------------------------------

/// Half a year of weeks; stopped when some are done.
class StoppedBackfill : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(StoppedBackfill, GoesOnAndIsComplete) {
  const auto [signal, code] = GetParam();
  const TestDb home;
  const auto db = home.open();
  const std::vector<std::string> args{"backfill",
                                      "--from",
                                      "2000-01-10",
                                      "--to",
                                      "2000-05-29",
                                      "--picker",
                                      "momentum",
                                      "--prices",
                                      "csv:" + kSource + "/examples/market",
                                      "--now",
                                      "2001-02-01T15:00:00Z"};
  Process process(am_command(args), {.env = desk_env(home)});
  ASSERT_TRUE(wait_until(*db, "SELECT count(*) > 1 FROM batches"));
  process.signal(signal);
  const Finished stopped = process.wait();
  EXPECT_EQ(stopped.exit, code) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("am: backfill "));
  EXPECT_LT(std::stoi(value_of(*db, "SELECT count(*) FROM batches")), 21) << "too late to test anything";
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.runs WHERE status = 'running'"), "0")
      << "nothing is left open";

  const Finished rest = am(args, desk_env(home));
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM batches WHERE status = 'completed'"), "21");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM picks"), "63");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM checkpoints"), std::to_string(21 * 15));
  EXPECT_EQ(am({"verify", "data"}, desk_env(home)).exit, 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, StoppedBackfill,
                         testing::Values(std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}),
                         [](const auto& one) { return one.param.first == SIGTERM ? "Term" : "Int"; });

TEST(Signals, KilledWeeklyRunIsTakenOverAtOnceAndPaysNothingTwice) {
  std::atomic<bool> slow{true};
  const TestDb home;
  const auto db = home.open();
  LoopbackServer server([&](const Request& request) {
    Answer answer = vendors(request);
    if (request.method == "GET" && slow) answer.stall = std::chrono::seconds(60);
    return answer;
  });
  {
    Process process(am_command({"run-weekly", "--now", kNow}), {.env = vendor_env(home, server)});
    ASSERT_TRUE(wait_until(*db, "SELECT true FROM ops.steps WHERE name = 'snapshot_prices'"));
    process.signal(SIGKILL);
    EXPECT_EQ(process.wait().signal, SIGKILL);
  }
  EXPECT_EQ(value_of(*db, "SELECT status FROM ops.runs WHERE job = 'weekly_pick_v1'"), "running");
  slow = false;
  const Finished rerun = am({"run-weekly", "--now", kNow, "--on-busy", "fail"}, vendor_env(home, server));
  EXPECT_EQ(rerun.exit, 0) << rerun.err;
  EXPECT_EQ(posts(server), 1U) << "the picks were paid for once";
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM batches"), "1");
  EXPECT_EQ(value_of(*db,
                     "SELECT status || ' ' || attempt || ' ' || recovered_from FROM ops.runs WHERE job = "
                     "'weekly_pick_v1'"),
            "done 2 lost");
}

TEST(Signals, TermWhileAVendorAnswersReleasesTheRunAndKeepsTheAnswer) {
  const TestDb home;
  const auto db = home.open();
  std::promise<pid_t> asked;
  auto process_id = asked.get_future().share();
  std::atomic<bool> first{true};
  LoopbackServer server([&](const Request& request) {
    if (request.method == "POST" && first.exchange(false)) kill(process_id.get(), SIGTERM);
    return vendors(request);
  });
  Process process(am_command({"run-weekly", "--now", kNow}), {.env = vendor_env(home, server)});
  asked.set_value(process.pid());
  const Finished stopped = process.wait();
  EXPECT_EQ(stopped.exit, 143) << stopped.err;
  EXPECT_EQ(value_of(*db, "SELECT status FROM ops.runs WHERE job = 'weekly_pick_v1'"), "interrupted");
  EXPECT_EQ(am({"run-weekly", "--now", kNow}, vendor_env(home, server)).exit, 0);
  EXPECT_EQ(posts(server), 1U) << "the answer that was under way was kept";
}

// --- several at once ----------------------------------------------------------------------------------------

std::vector<Finished> at_once(int count, const std::vector<std::string>& args,
                              const std::map<std::string, std::string>& env) {
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < count; ++i)
    processes.push_back(std::make_unique<Process>(am_command(args), ProcessOptions{.env = env}));
  std::vector<Finished> all;
  for (const auto& process : processes) all.push_back(process->wait());
  return all;
}

TEST(AtOnce, TenWeeklyRunsMakeOneBatch) {
  const TestDb home;
  LoopbackServer server(vendors);
  int changed = 0;
  for (const Finished& one :
       at_once(10, {"run-weekly", "--now", kNow, "-o", "json"}, vendor_env(home, server))) {
    EXPECT_EQ(one.exit, 0) << one.err << one.out;
    const Json json = Json::parse(one.out, nullptr, false);
    changed += json.value("outcome", "") == "changed" ? 1 : 0;
  }
  EXPECT_EQ(changed, 1);
  EXPECT_EQ(posts(server), 1U);
  const auto db = home.open();
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM batches"), "1");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM picks"), "3");
}

TEST(AtOnce, TenWeeklyRunsThatDoNotWait) {
  const TestDb home;
  LoopbackServer server([](const Request& request) {
    Answer answer = vendors(request);
    if (request.method == "POST") answer.stall = std::chrono::seconds(2);
    return answer;
  });
  std::map<int, int> codes;
  for (const Finished& one :
       at_once(10, {"run-weekly", "--now", kNow, "--on-busy", "fail"}, vendor_env(home, server))) {
    ++codes[one.exit];
    EXPECT_TRUE(one.exit == 0 || one.exit == 11) << one.err;
    if (one.exit == 11) {
      EXPECT_THAT(one.err, HasSubstr("another process is at it (host "));
    }
  }
  EXPECT_GE(codes[0], 1);
  EXPECT_GE(codes[11], 1) << "none of them met the others";
  EXPECT_EQ(posts(server), 1U);
  EXPECT_EQ(value_of(*home.open(), "SELECT count(*) FROM batches"), "1");
}

TEST(AtOnce, TwoCheckpointsStoreOneDay) {
  const TestDb home;
  const auto db = home.open();
  const auto env = desk_env(home);
  ASSERT_EQ(am({"run-weekly", "--now", kNow}, env).exit, 0);
  for (int day = 1; day <= 5; ++day) {
    int changed = 0;
    for (const Finished& one : at_once(2,
                                       {"checkpoint", "--batch", "latest", "--day", std::to_string(day),
                                        "--now", "2026-02-10T15:00:00Z", "-o", "json"},
                                       env)) {
      EXPECT_EQ(one.exit, 0) << one.err << one.out;
      changed += Json::parse(one.out, nullptr, false).value("outcome", "") == "changed" ? 1 : 0;
    }
    EXPECT_EQ(changed, 1) << "day " << day;
  }
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM checkpoints"), "6");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM pick_checkpoint_metrics"), "15");
}

TEST(AtOnce, FourDueRunsFillEachDayOnce) {
  const TestDb home;
  const auto db = home.open();
  const auto env = desk_env(home);
  ASSERT_EQ(am({"run-weekly", "--now", kNow}, env).exit, 0);
  for (const Finished& one : at_once(4, {"checkpoint", "--due", "--now", "2026-02-10T15:00:00Z"}, env))
    EXPECT_EQ(one.exit, 0) << one.err;
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM checkpoints"), "15");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.events WHERE kind = 'checkpoint_computed'"), "10");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM ops.events WHERE kind = 'batch_completed'"), "1");
}

TEST(AtOnce, FourMigrationsApplyEachFileOnce) {
  const TestDb home(TestDb::Content::empty);
  for (const Finished& one : at_once(4, {"migrate"}, {{"DATABASE_URL", home.url()}}))
    EXPECT_EQ(one.exit, 0) << one.err;
  EXPECT_EQ(am({"migrate", "verify"}, {{"DATABASE_URL", home.url()}}).exit, 0);
}

}  // namespace
}  // namespace am::test
