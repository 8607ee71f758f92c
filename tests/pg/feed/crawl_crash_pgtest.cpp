// Workers of one run that are killed at any moment: each stone is stored once, each page counts once, at most one page is
// asked for again per kill, and the run is settled once. Small here, of full size in `make soak` (scripts/soak).

#include <csignal>
#include <random>
#include <stdexcept>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "standin_worker.hpp"
#include "support/soak.hpp"

namespace am::feed {
namespace {

using std::chrono::milliseconds;
using test::size_of;

class CrawlCrash : public testing::Test {
 protected:
  kernel::QueueSpec spec() const {
    kernel::QueueSpec spec = partitions_queue();
    spec.lease = milliseconds(size_of("AM_SOAK_LEASE_MS", 400));
    spec.backoff = {.base = milliseconds(10), .cap = milliseconds(100)};
    return spec;
  }

  [[noreturn]] void work_until_nothing_is_open() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    StandinWorker worker(home_, endpoint_, {.tokens_in = directory_, .rate = rate_}, spec());
    worker.bed.options.page_size = page_size_;
    for (;;) {
      worker.bed.work(worker.nivoda);
      if (worker.bed.value(
              "SELECT count(*) FROM feed.partition_progress WHERE status IN ('queued', 'running')") == "0")
        _exit(0);
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  pid_t start() {
    const pid_t child = fork();
    if (child == 0) {
      try {
        work_until_nothing_is_open();
      } catch (const std::exception& error) {
        fprintf(stderr, "worker: %s\n", error.what());
        _exit(1);
      }
    }
    if (child < 0) throw std::runtime_error("no process");  // -1 would be everybody's to kill()
    return child;
  }

  void TearDown() override { std::system(("rm -rf " + directory_).c_str()); }

  const int workers_ = size_of("AM_SOAK_FEED_WORKERS", 6);
  const int stones_ = size_of("AM_SOAK_FEED_STONES", 900);
  const milliseconds kill_every_{size_of("AM_SOAK_KILL_EVERY_MS", 120)};
  const int page_size_ = size_of("AM_SOAK_FEED_PAGE", 10);
  const std::string rate_ =
      size_of("AM_SOAK_FEED_RATE", 0) == 0 ? "" : std::to_string(size_of("AM_SOAK_FEED_RATE", 0)) + "/s";
  const test::TestDb home_;
  std::string endpoint_;
  std::string directory_ = [] {
    char name[] = "/tmp/am-tokens-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory");
    return std::string(name);
  }();
};

TEST_F(CrawlCrash, EveryStoneOnceThoughWorkersAreKilled) {
  const test::Standin standin({"--stones", std::to_string(stones_), "--latency-ms", "10"});
  endpoint_ = standin.endpoint();
  {
    // Nobody may have a thread when the workers are started: this one plans and is gone.
    const pid_t planner = fork();
    if (planner == 0) {
      StandinWorker worker(home_, endpoint_, {.tokens_in = directory_, .rate = rate_});
      std::vector<long long> edges;
      for (int i = 0; i < workers_; ++i) edges.push_back(300 + 18000LL * i * i / workers_ / workers_);
      edges.front() = 0;
      edges.push_back(kMostDollars);
      worker.plan(edges);
      _exit(0);
    }
    int status = 0;
    waitpid(planner, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  standin.control(R"({"reset_counters":true})");

  const auto db = home_.open();
  const auto open = [&] {
    return test::value_of(
               *db, "SELECT count(*) FROM feed.partition_progress WHERE status IN ('queued', 'running')") !=
           "0";
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < workers_; ++i) workers.push_back(start());
  std::minstd_rand random(7);
  int killed = 0;
  while (open()) {
    std::this_thread::sleep_for(kill_every_);
    pid_t& victim = workers[std::uniform_int_distribution<std::size_t>(0, workers.size() - 1)(random)];
    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);
    victim = start();
    ++killed;
  }
  for (const pid_t worker : workers) {
    int status = 0;
    waitpid(worker, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }

  const test::StandinCounters counters = standin.counters();
  CrawlBed bed(home_);
  EXPECT_EQ(bed.stones(), standin.on_sale());
  EXPECT_EQ(
      bed.value(
          "SELECT count(*) FROM feed.worker_runs WHERE status <> 'completed' OR records_processed <> (SELECT "
          "count(DISTINCT i) FROM feed.pages p, unnest(p.ids) i WHERE p.run_id = worker_runs.run_id AND "
          "p.partition_id = worker_runs.partition_id)"),
      "0");
  EXPECT_EQ(bed.value("SELECT sum(new) = (SELECT count(*) FROM feed.raw_diamonds_nivoda) FROM feed.pages"),
            "t");
  EXPECT_EQ(
      bed.value(
          "SELECT concat(status, ' ', decisions, ' ', completed_workers = expected_workers) FROM feed.run_metadata"),
      "settled 1 t");
  const long long pages = std::stoll(bed.value("SELECT count(*) FROM feed.pages"));
  EXPECT_LE(counters.page_requests, pages + killed);
  EXPECT_GE(killed, 2);
  if (!rate_.empty()) {
    EXPECT_LE(counters.most_in_a_second, size_of("AM_SOAK_FEED_RATE", 0));
  }
  RecordProperty("killed", killed);
  RecordProperty("again", static_cast<int>(counters.page_requests - pages));
}

}  // namespace
}  // namespace am::feed
