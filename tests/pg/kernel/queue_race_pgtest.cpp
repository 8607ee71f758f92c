// Two at one item: whoever comes second sees what the first one did, or is refused, and what the item is for is written
// once. The rival acts between the statements of the other one, by a probe: no case depends on time.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "queue_bed.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

/// One process. Before its n-th statement, or its COMMIT, a rival acts, once.
class Racer {
 public:
  explicit Racer(const test::TestDb& home) : db(open(home)), queue(*db, spec()) {}

  static QueueSpec spec() {
    QueueSpec spec = queue_spec();
    spec.backoff = {.base = std::chrono::milliseconds(0), .cap = std::chrono::milliseconds(0)};
    return spec;
  }
  void before(int n, std::function<void()> act) {
    left_ = n;
    rival_ = std::move(act);
  }
  /// Whether it is still to come; forgets it.
  bool was_pending() { return std::exchange(rival_, nullptr) != nullptr; }

  std::unique_ptr<Db> db;
  PgQueue queue;

 private:
  std::unique_ptr<Db> open(const test::TestDb& home) {
    DbOptions options;
    options.url = home.url();
    options.lock_timeout = std::chrono::milliseconds(5);  // who holds the lock is this thread itself
    options.probe = [this](std::string_view what) {
      if (rival_ && what != "COMMITTED" && --left_ <= 0) std::exchange(rival_, nullptr)();
    };
    return open_db(options);
  }
  int left_ = 0;
  std::function<void()> rival_;
};

struct Scene {
  std::string key;
  std::optional<Item> held[2];  ///< by the first, who may believe in it longer than is true, and the second
};

struct Move {
  std::string name;
  bool by_holder;
  std::function<std::string(Racer&, Transaction&, Scene&, int who)> act;
};

const std::vector<Move>& moves() {
  static const std::vector<Move> kAll = {
      {"claim", false,
       [](Racer& racer, Transaction& tx, Scene& scene, int who) {
         const Rows rows = tx.query(racer.queue.claim_sql(), sql_values(1, "{}", 60000, "items"));
         if (rows.empty() || rows[0].is_null("key")) return std::string("nothing");
         scene.held[who] =
             Item{rows[0].integer("id"), rows[0].integer("epoch"), rows[0].text("key"), "{}", 1};
         return std::string("claimed");
       }},
      {"work", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         write_and_finish(racer.queue, tx, *scene.held[0]);
         return std::string("finished");
       }},
      {"finish", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         const Item& item = *scene.held[0];
         tx.query("INSERT INTO work.results VALUES ($1, $2::bigint)", sql_values(item.key, item.epoch));
         racer.queue.finish(tx, std::span(&item, 1));
         return std::string("finished");
       }},
      {"fail", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         return racer.queue.fail(tx, *scene.held[0], Error(ErrorKind::data, "x")) == Fate::dead ? "dead"
                                                                                                : "again";
       }},
      {"bury", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         racer.queue.bury(tx, *scene.held[0], "x");
         return std::string("buried");
       }},
      {"release", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         racer.queue.release(tx, std::span(&*scene.held[0], 1));
         return std::string("told");
       }},
      {"renew", true,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         const Renewal fate = racer.queue.renew(tx, std::span(&*scene.held[0], 1)).at(0);
         return fate == Renewal::renewed ? "renewed"
                : fate == Renewal::lost  ? "refused: lost"
                                         : "refused: unknown";
       }},
      {"enqueue", false,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         const NewItem item{scene.key, "{}"};
         return racer.queue.enqueue(tx, std::span(&item, 1)) == 1 ? "new" : "known";
       }},
      {"retry", false,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         const auto changes = retry_items(tx, racer.queue.spec(), {.keys = {scene.key}});
         return !changes.empty() && changes[0].changed ? "retried" : "refused: left";
       }},
      {"cancel", false,
       [](Racer& racer, Transaction& tx, Scene& scene, int) {
         const auto changes = cancel_items(tx, racer.queue.spec(), {.keys = {scene.key}}, "");
         return !changes.empty() && changes[0].changed ? "cancelled" : "refused: left";
       }},
  };
  return kAll;
}

class QueueRace : public testing::TestWithParam<std::size_t> {
 protected:
  QueueRace() { make_queue_table(*db_); }

  static std::vector<std::string> states() {
    return {"absent", "queued", "held",   "expired",  "last attempt expired",
            "done",   "dead",   "failed", "cancelled"};
  }

  Scene scene_in(const std::string& state) {
    Scene scene;
    scene.key = "k";
    db_->query("DELETE FROM work.items");
    db_->query("DELETE FROM work.results");
    if (state == "absent") return scene;
    enqueue(holder_.queue, *db_, {{scene.key, "{}"}});
    if (state == "queued") return scene;
    scene.held[0] = holder_.queue.claim(1).at(0);
    const std::string end = "UPDATE work.items SET ready_at = clock_timestamp()";
    if (state == "expired") db_->query(end);
    if (state == "last attempt expired") db_->query(end + ", attempts = max_attempts");
    if (state == "done") {
      db_->query("INSERT INTO work.results VALUES ('k', 1)");
      holder_.queue.finish(*holder_.db, std::span(&*scene.held[0], 1));
    }
    if (state == "dead" || state == "failed" || state == "cancelled")
      db_->query("UPDATE work.items SET status = $1, holder = NULL", sql_values(state));
    return scene;
  }

  std::string act(const Move& move, Racer& racer, Scene& scene, int who) {
    std::optional<Item> before = scene.held[1];
    try {
      std::string said;
      const auto tx = racer.db->begin();
      said = move.act(racer, *tx, scene, who);
      tx->commit();
      return said;
    } catch (const Error& error) {
      if (move.name == "claim") scene.held[1] = before;
      return "refused: " + std::string(error_kind_name(error.kind()));
    }
  }

  /// The item as it is stored, what was written for it, and whose it is.
  std::string look(const Scene& scene) {
    std::string seen = test::value_of(
        *db_,
        "SELECT concat_ws(' ', status, 'epoch', epoch, 'attempts', attempts, 'holder', holder IS NOT NULL, "
        "CASE WHEN ready_at > clock_timestamp() THEN 'later' ELSE 'ready' END) FROM work.items");
    const std::string results = test::value_of(*db_, "SELECT count(*) FROM work.results");
    EXPECT_EQ(results, seen.starts_with("done") ? "1" : "0") << seen << ": written once, and with the end";
    int holders = 0;
    for (const auto& item : scene.held) {
      if (!item) continue;
      try {
        holder_.queue.fence(*db_, *item);
        seen += ", held in epoch " + std::to_string(item->epoch);
        ++holders;
      } catch (const Error&) {  // not theirs any more
      }
    }
    EXPECT_LE(holders, 1) << seen;
    return seen;
  }

  test::TestDb home_;
  std::unique_ptr<Db> db_ = home_.open();
  Racer holder_{home_};
  Racer rival_{home_};
  Racer actor_{home_};
};

/// The parameter is the move that comes second.
TEST_P(QueueRace, TheSecondSeesTheFirstOrIsRefused) {
  const Move& second = moves()[GetParam()];
  int interleaved = 0;
  for (const std::string& state : states()) {
    for (const Move& first : moves()) {
      if (first.by_holder && second.by_holder) continue;  // one process does one thing at a time
      Scene in_order = scene_in(state);
      if ((first.by_holder || second.by_holder) && !in_order.held[0]) continue;
      Racer& first_racer = first.by_holder ? holder_ : rival_;
      Racer& racer = second.by_holder ? holder_ : actor_;
      const std::string first_said = act(first, first_racer, in_order, 1);
      const std::string between = look(in_order);
      const std::string second_said = act(second, racer, in_order, 1);
      const std::string after = look(in_order);
      Scene other_order = scene_in(state);
      const std::string alone_said = act(second, racer, other_order, 1);
      const std::string alone = look(other_order);
      act(first, first_racer, other_order, 1);
      const std::string after_other = look(other_order);

      for (int n = 1;; ++n) {  // the rival comes before the n-th statement
        SCOPED_TRACE(state + ": " + first.name + " before statement " + std::to_string(n) + " of " +
                     second.name);
        Scene scene = scene_in(state);
        std::string rival_said;
        racer.before(n, [&] { rival_said = act(first, first_racer, scene, 1); });
        const std::string said = act(second, racer, scene, 1);
        if (racer.was_pending()) break;
        ++interleaved;
        const std::string seen = look(scene);
        // The rival was first, or the second was refused; or the rival met the second's locks and was refused, or left
        // the item to it (a claim).
        const bool as_in_order = said == second_said && seen == after;
        const bool second_refused =
            said.starts_with("refused") && seen == between && rival_said == first_said;
        const bool rival_refused = rival_said.starts_with("refused") || rival_said == "nothing";
        const bool rival_came_after =
            said == alone_said && (seen == after_other || (rival_refused && seen == alone));
        EXPECT_TRUE(as_in_order || second_refused || rival_came_after)
            << "in order: " << first_said << "; " << between << "; " << second_said << "; " << after
            << "\nraced: " << rival_said << "; " << said << "; " << seen;
      }
    }
  }
  EXPECT_GE(interleaved, 60);
}

INSTANTIATE_TEST_SUITE_P(Second, QueueRace, testing::Range<std::size_t>(0, moves().size()),
                         [](const testing::TestParamInfo<std::size_t>& second) {
                           return moves()[second.param].name;
                         });

}  // namespace
}  // namespace am::kernel
