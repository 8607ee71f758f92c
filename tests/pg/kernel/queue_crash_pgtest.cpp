// Workers that are killed and stopped at any moment: each item's work is written once. The sizes are the environment's:
// small here, those of `make soak` (scripts/soak) large.

#include <csignal>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/kernel/drain.hpp"
#include "queue_bed.hpp"
#include "support/soak.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::size_of;

class QueueCrash : public QueueTest {
 protected:
  QueueSpec spec() const {
    QueueSpec spec = queue_spec();
    spec.lease = lease_;
    spec.max_attempts = 1000000;
    return spec;
  }

  [[noreturn]] void work_until_nothing_is_open() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto db = home_.open();
    const auto queue = over(*db, spec());
    DbOptions options;
    options.url = home_.url();
    Heartbeat heartbeat(options, log_);
    const Work work = [&](const Item& item, const Lease&) {
      db->transact([&](Transaction& tx) {
        queue->fence(tx, item);
        tx.query("INSERT INTO work.results (key, by_epoch) VALUES ($1, $2::bigint)",
                 sql_values(item.key, item.epoch));
        std::this_thread::sleep_for(work_);
        queue->finish(tx, std::span(&item, 1));
      });
      return Fate::done;
    };
    for (;;) {
      drain(*queue, *db, heartbeat, log_, stop_, {.claimed_at_once = 3}, work);
      const QueueState state = queue_state(*db, spec());
      if (state.ready + state.later + state.running == 0) _exit(0);
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  pid_t start() {
    const pid_t child = fork();
    if (child == 0) {
      try {
        work_until_nothing_is_open();
      } catch (const std::exception& error) {  // never into the parent's tests
        std::fprintf(stderr, "worker: %s\n", error.what());
        _exit(3);
      }
    }
    if (child < 0) throw std::runtime_error("no process");  // -1 would be everybody's to kill()
    return child;
  }

  const int workers_ = size_of("AM_SOAK_WORKERS", 4);
  const int items_ = size_of("AM_SOAK_ITEMS", 200);
  const milliseconds kill_every_{size_of("AM_SOAK_KILL_EVERY_MS", 60)};
  const milliseconds work_{size_of("AM_SOAK_WORK_MS", 2)};
  const milliseconds lease_{size_of("AM_SOAK_LEASE_MS", 400)};
};

TEST_P(QueueCrash, EachItemIsDoneOnceThoughWorkersAreKilled) {
  std::vector<NewItem> items;
  for (int i = 0; i < items_; ++i) items.push_back({std::to_string(i), "{}", i % 4});
  const auto queue = over(*db_, spec());
  enqueue(*queue, *db_, items);

  std::vector<pid_t> workers;
  for (int i = 0; i < workers_; ++i) workers.push_back(start());
  std::minstd_rand random(7);
  int killed = 0, stopped = 0;
  pid_t asleep = 0;
  auto wakes = steady_clock::now();
  const auto open = [&] {
    const QueueState state = queue_state(*db_, spec());
    return state.ready + state.later + state.running;
  };
  bool broker_is_to_die = GetParam().name != postgres_kind().name && size_of("AM_SOAK_KILL_BROKER", 0) != 0;
  for (long long left = open(); left > 0; left = open()) {
    if (broker_is_to_die && left < items_ / 2) {
      test::RabbitMq::shared().kill();
      test::RabbitMq::shared().start();
      broker_is_to_die = false;
    }
    std::this_thread::sleep_for(kill_every_);
    if (asleep != 0 && steady_clock::now() >= wakes) kill(std::exchange(asleep, 0), SIGCONT);
    pid_t& victim = workers[std::uniform_int_distribution<std::size_t>(0, workers.size() - 1)(random)];
    if (victim == asleep) continue;
    if (asleep == 0 && (killed + stopped) % 3 == 2) {  // longer than its lease: it wakes up fenced out
      kill(asleep = victim, SIGSTOP);
      wakes = steady_clock::now() + 2 * lease_;
      ++stopped;
    } else {
      kill(victim, SIGKILL);
      waitpid(victim, nullptr, 0);
      victim = start();
      ++killed;
    }
  }
  if (asleep != 0) kill(asleep, SIGCONT);
  for (const pid_t worker : workers) {
    int status = 0;
    waitpid(worker, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }

  const std::string all = std::to_string(items_);
  EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM work.items WHERE status = 'done'"), all);
  EXPECT_EQ(test::value_of(*db_, "SELECT count(DISTINCT key) FROM work.results"), all);
  EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM work.results"), all) << "once each";
  EXPECT_EQ(events(), "");
  EXPECT_GE(killed, 1);
  RecordProperty("killed", killed);
  RecordProperty("stopped", stopped);
  RecordProperty("repeated", test::value_of(*db_, "SELECT sum(attempts - 1) FROM work.items"));
}

/// Workers of both kinds at the same rows, in turn.
QueueKind both_kinds(const QueueKind& amqp) {
  return {"AmqpAndPostgres", [amqp](Db& db, const QueueSpec& spec, const std::string& broker_queue) {
            return (getpid() % 2 == 0 ? amqp : postgres_kind()).make(db, spec, broker_queue);
          }};
}

std::vector<QueueKind> kinds_for_many() {
  const QueueKind amqp = amqp_kind(milliseconds(20));
  return {postgres_kind(), amqp, both_kinds(amqp)};
}

INSTANTIATE_TEST_SUITE_P(Kinds, QueueCrash, testing::ValuesIn(kinds_for_many()), kind_name);

}  // namespace
}  // namespace am::kernel
