// Leases are kept while their holder computes, and are over here before anyone else can have them.

#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "queue_bed.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() {
    make_queue_table(*db_);
    enqueue(queue_, *db_, {{"a", "{}"}});
  }
  static QueueSpec short_lease() {
    QueueSpec spec = queue_spec();
    spec.lease = milliseconds(800);
    return spec;
  }
  DbOptions options() const {
    DbOptions options;
    options.url = home_.url();
    options.application_name = "heartbeat of a test";
    return options;
  }
  std::string connections() {
    return test::value_of(*db_,
                          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                          "application_name = 'heartbeat of a test'");
  }
  /// One item, claimed with its lease.
  static std::pair<Item, Lease> claim(Queue& queue, Heartbeat& heartbeat) {
    const SteadyTime claimed = steady_clock::now();
    std::vector<Item> items = queue.claim(1);
    std::vector<Lease> leases =
        heartbeat.hold(queue.spec().lease, claimed, {"item " + items.at(0).key}, queue.renewer(items));
    return {std::move(items[0]), std::move(leases[0])};
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  PgQueue queue_{*db_, short_lease()};
  std::ostringstream lines_;
  Log log_{lines_, {}};
};

TEST_F(HeartbeatTest, WhatComputesForSixLeasesKeepsItsOwn) {
  const auto other_db = home_.open();
  PgQueue other(*other_db, short_lease());
  Heartbeat heartbeat(options(), log_);
  const auto [item, lease] = claim(queue_, heartbeat);
  const auto end = steady_clock::now() + 6 * short_lease().lease;
  while (steady_clock::now() < end) {
    ASSERT_TRUE(lease.held());
    ASSERT_TRUE(other.claim(1).empty());
    std::this_thread::sleep_for(milliseconds(20));
  }
  db_->transact([&](Transaction& tx) { write_and_finish(queue_, tx, item); });
  EXPECT_EQ(lines_.str(), "");
}

TEST_F(HeartbeatTest, AShortCommandOpensNoSecondConnection) {
  PgQueue patient(*db_, queue_spec());
  {
    Heartbeat heartbeat(options(), log_);
    const auto [item, lease] = claim(patient, heartbeat);
    EXPECT_TRUE(lease.held());
    EXPECT_EQ(connections(), "0");
    db_->transact([&](Transaction& tx) { write_and_finish(patient, tx, item); });
    EXPECT_EQ(connections(), "0");
  }
  enqueue(queue_, *db_, {{"b", "{}"}});
  Heartbeat heartbeat(options(), log_);
  const auto [item, lease] = claim(queue_, heartbeat);
  while (connections() == "0" && lease.held()) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(connections(), "1") << "a third of the lease is over";
}

TEST_F(HeartbeatTest, WhatIsLetGoIsNotRenewed) {
  Heartbeat heartbeat(options(), log_);
  {
    const auto [item, lease] = claim(queue_, heartbeat);
  }
  std::vector<Item> again;
  while (again.empty()) again = queue_.claim(1);
  EXPECT_EQ(again[0].attempt, 2);
  EXPECT_EQ(connections(), "0");
}

TEST_F(HeartbeatTest, WithTheDatabaseAwayALeaseIsOverHereFirst) {
  DbOptions away = options();
  away.url = "postgresql://am@127.0.0.1:1/am";
  Heartbeat heartbeat(away, log_);
  const auto [item, lease] = claim(queue_, heartbeat);
  EXPECT_TRUE(lease.held());
  std::vector<Item> theirs;
  while (theirs.empty()) theirs = queue_.claim(1);
  EXPECT_FALSE(lease.held()) << "and before anybody else could have it";
  const Error late = test::error_of([&] { lease.check(); });
  EXPECT_EQ(late.kind(), ErrorKind::unavailable);
  EXPECT_EQ(late.message(),
            "item a: its lease was not renewed in time (the database was away, or this process stood still)");
  const std::string lines = lines_.str();
  EXPECT_NE(lines.find("leases could not be renewed"), std::string::npos);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << "told once: " << lines;
}

TEST_F(HeartbeatTest, ALeaseThatWasTakenAwayIsLost) {
  Heartbeat heartbeat(options(), log_);
  const auto [item, lease] = claim(queue_, heartbeat);
  cancel_items(*db_, queue_.spec(), {.keys = {"a"}}, "");
  while (lease.held()) std::this_thread::sleep_for(milliseconds(5));
  const Error lost = test::error_of([&] { lease.check(); });
  EXPECT_EQ(lost.kind(), ErrorKind::busy);
  EXPECT_EQ(lost.message(), "item a: its lease was lost, another process has it or it is over");
}

TEST_F(HeartbeatTest, AConnectionThatBreaksIsReplaced) {
  Heartbeat heartbeat(options(), log_);
  const auto [item, lease] = claim(queue_, heartbeat);
  const auto backend = [&](const std::string& before) {
    std::string pid;
    while ((pid.empty() || pid == before) && lease.held()) {
      pid = test::value_of(*db_,
                           "SELECT pid FROM pg_stat_activity WHERE application_name = 'heartbeat of a test'");
      std::this_thread::sleep_for(milliseconds(5));
    }
    return pid;
  };
  const std::string first = backend("");
  db_->query("SELECT pg_terminate_backend($1::int)", sql_values(first));
  EXPECT_NE(backend(first), first);
  EXPECT_TRUE(lease.held());
}

TEST_F(HeartbeatTest, ADesksOwnRowsAreRenewedBySayingHow) {
  db_->query("CREATE TABLE work.sessions (name text, beats int DEFAULT 0)");
  db_->query("INSERT INTO work.sessions VALUES ('one'), ('two'), ('three')");
  Heartbeat heartbeat(options(), log_);
  const std::vector<std::string> names{"one", "two", "three"};
  std::vector<Lease> leases = heartbeat.hold(
      milliseconds(600), steady_clock::now(), names, [names](Sql& sql, std::span<const std::size_t> kept) {
        std::vector<Renewal> fates;
        for (const std::size_t i : kept) {
          sql.query("UPDATE work.sessions SET beats = beats + 1 WHERE name = $1", sql_values(names[i]));
          fates.push_back(names[i] == "two" ? Renewal::lost : Renewal::renewed);
        }
        return fates;
      });
  {
    const Lease gone = std::move(leases[2]);
  }
  const auto beats = [&](const std::string& name) {
    return std::stoi(
        test::value_of(*db_, "SELECT beats FROM work.sessions WHERE name = $1", sql_values(name)));
  };
  while (beats("one") < 3 && leases[0].held()) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_TRUE(leases[0].held());
  EXPECT_FALSE(leases[1].held());
  EXPECT_EQ(beats("two"), 1) << "what is lost is not asked for again";
  EXPECT_EQ(beats("three"), 0);
}

TEST_F(HeartbeatTest, AWorkerThatWasStoppedPastItsLeaseIsFencedOut) {
  int to_parent[2];
  ASSERT_EQ(pipe(to_parent), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto db = home_.open();
    PgQueue queue(*db, short_lease());
    Heartbeat heartbeat(options(), log_);
    const auto [item, lease] = claim(queue, heartbeat);
    if (write(to_parent[1], "c", 1) != 1) _exit(9);
    while (lease.held()) std::this_thread::sleep_for(milliseconds(1));
    try {
      db->transact([&](Transaction& tx) { write_and_finish(queue, tx, item); });
    } catch (const Error& error) {
      _exit(error.kind() == ErrorKind::busy ? 0 : 2);
    }
    _exit(3);
  }
  ASSERT_GT(child, 0) << "-1 would be everybody's to kill()";
  char byte = 0;
  ASSERT_EQ(read(to_parent[0], &byte, 1), 1);
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  std::vector<Item> items;
  while (items.empty()) items = queue_.claim(1);
  ASSERT_EQ(kill(child, SIGCONT), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  db_->transact([&](Transaction& tx) { write_and_finish(queue_, tx, items[0]); });
  EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM work.results"), "1");
  close(to_parent[0]);
  close(to_parent[1]);
}

}  // namespace
}  // namespace am::kernel
