// What must not be lost while the database is away: a step's output, the end of a run.

#include <chrono>
#include <csignal>
#include <sstream>

#include <gtest/gtest.h>

#include "am/kernel/ledger.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using test::Break;
using test::error_of;
using test::value_of;
using RunPointer = std::unique_ptr<Run>;

constexpr const char* kOutputWrite = "UPDATE ops.steps";

class LedgerStore : public testing::Test {
 protected:
  LedgerStore() {
    LedgerOptions options;
    options.lease = seconds(1);
    own_ = home_.open([this](std::string_view what) {
      if (probe_) probe_(what);
    });
    ledger_ = std::make_unique<Ledger>(*own_, log_, stop_, options);
    run_ = ledger_->claim("job", "s", "{}").run;
  }

  /// The n-th attempt at the statement finds the database as `act` says.
  void on_attempt(std::string text, std::function<void(int n)> act) {
    probe_ = [text = std::move(text), act = std::move(act), n = 0](std::string_view what) mutable {
      if (what.find(text) != std::string_view::npos) act(++n);
    };
  }
  std::string step() {
    return run_->step("one", "h", [&] {
      ++asked_;
      return std::string(R"({"paid": true})");
    });
  }
  void finish_with_an_event() {
    run_->finish_with([&](Transaction& tx) {
      ++asked_;
      run_->fence(tx);
      Ledger::event(tx, "domain row", {}, run_->id());
    });
  }
  RunPointer take_over() {
    db_->query("UPDATE ops.runs SET lease_until = clock_timestamp() - interval '1 second', holder = NULL");
    return rival_.claim("job", "s", "{}").run;
  }
  static Error away() { return {ErrorKind::unavailable, "database: away"}; }
  std::string column(const std::string& what) {
    return value_of(*db_, "SELECT (" + what + ")::text FROM ops.runs");
  }
  std::string stored() {
    return value_of(*db_, "SELECT coalesce(output::text, '-') || (finished_at IS NOT NULL) FROM ops.steps");
  }
  std::string events() { return value_of(*db_, "SELECT count(*) FROM ops.events"); }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  std::unique_ptr<Db> rival_db_ = home_.open();
  std::function<void(std::string_view)> probe_;
  std::unique_ptr<Db> own_;
  std::ostringstream lines_;
  Log log_{lines_, {}};
  Stop stop_;
  Ledger rival_{*rival_db_, log_, stop_, {}};
  std::unique_ptr<Ledger> ledger_;
  RunPointer run_;
  int asked_ = 0;
};

TEST_F(LedgerStore, AConnectionThatBreaksAtTheOutputLosesNothing) {
  test::break_once(*db_, "UPDATE", "ops.steps", Break::in_statement);
  EXPECT_EQ(step(), R"({"paid": true})");
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(value_of(*db_, "SELECT last_value FROM public.breaks"), "2") << "it broke, and was tried again";
  EXPECT_EQ(stored(), R"({"paid": true}true)");
  EXPECT_NE(lines_.str().find("the database is away"), std::string::npos) << lines_.str();
}

TEST_F(LedgerStore, AnOutputThatIsStoredRenewsTheLease) {
  on_attempt(kOutputWrite, [&](int) {
    db_->query("UPDATE ops.runs SET lease_until = clock_timestamp() - interval '1 second'");  // a long answer
  });
  step();
  EXPECT_EQ(column("lease_until > clock_timestamp()"), "true");
}

TEST_F(LedgerStore, ADatabaseThatStaysAwayIsWaitedForAsLongAsALease) {
  on_attempt(kOutputWrite, [](int) { throw away(); });
  const auto start = steady_clock::now();
  const Error error = error_of([&] { step(); });
  EXPECT_GE(steady_clock::now() - start, std::chrono::milliseconds(500));
  EXPECT_LE(steady_clock::now() - start, seconds(10));
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_EQ(error.message(), "step one: its output could not be stored, and is lost: database: away");
  EXPECT_TRUE(error.retryable());
  EXPECT_EQ(asked_, 1);
}

TEST_F(LedgerStore, WhatIsNotTheDatabasesAbsenceEndsAtOnce) {
  on_attempt(kOutputWrite, [](int) { throw Error(ErrorKind::denied, "database: permission denied"); });
  const auto start = steady_clock::now();
  EXPECT_EQ(error_of([&] { step(); }).kind(), ErrorKind::denied);
  EXPECT_LT(steady_clock::now() - start, std::chrono::milliseconds(900));
}

TEST_F(LedgerStore, AServerThatComesBackMayRefuseForAWhile) {
  on_attempt(kOutputWrite, [](int n) {
    if (n == 1) throw away();
    if (n == 2) throw Error(ErrorKind::denied, "database: cannot execute UPDATE in a read-only transaction");
    if (n == 3) throw Error(ErrorKind::config, "database: does not exist");
  });
  step();
  EXPECT_EQ(stored(), R"({"paid": true}true)");
}

TEST_F(LedgerStore, WhoIsTakenOverWhileTheDatabaseIsAwaySaysThatTheOutputIsLost) {
  RunPointer winner;
  on_attempt(kOutputWrite, [&](int n) {
    if (n > 1) return;
    winner = take_over();
    throw away();
  });
  const Error error = error_of([&] { step(); });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_NE(error.message().find("is lost"), std::string::npos) << error.message();
  EXPECT_EQ(stored(), "-false");
  EXPECT_EQ(winner->step("one", "h", [] { return std::string(R"({"by": "winner"})"); }),
            R"({"by": "winner"})");
}

TEST_F(LedgerStore, AnOutputThatWasStoredAlthoughNobodySaidSoIsNotLost) {
  RunPointer winner;
  on_attempt(kOutputWrite, [&](int n) {
    if (n > 1) return;
    db_->query(R"(UPDATE ops.steps SET output = '{"paid": true}', finished_at = clock_timestamp())");
    winner = take_over();
    throw away();
  });
  const Error error = error_of([&] { step(); });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_EQ(error.message().find("lost"), std::string::npos) << error.message();
  EXPECT_EQ(winner->step("one", "h", [] { return std::string("{}"); }), R"({"paid": true})");
}

TEST_F(LedgerStore, AProcessThatIsAskedToEndDoesNotWaitForTheDatabase) {
  on_attempt(kOutputWrite, [&](int) {
    stop_.request(SIGTERM);
    throw away();
  });
  const Error error = error_of([&] { step(); });
  EXPECT_EQ(error.kind(), ErrorKind::terminated);
  EXPECT_NE(error.message().find("is lost: database: away, and this process was asked to end"),
            std::string::npos)
      << error.message();
}

TEST_F(LedgerStore, AnOutputIsStoredThoughTheProcessIsAskedToEnd) {
  stop_.request(SIGTERM);
  step();
  EXPECT_EQ(stored(), R"({"paid": true}true)");
}

TEST_F(LedgerStore, ACommitThatDidNotHappenIsRepeated) {
  test::break_once(*db_, "INSERT", "ops.events", Break::at_commit);
  finish_with_an_event();
  EXPECT_EQ(asked_, 2) << "its outcome was unknown, and looked up";
  EXPECT_EQ(column("status"), "done");
  EXPECT_EQ(events(), "1");
}

TEST_F(LedgerStore, ACommitThatDidHappenIsNotRepeated) {
  on_attempt("COMMITTED", [](int n) {
    if (n == 1) throw away().final();  // the answer to COMMIT is lost
  });
  finish_with_an_event();
  EXPECT_EQ(asked_, 2) << "the second time is fenced out";
  EXPECT_EQ(column("status || epoch"), "done1");
  EXPECT_EQ(events(), "1");
  run_.reset();
  EXPECT_EQ(column("status"), "done");
}

TEST_F(LedgerStore, AnEndOfItsOwnWhoseAnswerIsLostIsTheEnd) {
  on_attempt("UPDATE ops.runs SET status = 'done'", [&](int n) {
    if (n > 1) return;
    db_->query("UPDATE ops.runs SET status = 'done', lease_until = NULL, finished_at = clock_timestamp()");
    throw away();
  });
  run_->finish();
  EXPECT_EQ(column("status || epoch"), "done1");
}

TEST_F(LedgerStore, ARunThatIsTakenOverBetweenTwoCommitsIsNotFinished) {
  RunPointer winner;
  on_attempt("COMMIT", [&](int n) {
    if (n > 1) return;
    probe_ = {};
    throw away();
  });
  const auto attempt = [&](Transaction& tx) {
    if (++asked_ == 2) winner = take_over();
    run_->fence(tx);
    Ledger::event(tx, "domain row", {}, run_->id());
  };
  EXPECT_EQ(error_of([&] { run_->finish_with(attempt); }).kind(), ErrorKind::busy);
  EXPECT_EQ(events(), "0");
  EXPECT_EQ(column("status || epoch"), "running2");
}

TEST_F(LedgerStore, ARunWhoseWorkIsFoundDoneForgetsWhatItLeftUnfinished) {
  step();
  EXPECT_THROW(run_->step("two", "", []() -> std::string { throw Error(ErrorKind::data, "no"); }), Error);
  run_->finish_found();
  EXPECT_EQ(column("status"), "done");
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(name, ' ') FROM ops.steps"), "one");
}

}  // namespace
}  // namespace am::kernel
