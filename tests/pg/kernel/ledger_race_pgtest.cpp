// Length: one fixture and its rivals; the cases read best in a row.
// Two processes at one run: whoever comes second sees what the first one did, or is refused. Never two winners, never a
// finished run overwritten. The rival acts between the statements of the other one, by a probe: no case depends on time.

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "am/kernel/ids.hpp"
#include "am/kernel/ledger.hpp"
#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::value_of;

/// One process. Before its n-th statement a rival acts, once.
struct Racer {
  explicit Racer(const test::TestDb& home)
      : db(home.open([this](std::string_view what) { probe(what); })), ledger(*db, log, stop, options()) {}

  static LedgerOptions options() {
    LedgerOptions options;
    options.fail_when_busy = true;
    return options;
  }
  /// Before the n-th statement from now on that contains `text`.
  void before(std::string text, int n, std::function<void()> act) {
    text_ = std::move(text);
    left_ = n;
    rival_ = std::move(act);
  }
  bool is_pending() const { return rival_ != nullptr; }
  void forget() { rival_ = nullptr; }

  std::unique_ptr<Db> db;
  std::ostringstream lines;
  Log log{lines, {}};
  Stop stop;
  Ledger ledger;

 private:
  void probe(std::string_view what) {
    if (!rival_ || what.find(text_) == std::string_view::npos || --left_ > 0) return;
    std::exchange(rival_, nullptr)();
  }
  std::string text_;
  int left_ = 0;
  std::function<void()> rival_;
};

using HeldRun = Run;  // testing::Test has a Run of its own
using Held = std::unique_ptr<HeldRun>;

void hold_elsewhere(Sql& sql, const std::string& slot) {
  Holder other = Holder::self();
  other.boot_id = "11111111-1111-1111-1111-111111111111";
  sql.query(
      "UPDATE ops.runs SET holder = $2::jsonb, lease_until = clock_timestamp() - interval '1 second' WHERE slot = $1",
      sql_values(slot, other.to_json()));
}

class LedgerRace : public testing::Test {
 protected:
  std::string column(const std::string& what) {
    return value_of(*db_, "SELECT (" + what + ")::text FROM ops.runs");
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  Racer first_{home_};
  Racer second_{home_};
};

constexpr const char* kTakeover = "UPDATE ops.runs SET status = 'running'";

TEST_F(LedgerRace, ARunThatWasFinishedAfterItsLeaseWasReadIsLeftAlone) {
  const Held held = first_.ledger.claim("job", "s", "{}").run;
  hold_elsewhere(*db_, "s");
  second_.before(kTakeover, 1, [&] { held->finish(); });
  const Claim claim = second_.ledger.claim("job", "s", "{}");
  EXPECT_FALSE(second_.is_pending());
  EXPECT_FALSE(claim.run) << "it is done";
  EXPECT_EQ(column("concat_ws(' ', status, epoch, attempt)"), "done 1 1");
}

TEST_F(LedgerRace, ALeaseThatWasRenewedAfterItWasReadIsNotTaken) {
  const Held held = first_.ledger.claim("job", "s", "{}").run;
  hold_elsewhere(*db_, "s");
  second_.before(kTakeover, 1, [&] { held->step("one", "", [] { return std::string("{}"); }); });
  EXPECT_EQ(error_of([&] { second_.ledger.claim("job", "s", "{}"); }).kind(), ErrorKind::busy);
  EXPECT_FALSE(second_.is_pending());
  held->finish();
  EXPECT_EQ(column("concat_ws(' ', status, epoch)"), "done 1");
}

TEST_F(LedgerRace, ARunThatFailedAfterItWasReadIsTakenUpAsFailed) {
  const Held held = first_.ledger.claim("job", "s", "{}").run;
  hold_elsewhere(*db_, "s");
  second_.before(kTakeover, 1, [&] { held->fail(Error(ErrorKind::data, "no")); });
  const Claim claim = second_.ledger.claim("job", "s", "{}");
  ASSERT_TRUE(claim.run);
  EXPECT_EQ(claim.run->recovered_from(), "failed") << "and not lost";
}

TEST_F(LedgerRace, ARunThatChangedSinceItWasReadIsNotDiscarded) {
  const Held held = first_.ledger.claim("job", "s", "{}").run;
  const RunInfo read = *second_.ledger.find("job", "s");
  held->finish();
  const Error refused = error_of([&] { second_.ledger.discard(read); });
  EXPECT_EQ(refused.kind(), ErrorKind::busy);
  EXPECT_NE(refused.message().find("it was running in attempt 1, it is done in attempt 1"), std::string::npos)
      << refused.message();
  EXPECT_EQ(column("status"), "done");
  second_.ledger.discard(*second_.ledger.find("job", "s"));
  EXPECT_EQ(error_of([&] { second_.ledger.discard(read); }).kind(), ErrorKind::no_input);
}

TEST_F(LedgerRace, ARunThatChangedAndEndedAlikeIsNotDiscarded) {
  const Error problem(ErrorKind::data, "no");
  first_.ledger.claim("job", "s", "{}").run->fail(problem);
  const RunInfo read = *second_.ledger.find("job", "s");
  first_.ledger.claim("job", "s", "{}").run->fail(problem);
  const Error refused = error_of([&] { second_.ledger.discard(read); });
  EXPECT_EQ(refused.kind(), ErrorKind::busy);
  EXPECT_NE(refused.message().find("it was failed in attempt 1, it is failed in attempt 2"),
            std::string::npos)
      << refused.message();
}

TEST_F(LedgerRace, AnEffectThatHappenedStaysSo) {
  using State = Effect::State;
  EXPECT_EQ(begin_effect(*first_.db, {}, "order", "key", "{}").state, State::fresh);
  EXPECT_EQ(begin_effect(*second_.db, {}, "order", "key", "{}").state, State::unknown);
  end_effect(*second_.db, "key", State::done, R"({"by": 2})");
  end_effect(*first_.db, "key", State::failed, R"({"by": 1})");
  EXPECT_EQ(begin_effect(*db_, {}, "order", "key", "{}").response, R"({"by": 2})");
}

TEST_F(LedgerRace, AnEffectThatIsPrunedWhileItIsLookedForIsBegunAnew) {
  for (const char* statement : {"SELECT id, status, holder", "UPDATE ops.effects"}) {
    begin_effect(*first_.db, {}, "e-mail", statement, "{}");
    second_.before(statement, 1, [&] { db_->query("DELETE FROM ops.effects"); });
    EXPECT_EQ(begin_effect(*second_.db, {}, "e-mail", statement, "{}").state, Effect::State::fresh)
        << statement;
  }
}

TEST_F(LedgerRace, AnEffectThatEndsWhileItIsLookedForIsNotUnknown) {
  begin_effect(*first_.db, {}, "order", "key", "{}");
  const auto end = [&] { end_effect(*first_.db, "key", Effect::State::failed, "{}"); };
  second_.before("UPDATE ops.effects", 1, end);
  EXPECT_EQ(begin_effect(*second_.db, {}, "order", "key", "{}").state, Effect::State::failed);
}

// --- every pair of transitions, from every state -----------------------------------------------------------

/// The process that had the run first, as far as there is one, and two that come.
struct Scene {
  std::string slot;
  Held
      holder;  ///< of the process that worked on it first; it may believe longer than is true that it still does
  Held won[2];  ///< by the two
};

struct Transition {
  std::string name;
  bool by_holder;
  /// What it came to, as seen by whoever did it.
  std::function<std::string(Racer& actor, Scene& scene, Held& won)> act;
};

std::string in_words(const std::function<std::string()>& act) {
  try {
    return act();
  } catch (const Error& error) {
    return "refused: " + std::string(error_kind_name(error.kind()));
  }
}

std::string claim(Racer& actor, const Scene& scene, Held& won, bool reopen) {
  Claim claim = actor.ledger.claim("job", scene.slot, "{}", reopen);
  won = std::move(claim.run);
  return won ? "claimed, recovered from " + won->recovered_from() : "done already";
}

std::string of_id(Racer& actor, const Scene& scene, const std::function<std::string(const RunInfo&)>& act) {
  const auto read = actor.ledger.find("job", scene.slot);
  return read ? act(*read) : "refused: no_input";
}

std::string record(Racer& actor, const Scene& scene, bool reopen) {
  return actor.ledger.record(*actor.db, new_id(), "job", scene.slot, "one", "{}", reopen)
             ? "recorded"
             : "refused: not recorded";
}

Transition ending(const std::string& name, ErrorKind kind) {
  return {name, true, [kind](Racer&, Scene& scene, Held&) {
            scene.holder->fail(Error(kind, "x"));
            return std::string("told");
          }};
}

const std::vector<Transition>& transitions() {
  static const std::vector<Transition> kAll = {
      {"claim", false, [](Racer& actor, Scene& scene, Held& won) { return claim(actor, scene, won, false); }},
      {"claim again", false,
       [](Racer& actor, Scene& scene, Held& won) { return claim(actor, scene, won, true); }},
      {"record", false, [](Racer& actor, Scene& scene, Held&) { return record(actor, scene, false); }},
      {"record again", false, [](Racer& actor, Scene& scene, Held&) { return record(actor, scene, true); }},
      {"abandon", false,
       [](Racer& actor, Scene& scene, Held&) {
         return of_id(actor, scene, [&](const RunInfo& run) {
           return actor.ledger.abandon(run.id) ? "abandoned" : "refused: it was before";
         });
       }},
      {"resume", false,
       [](Racer& actor, Scene& scene, Held&) {
         return of_id(actor, scene, [&](const RunInfo& run) {
           return actor.ledger.reopen(run.id) ? "opened" : "refused: not abandoned";
         });
       }},
      {"break", false,
       [](Racer& actor, Scene& scene, Held&) {
         return of_id(actor, scene, [&](const RunInfo& run) {
           return actor.ledger.break_lock(run.id, "why") ? "broken" : "refused: not running";
         });
       }},
      {"discard", false,
       [](Racer& actor, Scene& scene, Held&) {
         return of_id(actor, scene, [&](const RunInfo& run) {
           actor.ledger.discard(run);
           return "discarded";
         });
       }},
      {"renew", true,
       [](Racer&, Scene& scene, Held&) {
         // The start of a step renews; its end, a transition of its own, is left out.
         const Error error = error_of([&] {
           scene.holder->step("one", "", []() -> std::string { throw Error(ErrorKind::data, "x"); });
         });
         if (error.kind() != ErrorKind::data) throw Error(error);
         return std::string("renewed");
       }},
      {"finish", true,
       [](Racer&, Scene& scene, Held&) {
         scene.holder->finish();
         return std::string("finished");
       }},
      ending("defer", ErrorKind::deferred),
      ending("fail", ErrorKind::data),
      ending("interrupt", ErrorKind::terminated),
  };
  return kAll;
}

class LedgerPairs : public testing::TestWithParam<std::size_t> {
 protected:
  /// Makes the slot's run; the holder believes in it from then on.
  using State = std::pair<std::string, std::function<void(Scene&)>>;
  std::vector<State> states() {
    const auto held = [this](Scene& scene) {
      scene.holder = holder_.ledger.claim("job", scene.slot, "{}").run;
    };
    const auto ended = [held](ErrorKind kind) {
      return [held, kind](Scene& scene) {
        held(scene);
        scene.holder->fail(Error(kind, "x"));
      };
    };
    return {{"absent", [](Scene&) {}},
            {"held", held},
            {"expired",
             [this, held](Scene& scene) {
               held(scene);
               hold_elsewhere(*db_, scene.slot);
             }},
            {"dead",
             [this, held](Scene& scene) {
               held(scene);
               Holder gone = Holder::self();
               gone.start_ticks = "1";
               db_->query("UPDATE ops.runs SET holder = $2::jsonb WHERE slot = $1",
                          sql_values(scene.slot, gone.to_json()));
             }},
            {"done",
             [held](Scene& scene) {
               held(scene);
               scene.holder->finish();
             }},
            {"deferred", ended(ErrorKind::deferred)},
            {"failed", ended(ErrorKind::data)},
            {"interrupted", ended(ErrorKind::terminated)},
            {"abandoned", [this, held](Scene& scene) {
               held(scene);
               rival_.ledger.abandon(scene.holder->id());
             }}};
  }

  Scene scene_in(const State& state) {
    Scene scene;
    scene.slot = "s" + std::to_string(++slots_);
    state.second(scene);
    return scene;
  }

  /// The run as it is stored, and whose it is.
  std::string look(Scene& scene) {
    const Rows rows = db_->query(
        "SELECT concat_ws(' ', status, 'epoch', epoch, 'attempt', attempt, 'from', recovered_from, CASE WHEN lease_until "
        "IS NULL THEN 'no lease' WHEN lease_until > clock_timestamp() THEN 'live' ELSE 'over' END, error->>'code') AS r "
        "FROM ops.runs WHERE slot = $1",
        sql_values(scene.slot));
    std::string seen = rows.empty() ? "absent" : rows[0].text("r");
    int holders = 0;
    for (const auto& [name, run] : {std::pair<std::string, HeldRun*>{"holder", scene.holder.get()},
                                    {"first", scene.won[0].get()},
                                    {"second", scene.won[1].get()}}) {
      if (run == nullptr) continue;
      try {
        run->fence(*db_);
        seen += ", held by the " + name;
        ++holders;
      } catch (const Error&) {  // not its run any more
      }
    }
    EXPECT_LE(holders, 1) << seen;
    return seen;
  }

  std::string act(const Transition& transition, Racer& actor, Scene& scene, int index) {
    return in_words([&] { return transition.act(actor, scene, scene.won[index]); });
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  Racer holder_{home_};
  Racer rival_{home_};
  Racer actor_{home_};
  int slots_ = 0;
};

/// The parameter is the transition that comes second.
TEST_P(LedgerPairs, TheSecondSeesTheFirstOrIsRefused) {
  const Transition& second = transitions()[GetParam()];
  int interleaved = 0;
  for (const State& state : states()) {
    for (const Transition& first : transitions()) {
      if (first.by_holder && second.by_holder) continue;  // one process does one thing at a time
      Scene in_order = scene_in(state);
      if ((first.by_holder || second.by_holder) && !in_order.holder) continue;
      const std::string said_first = act(first, rival_, in_order, 0);
      const std::string between = look(in_order);
      const std::string said_second = act(second, second.by_holder ? holder_ : actor_, in_order, 1);
      const std::string after = look(in_order);

      for (int n = 1;; ++n) {  // the rival comes before the n-th statement
        SCOPED_TRACE(state.first + ": " + first.name + " before statement " + std::to_string(n) + " of " +
                     second.name);
        Scene scene = scene_in(state);
        Racer& racer = second.by_holder ? holder_ : actor_;
        std::string rival_said;
        racer.before("", n, [&] { rival_said = act(first, rival_, scene, 0); });
        const std::string said = act(second, racer, scene, 1);
        const bool raced = !racer.is_pending();
        racer.forget();
        if (!raced) break;
        ++interleaved;
        const std::string seen = look(scene);
        const bool as_in_order = said == said_second && seen == after;
        const bool refused = said.starts_with("refused") && seen == between;
        EXPECT_EQ(rival_said, said_first);
        EXPECT_TRUE(as_in_order || refused)
            << "in order: " << said_second << "; " << after << "\nraced: " << said << "; " << seen;
        const bool on_purpose = second.name.ends_with("again");
        if (between.starts_with("done") && state.first != "done" && !on_purpose && n > 1) {
          EXPECT_EQ(seen, between) << "a finished run is overwritten";
        }
      }
    }
  }
  EXPECT_GE(interleaved, 40);
}

INSTANTIATE_TEST_SUITE_P(Second, LedgerPairs, testing::Range<std::size_t>(0, transitions().size()),
                         [](const testing::TestParamInfo<std::size_t>& second) {
                           std::string name = transitions()[second.param].name;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::kernel
