// Whatever a test leaves in a database that it borrowed, the next one finds it as new.

#include <gtest/gtest.h>

#include "support/pg.hpp"
#include "support/pg_pool.hpp"

namespace am::test {
namespace {

std::string state_of(kernel::Sql& sql) {
  return dump_schema(sql) +
         value_of(sql,
                  "SELECT concat_ws(' ', (SELECT count(*) FROM ops.events), "
                  "(SELECT count(*) FROM ops.runs), (SELECT dirty FROM public.schema_migrations), "
                  "(SELECT count(*) FROM ops.migrations), current_setting('search_path'), "
                  "(SELECT is_called FROM ops.events_id_seq))");
}

TEST(BorrowedDatabase, IsAsNewWhateverWasLeftInIt) {
  std::string fresh;
  {
    const TestDb home;
    fresh = state_of(*home.open());
  }
  for (const char* mess : {"INSERT INTO ops.events (kind, data) VALUES ('pruned', '{}')",
                           "CREATE TABLE public.left_over (id int)", "ALTER TABLE ops.runs ADD left_over int",
                           "DROP TABLE ops.effects", "DROP TABLE public.schema_migrations",
                           "UPDATE public.schema_migrations SET dirty = true", "DELETE FROM ops.migrations",
                           "CREATE FUNCTION public.left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                           "DROP SCHEMA market CASCADE"}) {
    SCOPED_TRACE(mess);
    {
      const TestDb home;
      home.open()->query(mess);
    }
    const TestDb next;
    EXPECT_EQ(state_of(*next.open()), fresh);
  }
  {
    const TestDb home;
    home.open()->query("ALTER DATABASE " + home.name() + " SET search_path TO ops");
  }
  const TestDb next;
  EXPECT_EQ(state_of(*next.open()), fresh);
}

TEST(BorrowedDatabase, IsNobodyElsesMeanwhile) {
  const TestDb one;
  const TestDb two;
  EXPECT_NE(one.name(), two.name());
}

}  // namespace
}  // namespace am::test
