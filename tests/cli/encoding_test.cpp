// A desk in a database that can't hold every character: read as before, and nothing is bought that could not be stored.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/am_process.hpp"
#include "support/pg.hpp"

namespace am::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OtherEncoding, IsReadAndNothingIsAskedFor) {
  const TestDb home(TestDb::Content::empty, "LATIN1");
  home.open()->transact([](kernel::Transaction& tx) {
    for (const kernel::Migration& file : kernel::embedded_migrations()) tx.script(file.up);
    tx.query("CREATE TABLE public.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
    tx.query("INSERT INTO public.schema_migrations VALUES ($1, false)",
             kernel::sql_values(kernel::embedded_migrations().size()));
  });
  LoopbackServer server(vendors);
  auto env = vendor_env(home, server);
  env["AM_NOW"] = kDeskNow;
  for (const std::vector<std::string>& args : {std::vector<std::string>{"run-weekly"}, {"due", "--run"}}) {
    const Finished done = am(args, env);
    EXPECT_EQ(done.exit, 78) << done.err;
    EXPECT_THAT(done.err, HasSubstr("database encoding: LATIN1 (expected UTF8"));
    EXPECT_THAT(done.err, HasSubstr("createdb -E UTF8 -T template0 NAME"));
  }
  EXPECT_THAT(server.requests(), IsEmpty());
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"report"}, {"status"}, {"runs", "list"}})
    EXPECT_EQ(am(args, env).exit, 0) << args[0];
  const Finished migrate = am({"migrate"}, env);
  EXPECT_EQ(migrate.exit, 78);
  EXPECT_THAT(migrate.err, HasSubstr("database encoding: LATIN1"));
}

}  // namespace
}  // namespace am::test
