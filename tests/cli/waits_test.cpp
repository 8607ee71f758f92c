// Whatever the real `am` waits for, it ends: by its own deadline, and within a second of SIGTERM and SIGINT.

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/am_process.hpp"
#include "support/served.hpp"
#include "support/silent_relay.hpp"

namespace am::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Env = std::map<std::string, std::string>;
using When = SilentRelay::When;

/// A second is promised; the rest is what a busy machine may add. What these tests wait for would take ten at least.
constexpr std::chrono::seconds kPrompt{4};

Env with(Env env, const Env& more) {
  for (const auto& [name, value] : more) env[name] = value;
  return env;
}

Finished end_by(int signal, Process& process) {
  const auto start = std::chrono::steady_clock::now();
  process.signal(signal);
  const Finished done = process.wait();
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPrompt);
  return done;
}

const std::vector<std::string> kWeekly{"run-weekly", "--now", kDeskNow};

// --- a database that takes connections and says nothing -----------------------------------------------------

TEST(SilentDatabase, StatementEndsByItsDeadline) {
  const TestDb home;
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"status"}, {"report"}, {"migrate", "status"}, kWeekly}) {
    SilentRelay relay(When::after_login);
    const Finished done = am(args, with(desk_env(home), {{"DATABASE_URL", relay.url(home.name())},
                                                         {"AM_DATABASE_STATEMENT_TIMEOUT_MS", "200"}}));
    EXPECT_EQ(done.exit, 69) << args.front() << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("no answer within 200 ms"), HasSubstr("hint: "))) << args.front();
  }
}

TEST(SilentDatabase, ConnectingEndsByItsDeadline) {
  SilentRelay relay(When::at_once);
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const std::string url =
        "postgresql://am@" + std::string(host) + ":" + std::to_string(relay.port()) + "/am";
    const Finished done = am({"status"}, {{"DATABASE_URL", url}, {"AM_DATABASE_CONNECT_TIMEOUT_MS", "100"}});
    EXPECT_EQ(done.exit, 69) << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("no connection (timed out)"), HasSubstr("hint: ")));
  }
}

TEST(SilentDatabase, SignalEndsAStatementAndConnecting) {
  const TestDb home;
  for (const When when : {When::at_once, When::after_login}) {
    for (const auto& [signal, code] : {std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}}) {
      SilentRelay relay(when);
      Process process(am_command(kWeekly),
                      {.env = with(desk_env(home), {{"DATABASE_URL", relay.url(home.name())}})});
      ASSERT_TRUE(relay.wait_for_a_victim());
      EXPECT_EQ(end_by(signal, process).exit, code);
    }
  }
}

TEST(SilentDatabase, SignalEndsAMigration) {
  const TestDb home(TestDb::Content::empty);
  SilentRelay relay(When::after_login);
  Process process(am_command({"migrate"}), {.env = {{"DATABASE_URL", relay.url(home.name())}}});
  ASSERT_TRUE(relay.wait_for_a_victim());
  EXPECT_EQ(end_by(SIGTERM, process).exit, 143);
}

TEST(SilentDatabase, ServerThatServesEndsAtOnceAndWell) {
  const TestDb home;
  SilentRelay relay(When::on_demand);
  Served served({{"DATABASE_URL", relay.url(home.name())},
                 {"AM_SERVER_READ_TIMEOUT_MS", "60000"},
                 {"AM_SERVER_FRESH_MS", "0"}});
  ASSERT_EQ(served.get("/batches").status, 200);
  relay.silence();
  std::thread client([&] { EXPECT_EQ(served.get("/batches").status, 503); });
  EXPECT_TRUE(relay.wait_for_a_victim());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(served.end().exit, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPrompt);
  client.join();
}

// --- a lock that somebody holds -----------------------------------------------------------------------------

class LockedTable : public testing::Test {
 protected:
  void lock(const std::string& table) {
    holder_ = home_.open();
    held_ = holder_->begin();
    held_->query("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
  }
  bool somebody_waits() {
    return wait_until(*db_,
                      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                      "wait_event_type = 'Lock')");
  }

  const TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::unique_ptr<kernel::Db> holder_;
  std::unique_ptr<kernel::Transaction> held_;
};

TEST_F(LockedTable, WaitingEndsByItsDeadline) {
  lock("batches");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"report"}, {"status"}, {"checkpoint", "--due"}, kWeekly}) {
    const Finished done = am(args, with(desk_env(home_), {{"AM_DATABASE_LOCK_TIMEOUT_MS", "100"},
                                                          {"AM_DATABASE_STATEMENT_TIMEOUT_MS", "500"}}));
    EXPECT_EQ(done.exit, 69) << args.front() << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("am: "), HasSubstr("hint: "), HasSubstr("pg_blocking_pids")));
  }
  held_.reset();
  EXPECT_EQ(am(kWeekly, desk_env(home_)).exit, 0);
}

TEST_F(LockedTable, SignalEndsTheWaitAndReleasesTheRun) {
  lock("batches");
  for (const auto& [signal, code] : {std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}}) {
    Process process(am_command(kWeekly), {.env = desk_env(home_)});
    ASSERT_TRUE(somebody_waits());
    EXPECT_EQ(end_by(signal, process).exit, code);
    EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.runs WHERE status = 'running'"), "0");
    EXPECT_EQ(value_of(*db_,
                       "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                       "wait_event_type = 'Lock'"),
              "0")
        << "the server waits no longer, either";
  }
}

TEST_F(LockedTable, SignalEndsAMigrationsScriptAndTheWaitForIt) {
  lock("batches");
  const Directory files;
  for (const kernel::Migration& migration : kernel::embedded_migrations()) {
    const std::string number = std::to_string(migration.version);
    const std::string stem = std::string(4 - number.size(), '0') + number + "_" + migration.name;
    files.file(stem + ".up.sql", migration.up);
    files.file(stem + ".down.sql", migration.down);
  }
  const std::string next = "00" + std::to_string(kernel::embedded_migrations().size() + 1) + "_next";
  files.file(next + ".up.sql", "LOCK TABLE batches;");
  files.file(next + ".down.sql", "SELECT 1;");
  const std::vector<std::string> migrate = am_command({"migrate", "--dir", files.path().string()});
  const Env env = with(desk_env(home_), {{"AM_DATABASE_STATEMENT_TIMEOUT_MS", "100"}});
  Process first(migrate, {.env = env});
  ASSERT_TRUE(somebody_waits());
  Process second(migrate, {.env = env});
  ASSERT_TRUE(wait_until(*db_,
                         "SELECT count(*) > 1 FROM pg_stat_activity WHERE datname = current_database() AND "
                         "application_name = 'am'"));
  EXPECT_EQ(end_by(SIGTERM, second).exit, 143);
  EXPECT_EQ(end_by(SIGTERM, first).exit, 143);
}

// --- a pipe without a writer --------------------------------------------------------------------------------

struct Pipe {
  const char* name;
  std::function<std::vector<std::string>(const std::string& pipe, const Directory& directory)> args;
  const char* variable = nullptr;
};

/// Each way of naming a file.
std::vector<Pipe> pipes() {
  const std::string source = AM_SOURCE_DIR;
  return {{"config.toml",
           [](const std::string& pipe, const Directory&) {
             return std::vector<std::string>{"config", "check", "--config", pipe};
           }},
          {"config_by_variable.toml",
           [](const std::string&, const Directory&) { return std::vector<std::string>{"config", "check"}; },
           "AM_CONFIG"},
          {"secret",
           [](const std::string&, const Directory&) { return std::vector<std::string>{"config", "check"}; },
           "OPENAI_API_KEY_FILE"},
          {"picks.json",
           [](const std::string& pipe, const Directory&) {
             return std::vector<std::string>{"run-weekly", "--now", kDeskNow, "--picker", "file:" + pipe};
           }},
          {"market.toml",
           [source](const std::string&, const Directory& directory) {
             std::filesystem::copy_file(source + "/tests/fixtures/desk/market/closes.csv",
                                        directory.path() / "closes.csv");
             return std::vector<std::string>{"run-weekly", "--now", kDeskNow, "--prices",
                                             "csv:" + directory.path().string()};
           }},
          {"0001_first.up.sql", [](const std::string&, const Directory& directory) {
             return std::vector<std::string>{"migrate", "plan", "--dir", directory.path().string()};
           }}};
}

TEST(PipeWithoutAWriter, EndsByItsDeadline) {
  const TestDb home;
  std::vector<std::unique_ptr<Directory>> directories;
  std::vector<std::unique_ptr<Process>> processes;  // at once: each takes a second
  for (const Pipe& each : pipes()) {
    directories.push_back(std::make_unique<Directory>());
    const std::string pipe = directories.back()->pipe(each.name);
    std::vector<std::string> args = each.args(pipe, *directories.back());
    args.insert(args.end(), {"--max-wait", "0", "--on-busy", "fail"});
    Env env = desk_env(home);
    if (each.variable != nullptr) env[each.variable] = pipe;
    processes.push_back(std::make_unique<Process>(am_command(args), ProcessOptions{.env = env}));
  }
  std::size_t pipe = 0;
  for (const auto& process : processes) {
    const std::string name = pipes()[pipe].name;
    const Finished done = process->wait();
    EXPECT_EQ(done.exit, 69) << name << done.err;
    EXPECT_THAT(done.err,
                AllOf(HasSubstr((directories[pipe]->path() / name).string() + ": nobody wrote to this pipe"),
                      HasSubstr("hint: ")))
        << name;
    ++pipe;
  }
}

TEST(PipeWithoutAWriter, SignalEndsTheWait) {
  const TestDb home;
  for (const Pipe& each : pipes()) {
    const Directory directory;
    const std::string pipe = directory.pipe(each.name);
    Env env = desk_env(home);
    if (each.variable != nullptr) env[each.variable] = pipe;
    Process process(am_command(each.args(pipe, directory)), {.env = env});
    ASSERT_TRUE(wait_until_open(process, pipe)) << each.name;
    EXPECT_EQ(end_by(SIGTERM, process).exit, 143) << each.name;
  }
}

TEST(PipeWithAWriter, IsReadToItsEnd) {
  const TestDb home;
  const std::string picks = std::string(AM_SOURCE_DIR) + "/tests/fixtures/desk/picks.json";
  const std::vector<std::string> shell{"/bin/bash", "-c",
                                       "\"$0\" run-weekly --now " + kDeskNow +
                                           " --config <(sleep 0.2; echo '[log]'; echo 'level = \"error\"') " +
                                           "--picker file:<(head -c 20 " + picks +
                                           "; sleep 0.2; tail -c +21 " + picks + ")",
                                       AM_BINARY_DIR "/am"};
  const Finished done = run_process(shell, {.env = desk_env(home)});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("created"));
  EXPECT_EQ(done.err, "") << "the level of the configuration";
}

TEST(StandardInput, SignalEndsTheWait) {
  const TestDb home;
  const auto db = home.open();
  const Directory directory;
  const std::string pipe = directory.pipe("stdin");
  const int writer = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  Process process(am_command({"run-weekly", "--now", kDeskNow, "--picker", "-"}),
                  {.env = desk_env(home), .stdin_from = pipe});
  ASSERT_TRUE(wait_until(*db, "SELECT true FROM ops.steps WHERE name = 'generate_picks'"));
  EXPECT_EQ(end_by(SIGTERM, process).exit, 143);
  EXPECT_EQ(value_of(*db, "SELECT status FROM ops.runs"), "interrupted");
  close(writer);
}

TEST(StandardOutput, SignalEndsTheWaitForAReader) {
  const Directory directory;
  const std::string pipe = directory.pipe("stdout");
  const int reader = open(pipe.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  // Full but for what is written next.
  const std::string line(4096, '.');
  while (write(reader, line.data(), line.size()) > 0) {
  }
  Process process(am_command({"exit-codes"}), {.env = {}, .stdout_to = pipe});
  ASSERT_TRUE(wait_until_signals_are_handled(process));
  EXPECT_EQ(end_by(SIGTERM, process).exit, 143);
  close(reader);
}

// --- vendors and their budget -------------------------------------------------------------------------------

TEST(SilentVendor, SignalEndsTheRequestAndReleasesTheRun) {
  const TestDb home;
  const auto db = home.open();
  for (const char* method : {"POST", "GET"}) {
    std::atomic<bool> asked{false};
    LoopbackServer server([&](const LoopbackServer::Request& request) {
      LoopbackServer::Answer answer = vendors(request);
      if (request.method != method) return answer;
      asked = true;
      answer.stall = std::chrono::seconds(60);
      return answer;
    });
    Process process(am_command(kWeekly), {.env = vendor_env(home, server)});
    for (int i = 0; i < 3000 && !asked; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_TRUE(asked);
    EXPECT_EQ(end_by(SIGTERM, process).exit, 143);
    EXPECT_EQ(value_of(*db, "SELECT status FROM ops.runs WHERE job = 'weekly_pick_v1'"), "interrupted");
  }
}

TEST(SpentBudget, SignalEndsTheWait) {
  const TestDb home;
  const auto db = home.open();
  LoopbackServer server(vendors);
  ASSERT_EQ(am({"limits", "pause", "alpha_vantage", "--for", "1min", "--reason", "a test"},
               vendor_env(home, server))
                .exit,
            0);
  Process process(am_command(kWeekly), {.env = vendor_env(home, server)});
  ASSERT_TRUE(wait_until(*db, "SELECT true FROM ops.steps WHERE name = 'snapshot_prices'"));
  EXPECT_EQ(end_by(SIGTERM, process).exit, 143);
}

}  // namespace
}  // namespace am::test
