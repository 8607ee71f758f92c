// A desk of which no shared line knows appears in every shared command, with its own data; and one that is off in none.

#include <array>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/app.hpp"
#include "am/kernel/snapshot.hpp"
#include "am/web/site.hpp"
#include "cli/ops/schedules.hpp"
#include "support/pg.hpp"
#include "support/sample_desk/sample_desk.hpp"
#include "web/answers.hpp"

namespace am {
namespace {

using nlohmann::json;
using test::TestDb;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

struct Printed {
  int exit = 0;
  std::string out, err;
  json document() const { return json::parse(out); }
};

class SampleDesk : public ::testing::Test {
 protected:
  SampleDesk() {
    db_->transact([](kernel::Transaction& tx) { tx.script(sample::schema_sql()); });
  }

  Printed run(const std::string& line, const std::string& desks = "sample") const {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    kernel::Stop stop;
    cli::Environment env{.env = {{"DATABASE_URL", database_.url()},
                                 {"AM_CONFIG", "/dev/null"},
                                 {"AM_DESKS_ENABLED", desks},
                                 {"AM_NOW", "2026-01-07T20:00:00Z"},
                                 {"LOG_LEVEL", "error"}},
                         .in = in,
                         .out = out,
                         .err = err,
                         .stop = stop};
    for (const auto& [name, value] : more_) env.env[name] = value;
    const int exit = cli::run_app(split(line, ' '), env);
    return {exit, out.str(), err.str()};
  }
  std::string said(const std::string& line, const std::string& desks = "sample") const {
    const Printed printed = run(line, desks);
    return printed.out + printed.err;
  }

  TestDb database_;
  std::unique_ptr<kernel::Db> db_ = database_.open();
  std::map<std::string, std::string> more_;
};

TEST_F(SampleDesk, IsDueAndIsDone) {
  EXPECT_THAT(said("due"), AllOf(HasSubstr("sample_count_v1  the notes of 2026-01-04"),
                                 HasSubstr("sample_tidy_v1"), Not(HasSubstr("weekly_pick"))));
  EXPECT_EQ(run("due --check").exit, 10);
  EXPECT_THAT(said("due --run --catchup 1"), HasSubstr("counted the notes of 2026-01-04"));
  const json rest = run("due --run -o json").document();
  EXPECT_EQ(rest["counts"]["sample.counted"], 3);
  EXPECT_EQ(rest["data"]["sample"].size(), 3U);
  EXPECT_EQ(rest["outcome"], "changed");
  EXPECT_EQ(run("due --run").out, "nothing is due\n");
}

TEST_F(SampleDesk, IsDoneThoughAnotherDeskEnds) {
  more_["AM_PRICES"] = "csv:/nowhere";
  const Printed both = run("due --run -o json", "picks,sample");
  EXPECT_NE(both.exit, 0) << "the picks need a key, or a market";
  EXPECT_EQ(both.document()["counts"]["sample.counted"], 4) << both.out;
  EXPECT_EQ(run("due --run --desk sample", "picks,sample").exit, 0);
  EXPECT_EQ(run("due --run --desk picks").exit, 78) << "it is off";
  EXPECT_EQ(run("due --run --desk nobody").exit, 64);
}

TEST_F(SampleDesk, HasItsLinesInStatusAndMetrics) {
  db_->query("INSERT INTO sample.notes VALUES ('a'), ('b')");
  db_->query(
      "INSERT INTO ops.runs (id, job, slot, status, epoch, attempt, version, finished_at) SELECT "
      "gen_random_uuid(), 'weekly_pick_v1', '2026-01-05', 'done', 1, 1, '0', now()");
  EXPECT_THAT(said("status"), AllOf(HasSubstr("sample_count_v1"), Not(HasSubstr("weekly_pick"))));
  EXPECT_THAT(said("metrics"),
              AllOf(HasSubstr("am_sample_notes 2"), HasSubstr("am_job_due{workflow=\"sample_count_v1\""),
                    Not(HasSubstr("weekly_pick")), Not(HasSubstr("am_batches"))));
  EXPECT_EQ(run("status --check").exit, 10) << "its days of Sunday to Tuesday are overdue";
}

TEST_F(SampleDesk, ItsQueueIsShownAndItemsAreChangedByPeople) {
  kernel::PgQueue queue(*db_, sample::errands());
  const std::vector<kernel::NewItem> items{{"bread", "{}"}, {"milk", "{}"}};
  db_->transact([&](kernel::Transaction& tx) { queue.enqueue(tx, items); });
  EXPECT_EQ(run("status -o json").document()["data"]["queues"][0]["ready"], 2);
  EXPECT_THAT(said("status"), HasSubstr("errands"));
  EXPECT_THAT(said("status", "picks"), Not(HasSubstr("errands")));
  EXPECT_THAT(said("metrics"), HasSubstr("am_queue_items{queue=\"errands\",state=\"ready\"} 2\n"));
  EXPECT_EQ(run("queue cancel errands bread --reason stale -o json").document()["data"]["status"],
            "cancelled");
  EXPECT_EQ(run("queue retry errands bread -o json").document()["outcome"], "changed");
  EXPECT_THAT(said("queue list errands"), AllOf(HasSubstr("bread"), HasSubstr("milk")));
  EXPECT_EQ(run("queue list errand").exit, 66);
  EXPECT_EQ(run("queue list errands", "picks").exit, 66) << "its desk is off";
}

TEST_F(SampleDesk, IsVerified) {
  run("due --run");
  EXPECT_THAT(said("verify data"), AllOf(HasSubstr("4 days: all as stored"), Not(HasSubstr("batches"))));
  db_->query("UPDATE sample.counts SET n = -1 WHERE day = '2026-01-06'");
  const Printed wrong = run("verify data -o json");
  EXPECT_EQ(wrong.exit, 10);
  const json finding = wrong.document()["data"]["findings"][0];
  EXPECT_EQ(finding["desk"], "sample");
  EXPECT_EQ(finding["day"], "2026-01-06");
  EXPECT_EQ(finding["got"], "-1");
  EXPECT_EQ(run("verify data --from 2026-01-07").exit, 0);
}

TEST_F(SampleDesk, NeedsWhatIsItsOwnAndNothingElse) {
  const std::string lacks = said("doctor --offline");
  EXPECT_THAT(lacks, AllOf(HasSubstr("SAMPLE_KEY: not set (needed for the sample's vendor)"),
                           Not(HasSubstr("OPENAI")), Not(HasSubstr("ALPHA_VANTAGE"))));
  more_["SAMPLE_KEY"] = "0123456789";
  const Printed well = run("doctor --offline -o json");
  const json checks = well.document()["data"]["checks"];
  for (const json& check : checks) EXPECT_NE(check["state"], "failed") << check.dump();
  more_["SAMPLE_BASE_URL"] = "https://nowhere";
  EXPECT_THAT(said("config check"), HasSubstr("sample.base_url: nobody is there"));
  EXPECT_THAT(said("limits show"), HasSubstr("sample         1min       0      7"));
  EXPECT_THAT(said("limits show", "picks"), Not(HasSubstr("sample")));
}

TEST_F(SampleDesk, LetsItsOldRowsGo) {
  db_->query("INSERT INTO sample.notes VALUES ('old', now() - interval '2 years'), ('new', now())");
  EXPECT_EQ(run("prune --older-than 365 --dry-run -o json").document()["counts"]["notes"], 1);
  EXPECT_EQ(run("prune --older-than 365 --dry-run -o json", "picks").document()["counts"].count("notes"), 0U);
  EXPECT_THAT(said("prune --older-than 365 --yes"), HasSubstr("1 note"));
  EXPECT_EQ(test::value_of(*db_, "SELECT string_agg(note, ',') FROM sample.notes"), "new");
}

TEST_F(SampleDesk, ItsRunsGoOn) {
  db_->query(
      "INSERT INTO ops.runs (id, job, slot, status, epoch, attempt, version, finished_at) VALUES "
      "('01890a5d-ac96-774b-bcce-b302099a8057', 'sample_count_v1', '2026-01-05', 'failed', 1, 1, '0', now())");
  EXPECT_EQ(run("runs resume 01890a5d-ac96-774b-bcce-b302099a8057", "picks").exit, 78) << "its desk is off";
  EXPECT_EQ(said("runs resume 01890a5d-ac96-774b-bcce-b302099a8057"), "counted\n");
  EXPECT_EQ(test::value_of(*db_, "SELECT string_agg(day::text, ',') FROM sample.counts"), "2026-01-05");
}

TEST_F(SampleDesk, ItsEventsHaveASubject) {
  run("sample count --day 2026-01-05");
  run("sample count --day 2026-01-06");
  const json events = run("events --note-day 2026-01-05 -o json").document()["data"];
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["subject"], "day 2026-01-05");
  EXPECT_EQ(run("events --subject nothing -o json").document()["data"].size(), 0U);
}

TEST_F(SampleDesk, ItsSchedulesAloneAreShownAndExported) {
  EXPECT_THAT(said("schedule show"), AllOf(HasSubstr("am sample count"), HasSubstr("am sample watch"),
                                           HasSubstr("am due --run"), Not(HasSubstr("run-weekly"))));
  EXPECT_THAT(said("schedule next --days 2"),
              AllOf(HasSubstr("the notes of 2026-01-08"), Not(HasSubstr("weekly"))));
  EXPECT_EQ(run("schedule simulate --to 2026-01-09").exit, 0);
  const std::string cron = said("schedule export --format cron");
  EXPECT_THAT(cron,
              AllOf(HasSubstr("SAMPLE_KEY_FILE="), HasSubstr("*/10 * * * *"), HasSubstr("*/5 13-21 * * 1-5"),
                    HasSubstr("# 5 14-14 * * *"), Not(HasSubstr("OPENAI"))));
  std::map<std::string, std::string> files;
  for (const std::string format : {"systemd", "kubernetes"}) {
    const json exported = run("schedule export --format " + format + " -o json").document()["data"];
    for (const json& file : exported) files[file["name"]] = file["text"];
  }
  EXPECT_FALSE(files.contains("am-run-weekly.service"));
  EXPECT_THAT(files["am-due.service"], HasSubstr("LoadCredential=SAMPLE_KEY:")) << "the tick counts, too";
  EXPECT_THAT(files["am-sample-errands.service"], HasSubstr("TimeoutStartSec=120min"));
  EXPECT_THAT(files["am-sample-watch.service"],
              AllOf(HasSubstr("TimeoutStartSec=480min"),
                    HasSubstr("RestrictNamespaces=user mnt pid net ipc uts cgroup"), HasSubstr("AF_NETLINK"),
                    HasSubstr("@mount")));
  EXPECT_THAT(files["am-sample-watch.timer"],
              AllOf(HasSubstr("OnCalendar=Mon..Fri *-*-* 09..16:0/5:00 America/New_York"),
                    Not(HasSubstr("Persistent"))));
  EXPECT_THAT(files["am-sample-watch.yaml"],
              AllOf(HasSubstr("activeDeadlineSeconds: 28800"), HasSubstr("concurrencyPolicy: Forbid"),
                    HasSubstr("schedule: \"*/5 9-16 * * 1-5\"")));
  EXPECT_THAT(files["am-sample-errands-many.yaml"],
              AllOf(HasSubstr("completionMode: Indexed"), HasSubstr("parallelism: 4")));
  EXPECT_THAT(files["am-sample-errands-scaled.yaml"],
              AllOf(HasSubstr("SELECT count(*) FROM sample.errands"), HasSubstr("targetQueryValue: \"20\""),
                    HasSubstr("minReplicaCount: 1\n  maxReplicaCount: 4")));
}

TEST_F(SampleDesk, ItsKeysAreKnownEverywhereAndItsCommandsWhereItIsOn) {
  const std::string keys = said("config show", "picks");
  EXPECT_THAT(keys, AllOf(HasSubstr("sample.base_url"), HasSubstr("pings.sample_count"),
                          HasSubstr("pings.sample_watch")));
  EXPECT_THAT(said("--help", "picks"), HasSubstr("sample"));
  const Printed off = run("sample count --day 2026-01-05", "picks");
  EXPECT_EQ(off.exit, 78);
  EXPECT_THAT(off.err, HasSubstr("desks.enabled"));
  EXPECT_EQ(run("sample count --day 2026-01-05", "all").exit, 0);
}

TEST_F(SampleDesk, HasItsPathsAndPages) {
  run("sample count --day 2026-01-05");
  const std::array<const web::Section*, 1> sections{&web::sample_section()};
  const web::Router router = web::site_router(sections);
  kernel::SnapshotOptions options;
  options.db.url = database_.url();
  const auto reader = kernel::open_snapshots(options);
  const kernel::Desks desks{&sample::desk()};
  const kernel::Desks off = {};
  const std::vector<kernel::RateLimit> limits;
  const std::function<kernel::ServerStats()> stats;
  const std::string root;
  const auto body = [&](const std::string& target) {
    const auto found = router.match(target);
    if (!found) return std::to_string(found.error().status);
    return web::rendered(
               *found->route, found->args,
               {*reader, *parse_rfc3339("2026-01-07T20:00:00Z"), desks, off, limits, stats, root, router})
        .body;
  };
  EXPECT_EQ(body("/sample/counts"), R"([{"day" : "2026-01-05", "n" : 0}])");
  EXPECT_THAT(body("/pages/sample"), HasSubstr(">Notes</a>"));
  EXPECT_THAT(body("/pages/status"),
              AllOf(HasSubstr("sample_<wbr>count_<wbr>v1"), HasSubstr(">Queues</h2>"),
                    HasSubstr(">errands</th>"), HasSubstr("Notes are counted at 9:00")));
  EXPECT_THAT(body("/metrics"), HasSubstr("am_sample_notes 0"));
  EXPECT_TRUE(json::parse(web::openapi_json(router))["paths"].contains("/sample/counts"));
  EXPECT_EQ(body("/batches"), "404");
}

}  // namespace
}  // namespace am
