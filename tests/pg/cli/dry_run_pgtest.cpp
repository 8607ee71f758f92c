// Every --dry-run foretells its run: it writes nothing, and with --exit-code it ends with 10 exactly when the same command
// without it then changes something.

#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/app.hpp"
#include "cli/command_tree.hpp"
#include "support/pg.hpp"

namespace am {
namespace {

using test::TestDb;

constexpr const char* kMarket = "csv:" AM_SOURCE_DIR "/examples/market";

struct Printed {
  int exit = 0;
  nlohmann::json json;
};

class Program {
 public:
  explicit Program(const TestDb& db) : db_(db) {}

  Printed run(const std::string& line) const {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    kernel::Stop stop;
    cli::Environment env{.env = {{"DATABASE_URL", db_.url()},
                                 {"AM_CONFIG", "/dev/null"},
                                 {"AM_PICKER", "momentum"},
                                 {"AM_PRICES", kMarket},
                                 {"AM_NOW", "2000-01-28T20:00:00Z"},
                                 {"AM_DESKS_ENABLED", "all"},
                                 {"LOG_LEVEL", "off"}},
                         .in = in,
                         .out = out,
                         .err = err,
                         .stop = stop};
    std::vector<std::string> args = split(line, ' ');
    args.insert(args.end(), {"-o", "json"});
    const int exit = cli::run_app(args, env);
    return {exit, nlohmann::json::parse(out.str())};
  }

  /// Every row of every table, in one order.
  std::string rows() const {
    const auto db = db_.open();
    const kernel::Rows tables = db->query(
        "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'ops', 'market', 'forecast', 'jobs', 'trading') ORDER BY 1");
    std::string all;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const std::string& name = tables[i].text("name");
      all += name + ": " +
             test::value_of(*db, "SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM " + name + " t") +
             "\n";
    }
    return all;
  }

 private:
  const TestDb& db_;
};

/// One command, from a state in which it has something to do to one in which it has nothing.
struct Story {
  std::string command;              ///< its path
  std::string line;                 ///< how it is really called
  std::vector<std::string> before;  ///< commands that lead there
  std::string sql;                  ///< and what no command does
  bool repeats = false;             ///< it always has something to do
  TestDb::Content content = TestDb::Content::migrated;
};

void PrintTo(const Story& story, std::ostream* out) { *out << story.line; }

const std::vector<Story>& stories() {
  static const std::string kWeek = "run-weekly --run-date 2000-01-10";
  static const std::vector<Story> all = {
      {"run-weekly", kWeek, {}, ""},
      {"checkpoint", "checkpoint --batch 2000-01-10 --day 3", {kWeek}, ""},
      {"checkpoint", "checkpoint --due", {kWeek}, ""},
      {"checkpoint", "checkpoint --batch 2000-01-10 --day 3 --force", {kWeek, "checkpoint --due"}, "", true},
      {"backfill", "backfill --from 2000-01-10 --to 2000-01-24", {}, ""},
      // Only days are missing.
      {"backfill", "backfill --from 2000-01-10 --to 2000-01-10", {kWeek}, ""},
      {"import", "import " AM_SOURCE_DIR "/tests/fixtures/desk/history.csv", {}, ""},
      {"migrate", "migrate", {}, "", false, TestDb::Content::empty},
      {"migrate", "migrate --to 3", {}, "", false, TestDb::Content::empty},
      {"migrate up", "migrate up", {"migrate down --yes"}, ""},
      {"migrate down", "migrate down --yes", {}, "", true},
      {"prune",
       "prune --older-than 30 --yes",
       {kWeek, "checkpoint --due"},
       "UPDATE ops.events SET at = now() - interval '60 days'"},
      {"forecast import",
       "forecast import " AM_SOURCE_DIR "/examples/series/seattle-weather.csv",
       {"forecast series add rain", "forecast series add warmest", "forecast series add wind"},
       ""},
      {"strategy bars import",
       "strategy bars import " AM_SOURCE_DIR "/examples/bars/demo-day.csv --symbol DEMO",
       {},
       ""},
  };
  return all;
}

class DryRun : public testing::TestWithParam<Story> {};

TEST_P(DryRun, ForetellsItsRun) {
  const Story& story = GetParam();
  const TestDb db(story.content);
  const Program am(db);
  for (const std::string& line : story.before) ASSERT_EQ(am.run(line).exit, 0) << line;
  if (!story.sql.empty()) db.open()->query(story.sql);
  std::string dry = story.line + " --dry-run";
  if (const auto yes = dry.find(" --yes"); yes != std::string::npos) dry.erase(yes, 6);
  const bool tells = story.command != "migrate down";
  if (tells) dry += " --exit-code";

  for (const bool something : {true, story.repeats}) {
    const std::string rows = am.rows();
    const Printed foretold = am.run(dry);
    EXPECT_EQ(am.rows(), rows) << "a dry run writes nothing";
    const Printed done = am.run(story.line);
    ASSERT_EQ(done.exit, 0) << done.json;
    EXPECT_EQ(done.json["outcome"], something ? "changed" : "unchanged");
    if (tells) {
      EXPECT_EQ(foretold.exit, something ? 10 : 0) << foretold.json;
    }
    if (something) {
      EXPECT_EQ(foretold.json["outcome"], "planned");
    }
    // What it counted is what came about, where both count it.
    const nlohmann::json& counts = done.json["counts"];
    for (const auto& [name, count] : foretold.json["counts"].items()) {
      if (name == "planned") {
        EXPECT_EQ(count, counts.value("computed", 0) + counts.value("skipped", 0));
      }
      if (name == "unchanged" || !counts.contains(name) || foretold.json["counts"].contains("planned"))
        continue;
      EXPECT_EQ(count, counts[name]) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Commands, DryRun, testing::ValuesIn(stories()), [](const auto& one) {
  std::string name = one.param.command + "_" + std::to_string(one.index);
  std::ranges::replace_if(name, [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
});

TEST(DryRuns, EveryCommandThatHasOneHasAStory) {
  std::set<std::string> told;
  for (const Story& story : stories()) told.insert(story.command);
  std::set<std::string> have;
  for (const cli::CommandNode& node : cli::command_tree().nodes) {
    const bool dry = std::ranges::any_of(node.options, [](const cli::OptionInfo& option) {
      return std::ranges::find(option.names, "--dry-run") != option.names.end();
    });
    if (dry) have.insert(node.info.path);
  }
  EXPECT_EQ(told, have);
}

}  // namespace
}  // namespace am
