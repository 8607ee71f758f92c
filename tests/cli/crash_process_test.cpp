// The crash sweep with real processes: `am_crash` (support/am_crash_main.cpp) kills itself with SIGKILL at its n-th
// call to the database or a vendor, then the real `am` is run and must leave what an undisturbed run leaves.
// A whole year would be quadratic; two weeks have every kind of day.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/loopback_server.hpp"
#include "support/picks_desk.hpp"
#include "support/picks_rows.hpp"
#include "support/process.hpp"

namespace am::test {
namespace {

using Args = std::vector<std::string>;
using Env = std::map<std::string, std::string>;

const std::string kMarket = "csv:" AM_SOURCE_DIR "/examples/market";

Env sweep_env(const TestDb& home) {
  return {{"PATH", "/usr/bin:/bin"},
          {"DATABASE_URL", home.url()},
          {"LOG_LEVEL", "warn"},
          {"AM_PRICES", kMarket},
          {"AM_PICKER", "momentum"}};
}

Finished am(const TestDb& home, const Args& args, const Env& more = {}) {
  Env env = sweep_env(home);
  for (const auto& [name, value] : more) env[name] = value;
  return run_process(am_command(args), {.env = env});
}

Finished am_crash(const TestDb& home, const Args& args, int at, const Env& more = {}) {
  Env env = sweep_env(home);
  for (const auto& [name, value] : more) env[name] = value;
  if (at > 0) env["AM_CRASH_AT"] = std::to_string(at);
  Args argv{AM_BINARY_DIR "/tests/am_crash"};
  argv.insert(argv.end(), args.begin(), args.end());
  return run_process(argv, {.env = env});
}

/// How many points a command has on that database; it is carried out.
int points_of(const TestDb& home, const Args& args, const Env& more = {}) {
  const Finished done = am_crash(home, args, 0, more);
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  const std::size_t at = done.err.rfind("crash points: ");
  return at == std::string::npos ? 0 : std::stoi(done.err.substr(at + 14));
}

/// Kills at the points of the rotation. Returns how many points there are.
int kill_everywhere(const std::vector<Args>& before, const Args& args) {
  const TestDb home;
  const auto db = home.open();
  const auto prepare = [&] {
    empty_picks(*db);
    for (const Args& command : before) EXPECT_EQ(am(home, command).exit, 0);
  };
  prepare();
  const int points = points_of(home, args);
  const std::string expected = dump_picks(*db);
  for_each_point("SIGKILL", points, [&](int n) {
    prepare();
    EXPECT_EQ(am_crash(home, args, n).signal, SIGKILL);
    const Finished rerun = am(home, args);
    EXPECT_EQ(rerun.exit, 0) << rerun.out << rerun.err;
    EXPECT_EQ(dump_picks(*db), expected);
  });
  return points;
}

TEST(ProcessSweep, RunWeekly) {
  EXPECT_GE(kill_everywhere({}, {"run-weekly", "--now", "2000-06-05T14:00:00Z"}), 15);
}

TEST(ProcessSweep, RunWeeklyWithPicksOfAFile) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("am-crash-picks-" + std::to_string(getpid()) + ".json");
  std::ofstream(path) << R"({"picks": [{"ticker": "IBM", "action": "BUY", "reasoning": "a"},
    {"ticker": "KO", "action": "BUY", "reasoning": "b"}, {"ticker": "T", "action": "SELL", "reasoning": "c"}]})";
  EXPECT_GE(kill_everywhere({}, {"run-weekly", "--picker", "file:" + path, "--now", "2000-06-05T14:00:00Z"}),
            15);
  std::filesystem::remove(path);
}

TEST(ProcessSweep, CheckpointDue) {
  EXPECT_GE(kill_everywhere({{"run-weekly", "--now", "2000-06-05T14:00:00Z"}},
                            {"checkpoint", "--due", "--now", "2000-06-20T14:00:00Z"}),
            100);
}

TEST(ProcessSweep, Tick) {
  EXPECT_GE(kill_everywhere({{"run-weekly", "--now", "2000-06-05T14:00:00Z"}},
                            {"due", "--run", "--now", "2000-06-14T14:00:00Z"}),
            100);
}

TEST(ProcessSweep, BackfillOfTwoWeeks) {
  EXPECT_GE(kill_everywhere({}, {"backfill", "--from", "2000-06-05", "--to", "2000-06-12", "--now",
                                 "2000-07-05T14:00:00Z"}),
            200);
}

// --- against both vendors, on a local server ------------------------------------------------------------------

class NetworkSweep : public testing::Test {
 protected:
  LoopbackServer::Answer answer(const LoopbackServer::Request& request) {
    LoopbackServer::Answer answer;
    answer.stall = stall_.load();
    answer.body = request.method == "POST"
                      ? chat_completion_body()
                      : alpha_vantage_body(query_parameter(request.target, "symbol"), Date(2025, 2, 28));
    return answer;
  }
  Env env() const {
    return {{"AM_PICKER", "openai"},
            {"AM_PRICES", "alpha-vantage"},
            {"OPENAI_API_KEY", "sk-not-a-key-at-all"},
            {"OPENAI_BASE_URL", server_.url() + "/v1"},
            {"ALPHA_VANTAGE_API_KEY", "not-a-key-either"},
            {"ALPHA_VANTAGE_BASE_URL", server_.url()},
            // What a killed process had reserved stays reserved for a minute, which is not the subject here.
            {"ALPHA_VANTAGE_LIMITS", "1000/min"}};
  }
  /// "AAPL MSFT SPY XOM chat": every request so far, sorted.
  std::string asked() const {
    std::vector<std::string> names;
    for (const auto& request : server_.requests()) {
      names.push_back(request.method == "POST" ? "chat" : query_parameter(request.target, "symbol"));
    }
    std::ranges::sort(names);
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : " ") + name;
    return all;
  }
  std::size_t chats() const {
    const auto requests = server_.requests();
    return static_cast<std::size_t>(std::ranges::count(requests, "POST", &LoopbackServer::Request::method));
  }

  std::atomic<std::chrono::milliseconds> stall_{};
  TestDb home_;
  LoopbackServer server_{[this](const LoopbackServer::Request& request) { return answer(request); }};
  const Args weekly_{"run-weekly", "--now", "2025-03-03T14:00:00Z"};
};

TEST_F(NetworkSweep, TenAtOnceCostOneRequestEach) {
  stall_ = std::chrono::milliseconds(50);
  Env all = sweep_env(home_);
  for (const auto& [name, value] : env()) all[name] = value;
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < 10; ++i)
    processes.push_back(std::make_unique<Process>(am_command(weekly_), ProcessOptions{.env = all}));
  int created = 0;
  for (const auto& process : processes) {
    const Finished done = process->wait();
    EXPECT_EQ(done.exit, 0) << done.err;
    created += done.out.find("unchanged") == std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(asked(), "AAPL MSFT SPY XOM chat");
  const auto db = home_.open();
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM batches"), "1");
  EXPECT_EQ(value_of(*db, "SELECT count(*) FROM picks"), "3");
}

TEST_F(NetworkSweep, PicksThatWereRecordedAreNeverPaidForAgain) {
  const auto db = home_.open();
  const int points = points_of(home_, weekly_, env());
  const std::string expected = dump_picks(*db);
  EXPECT_EQ(asked(), "AAPL MSFT SPY XOM chat");
  EXPECT_GE(points, 30);
  int before = 0;
  int after = 0;
  // Around the record each point counts, later ones are sampled.
  for (int n = 1; n <= points; n += after < 3 ? 1 : 5) {
    SCOPED_TRACE("SIGKILL at point " + std::to_string(n) + " of " + std::to_string(points));
    empty_picks(*db);
    const std::size_t start = chats();
    EXPECT_EQ(am_crash(home_, weekly_, n, env()).signal, SIGKILL);
    const std::size_t crashed = chats();
    const bool recorded =
        value_of(
            *db,
            "SELECT count(*) FROM ops.steps WHERE name = 'generate_picks' AND finished_at IS NOT NULL") ==
        "1";
    const Finished rerun = am(home_, weekly_, env());
    EXPECT_EQ(rerun.exit, 0) << rerun.err;
    EXPECT_EQ(dump_picks(*db), expected);
    if (recorded) {
      EXPECT_EQ(chats(), crashed) << "recorded, and asked again";
    } else {
      EXPECT_EQ(chats(), crashed + 1);
      EXPECT_LE(crashed, start + 1);
    }
    ++(recorded ? after : before);
    if (HasFailure()) break;
  }
  EXPECT_GE(before, 5);
  EXPECT_GE(after, 5);
}

}  // namespace
}  // namespace am::test
