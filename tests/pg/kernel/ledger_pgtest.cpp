// Length: one fixture and one subject; the cases read best in a row.
#include <atomic>
#include <csignal>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/kernel/ledger.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::error_of;
using test::value_of;
using ClaimedRun = Run;  // testing::Test has a Run of its own

/// One process: its own connection and ledger.
struct Process {
  explicit Process(const test::TestDb& home, LedgerOptions options = {})
      : db(home.open()), ledger(*db, log, stop, options) {}
  std::unique_ptr<Db> db;
  std::ostringstream lines;
  Log log{lines, {}};
  Stop stop;
  Ledger ledger;
};

LedgerOptions impatient() {
  LedgerOptions options;
  options.fail_when_busy = true;
  return options;
}

class LedgerTest : public testing::Test {
 protected:
  std::string run_column(const std::string& column, const std::string& slot = "s") {
    return value_of(*db_, "SELECT (" + column + ")::text FROM ops.runs WHERE slot = $1", sql_values(slot));
  }
  std::string count(const std::string& table) { return value_of(*db_, "SELECT count(*) FROM " + table); }
  /// As if the holder were on another machine: only the lease can tell that it is dead.
  void hold_elsewhere(milliseconds lease) {
    Holder other = Holder::self();
    other.host = "far-away";
    other.boot_id = "11111111-1111-1111-1111-111111111111";
    db_->query(
        "UPDATE ops.runs SET holder = $1::jsonb, lease_until = clock_timestamp() + $2::bigint * interval '1 "
        "millisecond'",
        sql_values(other.to_json(), lease.count()));
  }
  /// Lets that run fall to another process while its holder believes to be alive.
  std::unique_ptr<ClaimedRun> take_over(Process& by) {
    hold_elsewhere(milliseconds(-1000));
    Claim claim = by.ledger.claim("job", "s", "{}");
    EXPECT_TRUE(claim.run);
    return std::move(claim.run);
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
};

TEST_F(LedgerTest, ASlotIsWorkedOnOnceAndThenDone) {
  Process p(home_);
  Claim claim = p.ledger.claim("job", "s", R"({"picker": "file"})");
  ASSERT_TRUE(claim.run);
  EXPECT_EQ(claim.run->id(), claim.run_id);
  EXPECT_EQ(claim.run->attempt(), 1);
  EXPECT_EQ(claim.run->recovered_from(), "");
  EXPECT_EQ(run_column("status"), "running");
  EXPECT_EQ(run_column("lease_until > clock_timestamp()"), "true");
  claim.run->finish();
  EXPECT_EQ(run_column("status"), "done");
  EXPECT_EQ(run_column("lease_until IS NULL AND finished_at IS NOT NULL"), "true");
  claim.run.reset();
  EXPECT_EQ(run_column("status"), "done") << "the end of the object changes nothing";
  const Claim again = p.ledger.claim("job", "s", "{}");
  EXPECT_FALSE(again.run);
  EXPECT_EQ(again.run_id, claim.run_id);
  EXPECT_TRUE(p.ledger.claim("job", "other", "{}").run);
  EXPECT_TRUE(p.ledger.claim("other", "s", "{}").run);
}

TEST_F(LedgerTest, AFailureIsRecordedByItsKindAndTheNextClaimGoesOn) {
  Process p(home_);
  const Instant later = *parse_rfc3339("2031-01-01T00:00:00Z");
  const std::vector<std::pair<ErrorKind, std::string>> kinds = {{ErrorKind::deferred, "deferred"},
                                                                {ErrorKind::interrupted, "interrupted"},
                                                                {ErrorKind::terminated, "interrupted"},
                                                                {ErrorKind::busy, "interrupted"},
                                                                {ErrorKind::data, "failed"},
                                                                {ErrorKind::unavailable, "failed"}};
  int attempt = 1;
  std::string previous;
  for (const auto& [kind, status] : kinds) {
    const Claim claim = p.ledger.claim("job", "s", attempt == 1 ? R"({"first": true})" : "{}");
    ASSERT_TRUE(claim.run);
    EXPECT_EQ(claim.run->attempt(), attempt++);
    EXPECT_EQ(claim.run->recovered_from(), previous);
    EXPECT_EQ(claim.run->params(), R"({"first": true})") << "as of the first claim";
    EXPECT_EQ(run_column("error IS NULL AND not_before IS NULL AND finished_at IS NULL"), "true");
    claim.run->fail(Error(kind, "a \"quoted\" problem", "a hint").retry_after(later));
    EXPECT_EQ(run_column("status"), status);
    EXPECT_EQ(run_column("error->>'message'"), "a \"quoted\" problem");
    EXPECT_EQ(run_column("lease_until IS NULL"), "true");
    EXPECT_EQ(run_column("not_before = '2031-01-01T00:00:00Z'"), "true");
    previous = status;
  }
  const auto info = p.ledger.find(value_of(*db_, "SELECT id::text FROM ops.runs"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->attempt, 6);
  EXPECT_EQ(info->error, "a \"quoted\" problem");
  EXPECT_EQ(info->not_before, later);
  EXPECT_FALSE(info->lease_live);
}

TEST_F(LedgerTest, ARunLeftUnfinishedIsInterruptedAndFreeAtOnce) {
  Process p(home_);
  p.ledger.claim("job", "s", "{}");
  EXPECT_EQ(run_column("status"), "interrupted");
  Process other(home_, impatient());
  EXPECT_EQ(other.ledger.claim("job", "s", "{}").run->recovered_from(), "interrupted");
}

TEST_F(LedgerTest, AFinishedStepIsReplayedNotRepeated) {
  Process p(home_);
  int calls = 0;
  const auto work = [&] { return R"({"n": )" + std::to_string(++calls) + "}"; };
  {
    const Claim claim = p.ledger.claim("job", "s", "{}");
    EXPECT_EQ(claim.run->step("one", "h", work), R"({"n": 1})");
    EXPECT_EQ(claim.run->step("one", "h", work), R"({"n": 1})");
    EXPECT_EQ(claim.run->step("one", "another input", work), R"({"n": 2})");
    EXPECT_EQ(claim.run->step("two", "h", work), R"({"n": 3})");
    claim.run->fail(Error(ErrorKind::data, "stopped here"));
  }
  Process later(home_);
  const Claim claim = later.ledger.claim("job", "s", "{}");
  EXPECT_EQ(claim.run->step("one", "h", work), R"({"n": 1})");
  EXPECT_EQ(claim.run->step("two", "h", work), R"({"n": 3})");
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(value_of(*db_, "SELECT max(attempts) FROM ops.steps"), "1") << "a replay is no attempt";
  EXPECT_NE(later.lines.str().find("step replayed"), std::string::npos);
}

TEST_F(LedgerTest, AttemptsOfAStepAreCountedUntilItIsFinished) {
  Process p(home_);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Claim claim = p.ledger.claim("job", "s", "{}");
    const auto work = [&]() -> std::string {
      if (attempt < 3) throw Error(ErrorKind::data, "not yet");
      return "{}";
    };
    if (attempt < 3) {
      EXPECT_THROW(claim.run->step("one", "", work), Error);
    } else {
      claim.run->step("one", "", work);
    }
    EXPECT_EQ(value_of(*db_, "SELECT attempts FROM ops.steps"), std::to_string(attempt));
    EXPECT_EQ(value_of(*db_, "SELECT finished_at IS NOT NULL FROM ops.steps"), attempt < 3 ? "f" : "t");
  }
  EXPECT_NE(p.lines.str().find(R"("retry_count":2)"), std::string::npos) << p.lines.str();
  const auto steps = p.ledger.steps(value_of(*db_, "SELECT id::text FROM ops.runs"));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].attempts, 3);
}

TEST_F(LedgerTest, WhoeverLostTheRunWritesNothing) {
  Process loser(home_);
  Process winner(home_);
  const Claim claim = loser.ledger.claim("job", "s", "{}");
  claim.run->step("before", "", [] { return "{}"; });
  const auto taken = take_over(winner);
  EXPECT_EQ(taken->recovered_from(), "lost");
  EXPECT_EQ(taken->attempt(), 2);
  const std::string before = test::value_of(*db_, "SELECT r::text FROM ops.runs r");

  ClaimedRun& lost = *claim.run;
  bool worked = false;
  const auto kind = [&](const std::function<void()>& work) { return error_of(work).kind(); };
  EXPECT_EQ(kind([&] {
              lost.step("after", "", [&] {
                worked = true;
                return std::string("{}");
              });
            }),
            ErrorKind::busy);
  EXPECT_FALSE(worked);
  EXPECT_EQ(kind([&] {
              loser.db->transact([&](Transaction& tx) {
                tx.query("INSERT INTO ops.events (kind) VALUES ('domain row')");
                lost.finish(tx);
              });
            }),
            ErrorKind::busy);
  EXPECT_EQ(kind([&] {
              loser.db->transact([&](Transaction& tx) {
                lost.step_in(tx, "after", "", [&](Transaction& sql) {
                  sql.query("INSERT INTO ops.events (kind) VALUES ('domain row')");
                  return std::string("{}");
                });
              });
            }),
            ErrorKind::busy);
  EXPECT_EQ(kind([&] { lost.fence(*loser.db); }), ErrorKind::busy);
  EXPECT_EQ(kind([&] { lost.finish(); }), ErrorKind::busy);
  EXPECT_FALSE(error_of([&] { lost.finish(); }).retryable()) << "the same attempt cannot win it back";
  lost.fail(Error(ErrorKind::data, "the loser's problem"));
  EXPECT_EQ(test::value_of(*db_, "SELECT r::text FROM ops.runs r"), before);
  EXPECT_EQ(count("ops.events"), "0");
  EXPECT_EQ(count("ops.steps"), "1");
  taken->finish();
  EXPECT_EQ(run_column("status"), "done");
}

TEST_F(LedgerTest, AStepThatWasOvertakenDoesNotStoreItsOutput) {
  Process loser(home_);
  Process winner(home_);
  const Claim claim = loser.ledger.claim("job", "s", "{}");
  std::unique_ptr<ClaimedRun> taken;
  const Error error = error_of([&] {
    claim.run->step("slow", "", [&] {
      taken = take_over(winner);
      return std::string(R"({"by": "loser"})");
    });
  });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_EQ(taken->step("slow", "", [] { return std::string(R"({"by": "winner"})"); }),
            R"({"by": "winner"})");
  EXPECT_EQ(winner.ledger.steps(claim.run_id).at(0).output, R"({"by": "winner"})");
}

TEST_F(LedgerTest, AnotherProcessWaitsForALiveHolderAndFindsTheWorkDone) {
  Process first(home_);
  Process second(home_);
  Claim claim = first.ledger.claim("job", "s", "{}");
  const auto start = steady_clock::now();
  std::jthread finisher([&] {
    std::this_thread::sleep_for(milliseconds(300));
    claim.run->finish();
  });
  const Claim waited = second.ledger.claim("job", "s", "{}");
  EXPECT_FALSE(waited.run);
  EXPECT_EQ(waited.run_id, claim.run_id);
  EXPECT_GE(steady_clock::now() - start, milliseconds(290));
}

TEST_F(LedgerTest, ABusySlotEndsTheWaitInTime) {
  Process first(home_);
  const Claim claim = first.ledger.claim("job", "s", "{}");
  Process hasty(home_, impatient());
  const Error at_once = error_of([&] { hasty.ledger.claim("job", "s", "{}"); });
  EXPECT_EQ(at_once.kind(), ErrorKind::busy);
  EXPECT_NE(at_once.message().find("pid " + std::to_string(getpid())), std::string::npos)
      << at_once.message();
  LedgerOptions options;
  options.max_wait = milliseconds(200);
  Process patient(home_, options);
  const auto start = steady_clock::now();
  EXPECT_EQ(error_of([&] { patient.ledger.claim("job", "s", "{}"); }).kind(), ErrorKind::busy);
  EXPECT_GE(steady_clock::now() - start, milliseconds(200));
  EXPECT_EQ(run_column("epoch"), "1");
  Process stopped(home_);
  stopped.stop.request(SIGTERM);
  EXPECT_EQ(error_of([&] { stopped.ledger.claim("job", "s", "{}"); }).kind(), ErrorKind::terminated);
}

TEST_F(LedgerTest, ADeadHolderOfThisMachineIsTakenOverAtOnce) {
  const pid_t child = fork();
  if (child == 0) {
    Process process(home_);  // the lease is two minutes
    const Claim claim = process.ledger.claim("job", "s", "{}");
    claim.run->step("one", "", [] { return "{}"; });
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(run_column("status"), "running");
  Process hasty(home_, impatient());
  const Claim claim = hasty.ledger.claim("job", "s", "{}");
  ASSERT_TRUE(claim.run);
  EXPECT_EQ(claim.run->recovered_from(), "lost");
  EXPECT_EQ(run_column("recovered_from"), "lost");
  EXPECT_EQ(claim.run->step("one", "", []() -> std::string { throw Error(ErrorKind::bug, "called again"); }),
            "{}");
}

TEST_F(LedgerTest, AHolderElsewhereKeepsTheRunUntilItsLeaseIsOver) {
  Process first(home_);
  const Claim claim = first.ledger.claim("job", "s", "{}");
  hold_elsewhere(milliseconds(700));
  Process hasty(home_, impatient());
  const Error error = error_of([&] { hasty.ledger.claim("job", "s", "{}"); });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_NE(error.message().find("far-away"), std::string::npos) << error.message();
  Process patient(home_);
  const auto start = steady_clock::now();
  const Claim taken = patient.ledger.claim("job", "s", "{}");
  ASSERT_TRUE(taken.run);
  EXPECT_GE(steady_clock::now() - start, milliseconds(400));
  EXPECT_EQ(taken.run->recovered_from(), "lost");
}

TEST_F(LedgerTest, AnUnreadableHolderIsNotTakenForDead) {
  Process first(home_);
  const Claim claim = first.ledger.claim("job", "s", "{}");
  db_->query("UPDATE ops.runs SET holder = '[1, 2]'");
  Process hasty(home_, impatient());
  EXPECT_EQ(error_of([&] { hasty.ledger.claim("job", "s", "{}"); }).kind(), ErrorKind::busy);
}

TEST_F(LedgerTest, ADoneSlotIsClaimedAgainOnlyWhenThatIsMeant) {
  Process p(home_);
  const std::string id = p.ledger.claim("job", "s", "{}", true).run->id();
  EXPECT_EQ(run_column("status"), "interrupted");
  p.ledger.claim("job", "s", "{}").run->finish();
  EXPECT_FALSE(p.ledger.claim("job", "s", "{}").run);
  const Claim again = p.ledger.claim("job", "s", "{}", true);
  ASSERT_TRUE(again.run);
  EXPECT_EQ(again.run->id(), id);
  EXPECT_EQ(again.run->recovered_from(), "done");
}

// --- record ------------------------------------------------------------------------------------------------

TEST_F(LedgerTest, RecordWritesRunStepAndEndWithTheCallersRows) {
  Process p(home_);
  const std::string id = "019bbbbb-0000-7000-8000-000000000001";
  {
    const auto tx = p.db->begin();
    EXPECT_TRUE(p.ledger.record(*tx, id, "job", "s", "one", R"({"a": 1})"));
  }
  EXPECT_EQ(count("ops.runs"), "0") << "rolled back as a whole";
  p.db->transact([&](Transaction& tx) {
    EXPECT_TRUE(p.ledger.record(tx, id, "job", "s", "one", R"({"a": 1})"));
    Ledger::event(tx, "something", {}, id, R"({"b": 2})");
  });
  EXPECT_EQ(run_column("id"), id);
  EXPECT_EQ(run_column("status"), "done");
  EXPECT_EQ(
      value_of(*db_, "SELECT output::text FROM ops.steps WHERE name = 'one' AND finished_at IS NOT NULL"),
      R"({"a": 1})");
  EXPECT_EQ(value_of(*db_, "SELECT kind || data::text || run_id::text FROM ops.events"),
            R"(something{"b": 2})" + id);
  EXPECT_FALSE(p.ledger.claim("job", "s", "{}").run) << "done for whoever claims it";
}

TEST_F(LedgerTest, RecordLeavesASlotAloneThatIsDoneOrInWork) {
  Process p(home_);
  Process other(home_);
  const std::string id = "019bbbbb-0000-7000-8000-000000000001";
  const std::string second = "019bbbbb-0000-7000-8000-000000000002";
  EXPECT_TRUE(p.ledger.record(*p.db, id, "job", "s", "one", R"({"a": 1})"));
  EXPECT_FALSE(other.ledger.record(*other.db, second, "job", "s", "one", R"({"a": 2})"));
  EXPECT_EQ(value_of(*db_, "SELECT output::text FROM ops.steps"), R"({"a": 1})");
  EXPECT_TRUE(other.ledger.record(*other.db, second, "job", "s", "one", R"({"a": 3})", true)) << "reopen";
  EXPECT_EQ(run_column("id"), id);
  EXPECT_EQ(run_column("epoch || '/' || attempt"), "2/2");
  EXPECT_EQ(value_of(*db_, "SELECT output::text || attempts FROM ops.steps"), R"({"a": 3}2)");

  const Claim running = p.ledger.claim("job", "t", "{}");
  EXPECT_FALSE(other.ledger.record(*other.db, second, "job", "t", "one", "{}", true));
  running.run->fail(Error(ErrorKind::deferred, "later"));
  EXPECT_TRUE(other.ledger.record(*other.db, second, "job", "t", "one", "{}"));
  EXPECT_EQ(run_column("status || recovered_from", "t"), "donedeferred");
  EXPECT_EQ(run_column("error IS NULL", "t"), "true");

  p.ledger.claim("job", "u", "{}");
  p.ledger.abandon(run_column("id", "u"));
  EXPECT_FALSE(other.ledger.record(*other.db, second, "job", "u", "one", "{}", true));
}

TEST_F(LedgerTest, RecordFencesOutAnAttemptThatEnded) {
  Process p(home_);
  Process other(home_);
  const Claim claim = p.ledger.claim("job", "s", "{}");
  claim.run->fail(Error(ErrorKind::data, "x"));
  EXPECT_TRUE(
      other.ledger.record(*other.db, "019bbbbb-0000-7000-8000-000000000001", "job", "s", "one", "{}"));
  EXPECT_EQ(error_of([&] { claim.run->finish(); }).kind(), ErrorKind::busy);
}

// --- for people --------------------------------------------------------------------------------------------

TEST_F(LedgerTest, AnAbandonedRunIsClosedUntilItIsResumed) {
  Process holder(home_);
  Process operator_(home_);
  const Claim claim = holder.ledger.claim("job", "s", "{}");
  claim.run->step("one", "", [] { return R"({"kept": true})"; });
  operator_.ledger.abandon(claim.run_id);
  EXPECT_EQ(run_column("status"), "abandoned");
  EXPECT_EQ(error_of([&] { claim.run->finish(); }).kind(), ErrorKind::busy)
      << "the live holder is fenced out";
  const Error refused = error_of([&] { operator_.ledger.claim("job", "s", "{}"); });
  EXPECT_EQ(refused.kind(), ErrorKind::needs_human);
  EXPECT_NE(refused.hint().find(claim.run_id), std::string::npos);
  EXPECT_EQ(error_of([&] { operator_.ledger.claim("job", "s", "{}", true); }).kind(), ErrorKind::needs_human);
  operator_.ledger.reopen(claim.run_id);
  const Claim resumed = operator_.ledger.claim("job", "s", "{}");
  ASSERT_TRUE(resumed.run);
  EXPECT_EQ(operator_.ledger.steps(resumed.run_id).at(0).output, R"({"kept": true})");
  resumed.run->finish();
  EXPECT_EQ(error_of([&] { operator_.ledger.abandon(claim.run_id); }).kind(), ErrorKind::needs_human);
  EXPECT_EQ(error_of([&] { operator_.ledger.abandon("019bbbbb-0000-7000-8000-000000000001"); }).kind(),
            ErrorKind::no_input);
}

TEST_F(LedgerTest, ADiscardedRunStartsFromNothing) {
  Process holder(home_);
  Process operator_(home_);
  const Claim claim = holder.ledger.claim("job", "s", "{}");
  claim.run->step("one", "", [] { return "{}"; });
  operator_.ledger.discard(*operator_.ledger.find(claim.run_id));
  EXPECT_EQ(count("ops.steps"), "0");
  EXPECT_EQ(error_of([&] { claim.run->finish(); }).kind(), ErrorKind::busy);
  const Claim fresh = operator_.ledger.claim("job", "s", "{}");
  EXPECT_NE(fresh.run_id, claim.run_id);
  EXPECT_EQ(fresh.run->attempt(), 1);
  EXPECT_TRUE(operator_.ledger.steps(fresh.run_id).empty());
}

TEST_F(LedgerTest, ListsByJobAndStatusLatestFirst) {
  Process p(home_);
  p.ledger.claim("a", "1", "{}").run->finish();
  p.ledger.claim("a", "2", "{}");
  p.ledger.claim("b", "1", "{}").run->finish();
  const auto slots = [](const std::vector<RunInfo>& runs) {
    std::string all;
    for (const RunInfo& run : runs) all += run.job + run.slot + " ";
    return all;
  };
  EXPECT_EQ(slots(p.ledger.list({}, {}, 10)), "b1 a2 a1 ");
  EXPECT_EQ(slots(p.ledger.list("a", {}, 10)), "a2 a1 ");
  EXPECT_EQ(slots(p.ledger.list({}, "done", 10)), "b1 a1 ");
  EXPECT_EQ(slots(p.ledger.list({}, {}, 1)), "b1 ");
  EXPECT_FALSE(p.ledger.find("019bbbbb-0000-7000-8000-000000000001"));
}

TEST_F(LedgerTest, TheBusinessTimeIsRecorded) {
  LedgerOptions options;
  options.business_now = parse_rfc3339("2025-03-03T14:00:00Z");
  Process p(home_, options);
  p.ledger.claim("job", "s", "{}").run->finish();
  EXPECT_EQ(run_column("business_now = '2025-03-03T14:00:00Z'"), "true");
}

// --- effects and events -----------------------------------------------------------------------------------

TEST_F(LedgerTest, AnEffectHappensOnce) {
  using State = Effect::State;
  EXPECT_EQ(begin_effect(*db_, {}, "e-mail", "key-1", R"({"to": "x"})").state, State::fresh);
  end_effect(*db_, "key-1", State::done, R"({"id": 7})");
  const Effect again = begin_effect(*db_, {}, "e-mail", "key-1", R"({"to": "y"})");
  EXPECT_EQ(again.state, State::done);
  EXPECT_EQ(again.response, R"({"id": 7})");
  EXPECT_EQ(value_of(*db_, "SELECT request::text FROM ops.effects"), R"({"to": "x"})");
  EXPECT_EQ(begin_effect(*db_, {}, "e-mail", "key-2", "{}").state, State::fresh);
  end_effect(*db_, "key-2", State::failed, "{}");
  EXPECT_EQ(begin_effect(*db_, {}, "e-mail", "key-2", "{}").state, State::failed);
}

TEST_F(LedgerTest, AnEffectCutOffInTheMiddleIsUnknown) {
  using State = Effect::State;
  Process p(home_);
  const Claim claim = p.ledger.claim("job", "s", "{}");
  EXPECT_EQ(begin_effect(*db_, claim.run_id, "order", "key", "{}").state, State::fresh);
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.effects"), "intent");
  EXPECT_EQ(begin_effect(*p.db, claim.run_id, "order", "key", "{}").state, State::unknown);
  EXPECT_EQ(begin_effect(*p.db, claim.run_id, "order", "key", "{}").state, State::unknown)
      << "and stays so until it is settled";
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.effects"), "unknown");
  end_effect(*db_, "key", State::done, "{}");
  EXPECT_EQ(begin_effect(*p.db, claim.run_id, "order", "key", "{}").state, State::done);
}

TEST_F(LedgerTest, AnEffectOfAProcessThatMayBeAliveIsLeftAlone) {
  using State = Effect::State;
  const auto begun_by = [&](const std::string& boot_id, long long pid, const std::string& start_ticks) {
    Holder other = Holder::self();
    other.boot_id = boot_id;
    other.pid = pid;
    other.start_ticks = start_ticks;
    db_->query("UPDATE ops.effects SET status = 'intent', holder = $1::jsonb", sql_values(other.to_json()));
  };
  begin_effect(*db_, {}, "order", "key", "{}");
  begun_by("11111111-1111-1111-1111-111111111111", 1, "1");
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}").state, State::held) << "on another machine";
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.effects"), "intent");
  end_effect(*db_, "key", State::done, "{}");
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}").state, State::done);

  begun_by("11111111-1111-1111-1111-111111111111", 1, "1");
  db_->query("UPDATE ops.effects SET created_at = clock_timestamp() - $1::bigint * interval '1 millisecond'",
             sql_values(kEffectPatience.count()));
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}").state, State::unknown) << "for too long";

  begun_by(Holder::self().boot_id, Holder::self().pid, "1");
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}", std::chrono::hours(1)).state, State::unknown)
      << "its number is another process's now";
}

TEST_F(LedgerTest, AnEffectIsBegunInTheTransactionOfItsCaller) {
  using State = Effect::State;
  {
    const auto tx = db_->begin();
    EXPECT_EQ(begin_effect(*tx, {}, "order", "key", "{}").state, State::fresh);
  }
  EXPECT_EQ(count("ops.effects"), "0") << "rolled back with it";
  db_->transact([&](Transaction& tx) {
    EXPECT_EQ(begin_effect(tx, {}, "order", "key", "{}").state, State::fresh);
    Ledger::event(tx, "ordered", {}, {});
  });
  EXPECT_EQ(value_of(*db_, "SELECT status FROM ops.effects"), "intent");
  db_->transact([&](Transaction& tx) { end_effect(tx, "key", State::done, R"({"id": 7})"); });
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}").response, R"({"id": 7})");
}

TEST_F(LedgerTest, AnEventGoesWithItsTransaction) {
  {
    const auto tx = db_->begin();
    Ledger::event(*tx, "lost", {}, {});
  }
  db_->transact([](Transaction& tx) {
    Ledger::event(tx, "kept", "019bbbbb-0000-7000-8000-000000000001", {}, R"({"why": "so"})");
  });
  EXPECT_EQ(value_of(*db_, "SELECT string_agg(kind || batch_id || data, ' ') FROM ops.events"),
            R"(kept019bbbbb-0000-7000-8000-000000000001{"why": "so"})");
}

// --- races ------------------------------------------------------------------------------------------------

TEST_F(LedgerTest, OfTenThatClaimOneSlotExactlyOneWorks) {
  std::atomic<int> worked{0};
  std::atomic<int> found_done{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back([&] {
        Process p(home_);
        const Claim claim = p.ledger.claim("job", "s", "{}");
        if (!claim.run) {
          ++found_done;
          return;
        }
        claim.run->step("one", "", [&] {
          ++worked;
          std::this_thread::sleep_for(milliseconds(50));
          return std::string("{}");
        });
        claim.run->finish();
      });
    }
  }
  EXPECT_EQ(worked, 1);
  EXPECT_EQ(found_done, 9);
  EXPECT_EQ(run_column("epoch"), "1");
}

TEST_F(LedgerTest, OfTenThatTakeOverALostRunExactlyOneWorksAtATime) {
  Process p(home_);
  Claim lost = p.ledger.claim("job", "s", "{}");
  hold_elsewhere(milliseconds(-1));
  std::atomic<int> worked{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back([&] {
        Process q(home_);
        const Claim claim = q.ledger.claim("job", "s", "{}");
        if (!claim.run) return;
        claim.run->step("one", "", [&] {
          ++worked;
          return std::string("{}");
        });
        claim.run->finish();
      });
    }
  }
  EXPECT_EQ(worked, 1);
  EXPECT_EQ(run_column("epoch || status"), "2done");
}

TEST_F(LedgerTest, OfTenThatRecordOneSlotExactlyOneWrites) {
  std::atomic<int> recorded{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
      threads.emplace_back([&, i] {
        Process p(home_);
        p.db->transact([&](Transaction& tx) {
          const std::string id = "019bbbbb-0000-7000-8000-00000000000" + std::to_string(i);
          if (!p.ledger.record(tx, id, "job", "s", "one", "{}")) return;
          Ledger::event(tx, "recorded", {}, id);
          ++recorded;
        });
      });
    }
  }
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(count("ops.events"), "1");
}

TEST_F(LedgerTest, WhoseLockIsBrokenWritesNothingMore) {
  Process slow(home_);
  const Claim claim = slow.ledger.claim("job", "s", "{}");
  ASSERT_TRUE(claim.run);
  Process operator_(home_, impatient());
  EXPECT_TRUE(operator_.ledger.break_lock(claim.run_id, "it hangs"));
  EXPECT_EQ(
      run_column("status || ' ' || epoch || ' ' || (lease_until IS NULL) || ' ' || (error->>'message')"),
      "interrupted 2 true the lock was broken: it hangs");
  EXPECT_EQ(
      value_of(*db_,
               "SELECT concat_ws(' ', kind, run_id = $1::uuid, data->>'job', data->>'slot', data->>'reason') "
               "FROM ops.events",
               sql_values(claim.run_id)),
      "lock_broken t job s it hangs");

  EXPECT_FALSE(operator_.ledger.break_lock(claim.run_id, "again")) << "it is not running";
  EXPECT_EQ(count("ops.events"), "1");

  const Claim next =
      operator_.ledger.claim("job", "s", "{}");  // at once: the holder lives, and its lease was new
  ASSERT_TRUE(next.run);
  EXPECT_EQ(next.run->recovered_from(), "interrupted");
  const auto write = [&](const std::function<void()>& work) {
    EXPECT_EQ(error_of(work).kind(), ErrorKind::busy);
  };
  write([&] { claim.run->step("one", "h", [] { return std::string("{}"); }); });
  write([&] {
    const auto transaction = slow.db->begin();
    claim.run->step_in(*transaction, "one", "h", [](Transaction&) { return std::string("{}"); });
  });
  write([&] { claim.run->finish(); });
  claim.run->fail(Error(ErrorKind::data, "too late"));
  EXPECT_EQ(count("ops.steps"), "0");
  EXPECT_EQ(run_column("status || ' ' || epoch || ' ' || (error IS NULL)"), "running 3 true");
  next.run->finish();
  EXPECT_EQ(run_column("status"), "done");

  const Error unknown =
      error_of([&] { operator_.ledger.break_lock("00000000-0000-4000-8000-000000000000", "why not"); });
  EXPECT_EQ(unknown.kind(), ErrorKind::no_input);
}

}  // namespace
}  // namespace am::kernel
