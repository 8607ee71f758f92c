// The doctor's checks against real servers: PostgreSQL, PgBouncer, hosts on loopback.

#include <algorithm>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/kernel/doctor.hpp"
#include "am/picks/desk.hpp"
#include "support/loopback_server.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"

namespace am::kernel {
namespace {

using test::LoopbackServer;
using test::PgBouncer;
using test::TestDb;
using CheckState = Check::State;

std::vector<Check> checks_of(const std::string& url, const Clock& clock = SystemClock()) {
  return check_database({.url = url, .connect_timeout = std::chrono::seconds(5), .probe = {}}, clock,
                        picks::desk().tables);
}

Check named(const std::vector<Check>& checks, const std::string& name) {
  const auto found = std::ranges::find(checks, name, &Check::name);
  if (found != checks.end()) return *found;
  ADD_FAILURE() << "no check " << name;
  return {};
}

TEST(DoctorDatabase, FindsNothingOnAGoodOne) {
  const TestDb database;
  for (const Check& check : checks_of(database.url()))
    EXPECT_EQ(check.state, CheckState::ok) << check.name << ": " << check.detail;
}

TEST(DoctorDatabase, AlwaysGivesTheSameNames) {
  const TestDb database;
  const auto names = [](const std::vector<Check>& checks) {
    std::vector<std::string> all;
    for (const Check& check : checks) all.push_back(check.name);
    return all;
  };
  const auto away = checks_of("postgresql://am:canary@127.0.0.1:1/am");
  EXPECT_EQ(names(away), names(checks_of(database.url())));
  EXPECT_EQ(names(away), names(skip_database("why")));
  EXPECT_EQ(away[0].state, CheckState::failed);
  EXPECT_EQ(away[0].detail.find("canary"), std::string::npos);
  for (std::size_t i = 1; i < away.size(); ++i) EXPECT_EQ(away[i].state, CheckState::skipped);
}

TEST(DoctorDatabase, TellsWhatARoleMayDo) {
  TestDb database;
  const std::string all = "ALL TABLES IN SCHEMA public, ops, market";
  const std::string schemas = "USAGE ON SCHEMA ops, market";
  const auto privileges = [&](const std::string& role) {
    return named(checks_of(database.url_as(role)), "database privileges");
  };
  const std::string worker = database.create_role({schemas, "SELECT, INSERT, UPDATE, DELETE ON " + all});
  EXPECT_EQ(privileges(worker).state, CheckState::ok);
  const std::string reader = database.create_role({schemas, "SELECT ON " + all});
  EXPECT_EQ(privileges(reader).state, CheckState::ok);
  EXPECT_NE(privileges(reader).detail.find("may read all tables and write none"), std::string::npos);
  const std::string half =
      database.create_role({schemas, "SELECT ON " + all, "INSERT, UPDATE, DELETE ON batches"});
  EXPECT_EQ(privileges(half).state, CheckState::failed);
  EXPECT_NE(
      privileges(half).detail.find(
          "not write market.bars, market.corporate_actions, market.daily_closes, market.splits_asked, ops.batch_origin"),
      std::string::npos);
  const std::string nobody = database.create_role({});
  EXPECT_EQ(privileges(nobody).state, CheckState::failed);
  EXPECT_NE(privileges(nobody).detail.find("may not read"), std::string::npos);

  // The hint, run as it is printed, is what was missing, and no more.
  const auto owner = database.open();
  for (const std::string& role : {half, nobody}) {
    const std::string hint = privileges(role).hint;
    constexpr std::string_view kWho = "as the owner: ";
    ASSERT_TRUE(hint.starts_with(kWho)) << hint;
    for (const std::string& grant : split(hint.substr(kWho.size()), ';')) owner->query(grant);
    EXPECT_EQ(privileges(role).state, CheckState::ok) << hint;
  }
  EXPECT_NE(privileges(nobody).detail.find("write none"), std::string::npos);
}

TEST(DoctorDatabase, SeesSchemasReadOnlyRolesAndLimits) {
  TestDb database;
  const auto db = database.open();
  db->query("UPDATE schema_migrations SET version = 6");
  auto checks = checks_of(database.url());
  EXPECT_EQ(named(checks, "database schema").state, CheckState::failed);
  EXPECT_EQ(named(checks, "database schema").hint, "run: am migrate");
  EXPECT_EQ(named(checks, "database privileges").state, CheckState::skipped);
  db->query("UPDATE schema_migrations SET version = (SELECT max(version) FROM ops.migrations)");
  db->query("DELETE FROM ops.migrations WHERE version > 8");
  EXPECT_EQ(named(checks_of(database.url()), "database schema").state, CheckState::warning);
  EXPECT_NE(named(checks_of(database.url()), "database schema").hint.find("run: am migrate, which compares"),
            std::string::npos);
  db->query("UPDATE ops.migrations SET sha256_up = repeat('0', 64) WHERE version = 2");
  EXPECT_NE(named(checks_of(database.url()), "database schema").detail.find("was edited"), std::string::npos);

  const std::string role = database.create_role({"USAGE ON SCHEMA ops, market"}, "CONNECTION LIMIT 4");
  db->query("ALTER ROLE " + role + " SET default_transaction_read_only = on");
  checks = checks_of(database.url_as(role));
  EXPECT_EQ(named(checks, "database writable").state, CheckState::warning);
  const auto second = open_db({.url = database.url_as(role), .probe = {}});
  second->query("SELECT 1");
  EXPECT_EQ(named(checks_of(database.url_as(role)), "database connections").state, CheckState::warning);
}

TEST(DoctorDatabase, RefusesTheClockThatTheCommandsRefuse) {
  const TestDb database;
  const auto apart = [&](std::chrono::seconds away) {
    const SystemClock clock({}, [away] { return SystemClock().host() + away; });
    return named(checks_of(database.url(), clock), "database clock");
  };
  EXPECT_EQ(apart(std::chrono::seconds(0)).state, CheckState::ok);
  EXPECT_EQ(apart(std::chrono::seconds(60)).state, CheckState::warning);
  for (const int days : {7, -7}) {
    const Check wrong = apart(std::chrono::days(days));
    EXPECT_EQ(wrong.state, CheckState::failed);
    EXPECT_NE(wrong.detail.find("s apart (expected at most 300 s)"), std::string::npos) << wrong.detail;
    EXPECT_NE(wrong.hint.find("timedatectl"), std::string::npos);
  }
}

TEST(DoctorDatabase, TellsAPoolersMode) {
  const TestDb database;
  const auto pooler = [&](int size, const std::string& mode) {
    const PgBouncer bouncer(size, "*", mode);
    const auto checks = checks_of(bouncer.url(database.name()));
    if (mode == "statement") {
      EXPECT_EQ(named(checks, "database schema").state, CheckState::skipped);
    }
    return named(checks, "database pooler");
  };
  EXPECT_EQ(named(checks_of(database.url()), "database pooler").detail, "none: the connection is direct");
  EXPECT_EQ(pooler(1, "transaction").detail, "pooled, transaction mode");
  EXPECT_EQ(pooler(2, "transaction").detail, "pooled, transaction mode");
  EXPECT_EQ(pooler(2, "session").detail, "pooled, session mode as it seems");
  EXPECT_EQ(pooler(2, "statement").state, CheckState::failed);
}

TEST(DoctorHosts, AreOnlyConnectedTo) {
  LoopbackServer server([](const LoopbackServer::Request&) { return LoopbackServer::Answer{}; });
  const auto transport = make_curl_transport("am/test");
  const auto checks = check_hosts(
      *transport, {{"good", server.url() + "/v1"},
                   {"no TLS", "https://127.0.0.1:" + std::to_string(server.port())},
                   {"away", "http://127.0.0.1:" + std::to_string(LoopbackServer::closed_port())}});
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks[0].state, CheckState::ok) << checks[0].detail;
  EXPECT_EQ(checks[1].state, CheckState::failed);
  EXPECT_NE(checks[1].detail.find("TLS handshake failed"), std::string::npos) << checks[1].detail;
  EXPECT_EQ(checks[2].state, CheckState::failed);
  EXPECT_NE(checks[2].detail.find("connection refused"), std::string::npos) << checks[2].detail;
  EXPECT_TRUE(server.requests().empty()) << "nothing is sent";
}

}  // namespace
}  // namespace am::kernel
