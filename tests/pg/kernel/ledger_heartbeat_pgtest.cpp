// Leases of runs are kept by the heartbeat while a step lasts, and are over here before anyone else can have them.

#include <csignal>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/kernel/http_client.hpp"
#include "am/kernel/ledger.hpp"
#include "support/error_of.hpp"
#include "support/loopback_server.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::error_of;
using test::value_of;

constexpr milliseconds kShortLease{800};
constexpr milliseconds kSixLeases = 6 * kShortLease;

DbOptions heartbeat_options(const std::string& url) {
  DbOptions options;
  options.url = url;
  options.application_name = "heartbeat of runs";
  return options;
}

/// One process: its own connection, heartbeat and ledger.
struct BeatingProcess {
  explicit BeatingProcess(const test::TestDb& home, milliseconds lease = kShortLease,
                          const std::string& heartbeat_url = {})
      : db(home.open()),
        heartbeat(heartbeat_options(heartbeat_url.empty() ? home.url() : heartbeat_url), log),
        ledger(*db, log, stop, {.lease = lease, .max_wait = milliseconds(0), .heartbeat = &heartbeat}) {}
  std::unique_ptr<Db> db;
  std::ostringstream lines;
  Log log{lines, {}};
  Stop stop;
  Heartbeat heartbeat;
  Ledger ledger;
};

class RunLease : public testing::Test {
 protected:
  /// As if its holder were on another machine: only the lease can tell that it is dead.
  void move_holder() {
    Holder other = Holder::self();
    other.boot_id = "11111111-1111-1111-1111-111111111111";
    db_->query("UPDATE ops.runs SET holder = $1::jsonb", sql_values(other.to_json()));
  }
  std::string connections() {
    return value_of(*db_,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                    "application_name = 'heartbeat of runs'");
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
};

TEST_F(RunLease, StepsThatComputeOrWaitInSilenceForSixLeasesKeepTheirRuns) {
  test::LoopbackServer silent(
      [](const test::LoopbackServer::Request&) { return test::LoopbackServer::Answer{.stall = kSixLeases}; });
  BeatingProcess computing(home_), waiting(home_);
  const Claim computed = computing.ledger.claim("job", "computes", "{}");
  const Claim answered = waiting.ledger.claim("job", "waits", "{}");
  move_holder();
  std::thread computation([&] {
    computed.run->step("slow", "", [&] {
      const auto end = steady_clock::now() + kSixLeases;
      while (steady_clock::now() < end) {
      }
      return "{}";
    });
    computed.run->finish();
  });
  std::thread request([&] {
    answered.run->step("slow", "", [&] {
      HttpRequest asked;
      asked.url = silent.url();
      asked.timeout = 2 * kSixLeases;
      return "{\"status\": " + std::to_string(make_curl_transport("am")->send(asked).status) + "}";
    });
    answered.run->finish();
  });
  Stop stop;
  std::ostringstream lines;
  Log log(lines, {});
  Ledger other(*db_, log, stop, {.fail_when_busy = true});
  const auto is_done = [&](const std::string& slot) {
    try {
      const Claim theirs = other.claim("job", slot, "{}");
      EXPECT_FALSE(theirs.run) << slot << ": taken over from a process that is well";
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::busy);
      return false;
    }
  };
  for (bool computes = false, waits = false; !computes || !waits;) {
    computes = computes || is_done("computes");
    waits = waits || is_done("waits");
    std::this_thread::sleep_for(milliseconds(20));
  }
  computation.join();
  request.join();
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(status || attempt, ' ') FROM ops.runs"), "done1 done1");
}

TEST_F(RunLease, ARunThatWasTakenAwayIsFoundOutBetweenItsSteps) {
  BeatingProcess holder(home_);
  const Claim claim = holder.ledger.claim("job", "s", "{}");
  holder.ledger.check_leases();
  Stop stop;
  Ledger(*db_, holder.log, stop, {}).break_lock(claim.run_id, "a test");
  const Error lost = error_of([&] {
    for (;; std::this_thread::sleep_for(milliseconds(2))) holder.ledger.check_leases();
  });
  EXPECT_EQ(lost.kind(), ErrorKind::busy) << lost.message();
}

TEST_F(RunLease, WithTheDatabaseAwayItIsOverHereBeforeAnyoneElseCanHaveIt) {
  BeatingProcess holder(home_, kShortLease, "postgresql://am@127.0.0.1:1/am");
  const Claim claim = holder.ledger.claim("job", "s", "{}");
  move_holder();
  BeatingProcess other(home_);
  std::optional<Claim> theirs;
  while (!theirs) {
    try {
      theirs = other.ledger.claim("job", "s", "{}");
    } catch (const Error&) {
      std::this_thread::sleep_for(milliseconds(2));
    }
  }
  const Error late = error_of([&] { holder.ledger.check_leases(); });
  EXPECT_EQ(late.kind(), ErrorKind::unavailable) << late.message();
}

TEST_F(RunLease, WhatRenewsItMakesItHeldAgain) {
  BeatingProcess holder(home_, kShortLease, "postgresql://am@127.0.0.1:1/am");
  const Claim claim = holder.ledger.claim("job", "s", "{}");
  const Error late = error_of([&] {
    for (;; std::this_thread::sleep_for(milliseconds(2))) holder.ledger.check_leases();
  });
  EXPECT_EQ(late.kind(), ErrorKind::unavailable) << late.message();
  claim.run->step("next", "", [&] {
    holder.ledger.check_leases();
    return "{}";
  });
}

TEST_F(RunLease, AShortCommandOpensNoSecondConnection) {
  {
    BeatingProcess holder(home_, std::chrono::seconds(120));
    const Claim claim = holder.ledger.claim("job", "short", "{}");
    claim.run->step("one", "", [] { return "{}"; });
    holder.ledger.check_leases();
    claim.run->finish();
    EXPECT_EQ(connections(), "0");
  }
  BeatingProcess holder(home_);
  const Claim claim = holder.ledger.claim("job", "long", "{}");
  const auto end = steady_clock::now() + kShortLease;
  while (connections() == "0" && steady_clock::now() < end) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(connections(), "1") << "a third of the lease is over";
}

TEST_F(RunLease, WhoeverWasStoppedPastItIsFencedOut) {
  int to_parent[2];
  ASSERT_EQ(pipe(to_parent), 0);
  const pid_t child = fork();
  if (child == 0) {
    BeatingProcess holder(home_);
    const Claim claim = holder.ledger.claim("job", "s", "{}");
    int code = 3;
    try {
      claim.run->step("slow", "", [&] {
        if (write(to_parent[1], "c", 1) != 1) _exit(9);
        try {
          for (;; std::this_thread::sleep_for(milliseconds(1))) holder.ledger.check_leases();
          // NOLINTNEXTLINE(bugprone-empty-catch): it goes on to write, as who never looked would
        } catch (const Error&) {
        }
        return "{}";
      });
    } catch (const Error& error) {
      code = error.kind() == ErrorKind::busy ? 0 : 2;
    }
    _exit(code);
  }
  ASSERT_GT(child, 0) << "-1 would be everybody's to kill()";
  char byte = 0;
  ASSERT_EQ(read(to_parent[0], &byte, 1), 1);
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  move_holder();
  BeatingProcess other(home_, std::chrono::seconds(120));
  std::optional<Claim> theirs;
  while (!theirs) {
    try {
      theirs = other.ledger.claim("job", "s", "{}");
    } catch (const Error&) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  ASSERT_EQ(kill(child, SIGCONT), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM ops.steps WHERE finished_at IS NOT NULL"), "0");
  theirs->run->finish();
  close(to_parent[0]);
  close(to_parent[1]);
}

}  // namespace
}  // namespace am::kernel
