// The real `am` and what a database, a pooler or a URL may be like.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/am_process.hpp"
#include "support/pgbouncer.hpp"

namespace am::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// A database whose indexes were built with another version of ICU, as the server sees it.
class ChangedCollation : public testing::Test {
 protected:
  ChangedCollation() : cluster_(kernel::open_db({.url = cluster_url(), .probe = {}})) {
    cluster_->query(
        "CREATE DATABASE " + name_ +
        " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C.UTF-8' "
        "LC_CTYPE 'C.UTF-8'");
    cluster_->query("UPDATE pg_database SET datcollversion = '1.0' WHERE datname = $1",
                    kernel::sql_values(name_));
  }
  ~ChangedCollation() override { cluster_->query("DROP DATABASE " + name_ + " WITH (FORCE)"); }

  std::map<std::string, std::string> env() const {
    auto env = desk_env(other_);
    env["DATABASE_URL"] = with_database(cluster_url(), name_);
    return env;
  }

  const TestDb other_;
  std::unique_ptr<kernel::Db> cluster_;
  const std::string name_ = "am_collation_" + std::to_string(getpid());
};

TEST_F(ChangedCollation, IsToldByTheDoctorAlone) {
  EXPECT_EQ(am({"migrate", "--log-level", "error"}, env()).err, "");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"due", "--run", "--now", kDeskNow}, {"runs", "list"}, {"report"}}) {
    std::vector<std::string> quiet = args;
    quiet.emplace_back("--quiet");
    const Finished done = am(quiet, env());
    EXPECT_EQ(done.exit, 0) << args.front() << done.err;
    EXPECT_THAT(done.err, IsEmpty()) << args.front();
  }
  const Finished doctor = am({"doctor", "--offline"}, env());
  EXPECT_EQ(doctor.exit, 10);
  EXPECT_THAT(doctor.err, IsEmpty());
  EXPECT_THAT(doctor.out, AllOf(HasSubstr("built with version 1.0"), HasSubstr("REINDEX DATABASE " + name_),
                                HasSubstr("ALTER DATABASE " + name_ + " REFRESH COLLATION VERSION")));
}

TEST(StatementMode, Is78EverywhereWithTheRemedy) {
  const TestDb home;
  const PgBouncer bouncer(2, "*", "statement");
  for (const std::vector<std::string>& args : {std::vector<std::string>{"report"},
                                               {"migrate"},
                                               {"run-weekly", "--now", kDeskNow},
                                               {"verify", "data"},
                                               {"serve-readonly"}}) {
    auto env = desk_env(home);
    env["DATABASE_URL"] = bouncer.url(home.name());
    const Finished done = am(args, env);
    EXPECT_EQ(done.exit, 78) << args.front() << done.err;
    EXPECT_THAT(done.err,
                AllOf(HasSubstr("the pooler is in statement mode"), HasSubstr("pool_mode = transaction")))
        << args.front();
  }
}

TEST(DatabaseUrl, ParametersOfOthersAreWarnedOfOnce) {
  const TestDb home;
  auto env = desk_env(home);
  env["DATABASE_URL"] = home.url() + "&pgbouncer=true&connection_limit=1&schema=public";
  const Finished done = am({"run-weekly", "--now", kDeskNow, "--log-format", "text"}, env);
  EXPECT_EQ(done.exit, 0) << done.err;
  const std::string warning =
      "parameters for other drivers or poolers are ignored: pgbouncer, connection_limit, schema";
  const auto first = done.err.find(warning);
  ASSERT_NE(first, std::string::npos) << done.err;
  EXPECT_EQ(done.err.find(warning, first + 1), std::string::npos);
  EXPECT_THAT(am({"doctor", "--offline"}, env).out,
              HasSubstr("ignored in its URL: pgbouncer, connection_limit"));
  env["DATABASE_URL"] = "'" + home.url() + "'";
  EXPECT_THAT(am({"report"}, env).err, HasSubstr("DATABASE_URL: stands in quotes"));
}

}  // namespace
}  // namespace am::test
