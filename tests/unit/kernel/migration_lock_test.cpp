// The ids of golang-migrate's lock, against values that its own tests and its own program gave.

#include "kernel/migration_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace am::kernel {
namespace {

using ::testing::ElementsAre;

TEST(MigrationLock, FollowsThePublishedRule) {
  EXPECT_EQ(golang_migrate_lock_id({"database_name"}), 1764327054U);
  EXPECT_EQ(golang_migrate_lock_id({"schema_name_1", "database_name"}), 2453313553U);
  EXPECT_EQ(golang_migrate_lock_id({"schema_name_2", "database_name"}), 235207038U);
  EXPECT_EQ(golang_migrate_lock_id({"schema_name_1", "schema_name_2", "database_name"}), 3743845847U);
}

TEST(MigrationLock, CoversEveryFormOfTheDatabasesName) {
  EXPECT_THAT(migration_lock_ids("lk1"),
              ElementsAre(243211182 /* postgres://host/lk1 */, 1914169853 /* told by the server */,
                          golang_migrate_lock_id({"public", "schema_migrations", "/"}) /* …/?dbname=lk1 */));
}

}  // namespace
}  // namespace am::kernel
