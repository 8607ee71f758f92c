// `am serve-readonly` as it comes up: before its database, before the first migration, where it listens, and below whose path.

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/am_process.hpp"
#include "support/loopback_server.hpp"
#include "support/pg.hpp"
#include "support/served.hpp"

namespace am::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::map<std::string, std::string> start_env(const std::string& url) { return {{"DATABASE_URL", url}}; }

/// Alive, and not ready for anything that needs the database.
void expect_unready(const Served& server) {
  EXPECT_EQ(server.get("/livez").status, 200);
  EXPECT_EQ(server.get("/openapi.json").status, 200);
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(server.get("/metrics").status, 200);
  for (const char* path :
       {"/latest", "/batches", "/batches/00000000-0000-0000-0000-00000000000b", "/events"}) {
    const HttpAnswer answer = server.get(path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(Json::parse(answer.body)["error"]["code"], "unavailable") << path;
    EXPECT_EQ(answer.header("retry-after"), "1") << path;
  }
  for (const char* path :
       {"/", "/pages/batches", "/pages/batches/2026-01-26", "/pages/report", "/pages/status"}) {
    const HttpAnswer answer = server.get(path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_THAT(answer.body, HasSubstr("Not available right now")) << path;
  }
}

TEST(ServeStart, StartsBeforeItsDatabase) {
  Served server(
      start_env("postgresql://am@127.0.0.1:" + std::to_string(LoopbackServer::closed_port()) + "/am"));
  EXPECT_EQ(Json::parse(server.get("/readyz").body)["message"], "the database does not answer");
  expect_unready(server);
  EXPECT_EQ(server.get("/openapi.json").status, 200);
  EXPECT_THAT(server.end().err, HasSubstr("the database is not ready"));
}

TEST(ServeStart, ServesNothingOfADeskThatIsOff) {
  const TestDb home;
  home.open()->query(
      "INSERT INTO ops.runs (id, job, slot, status, version, started_at, finished_at) VALUES "
      "(gen_random_uuid(), 'weekly_pick_v1', '2026-01-26', 'failed', 'test', now(), now()), "
      "(gen_random_uuid(), 'fetch_closes_v1', 'stooq', 'done', 'test', now(), now())");
  std::map<std::string, std::string> env = start_env(home.url());
  const Directory directory;
  env["AM_CONFIG"] = directory.file("am.toml", "[desks]\nenabled = \"\"\n");
  const Served server(env);
  for (const char* path : {"/latest", "/batches", "/pages/latest", "/pages/batches", "/pages/report"})
    EXPECT_EQ(server.get(path).status, 404) << path;
  for (const char* path : {"/health", "/readyz", "/metrics", "/events", "/", "/pages/status"})
    EXPECT_EQ(server.get(path).status, 200) << path;
  EXPECT_THAT(server.get("/openapi.json").body, Not(HasSubstr("/batches")));
  const std::string page = server.get("/").body;
  EXPECT_THAT(page, HasSubstr("No desk is enabled here"));
  EXPECT_THAT(page, Not(HasSubstr("href=\"/pages/batches\"")));
  EXPECT_THAT(page, HasSubstr("fetch_<wbr>closes_<wbr>v1")) << "no desk's own";
  for (const std::string& shown : {page, server.get("/metrics").body})
    EXPECT_THAT(shown, Not(HasSubstr("weekly_"))) << "its runs are in the ledger and not shown";
}

TEST(ServeStart, StartsBeforeTheFirstMigrationAndGetsWellByItself) {
  const TestDb home(TestDb::Content::empty);
  Served server(start_env(home.url()));
  const std::string message = Json::parse(server.get("/readyz").body)["message"];
  EXPECT_THAT(message, HasSubstr("database schema: none (expected "));
  expect_unready(server);
  EXPECT_EQ(server.get("/health").status, 200) << "the database does answer";
  ASSERT_EQ(am({"migrate"}, {{"PATH", "/usr/bin:/bin"}, {"DATABASE_URL", home.url()}}).exit, 0);
  EXPECT_EQ(server.status_soon("/readyz", 200), 200);
  for (const char* path : {"/latest", "/batches", "/events", "/", "/pages/report", "/pages/status"})
    EXPECT_EQ(server.status_soon(path, 200), 200) << path;
  const Finished done = server.end();
  EXPECT_EQ(done.exit, 0);
  EXPECT_THAT(done.err, HasSubstr("the database is not ready; serving 503 until it is"));
  EXPECT_THAT(done.err, HasSubstr("run: am migrate"));
}

TEST(ServeStart, ARoleWithoutItsPrivilegesIsNotReady) {
  TestDb home;
  const std::string role = home.create_role({});
  Served server(start_env(home.url_as(role)));
  EXPECT_EQ(Json::parse(server.get("/readyz").body)["message"],
            "the database denies this server what it reads");
  expect_unready(server);
  const auto db = home.open();
  for (const char* schema : {"public", "ops", "market"}) {
    db->query("GRANT USAGE ON SCHEMA " + std::string(schema) + " TO " + role);
    db->query("GRANT SELECT ON ALL TABLES IN SCHEMA " + std::string(schema) + " TO " + role);
  }
  EXPECT_EQ(server.status_soon("/readyz", 200), 200);
  EXPECT_EQ(server.status_soon("/latest", 200), 200);
}

TEST(ServeStart, WhatNeverMendsItselfIsSaidAtOnce) {
  const TestDb home;
  std::string missing = home.url();
  missing.replace(missing.find(home.name()), home.name().size(), "am_no_such_database");
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, start_env(missing)).exit, 78);
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, start_env(home.url_as("am_nobody"))).exit, 77);
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, start_env("mysql://h/d")).exit, 78);
}

TEST(ServeStart, EverythingWorksBelowABasePath) {
  const TestDb home;
  auto env = start_env(home.url());
  env["AM_SERVER_BASE_PATH"] = "/desk/am/";
  Served server(env);
  // As a proxy that leaves the path alone sends it, as one that takes it away does, and as a probe asks.
  for (const std::string path : {"/", "/pages/batches", "/pages/report", "/latest", "/style.css", "/livez"}) {
    const HttpAnswer answer = server.get("/desk/am" + path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(server.get(path).body, answer.body) << path;
  }
  EXPECT_EQ(server.get("/desk/am").status, 200);
  EXPECT_EQ(server.get("/desk/am/pages/status").status, 200);
  for (const char* path : {"/desk/am/pages/status/", "/pages/status/", "/desk/am/status"}) {
    EXPECT_EQ(server.get(path).status, 308) << path;
    EXPECT_EQ(server.get(path).header("location"), "/desk/am/pages/status") << path;
  }
  for (const char* path : {"/desk/amber", "/desk", "/desk/am/desk/am/latest", "/am/latest"})
    EXPECT_EQ(server.get(path).status, 404) << path;
  for (const char* path :
       {"/desk/am/", "/desk/am/pages/batches/2026-01-26", "/desk/am/pages/api", "/desk/am/nowhere"}) {
    const HttpAnswer page = server.get(path, "Accept: text/html\r\n");
    EXPECT_THAT(page.body, HasSubstr("href=\"/desk/am/pages/status\"")) << path;
    EXPECT_THAT(page.body, HasSubstr("href=\"/desk/am/style.css?v=")) << path;
    EXPECT_THAT(page.body, testing::Not(HasSubstr("href=\"/pages"))) << path;
  }
  EXPECT_EQ(Json::parse(server.get("/desk/am/openapi.json").body)["servers"][0]["url"], "/desk/am");
  EXPECT_THAT(server.get("/metrics").body, HasSubstr("route=\"/pages/batches\"")) << "counted without it";
}

TEST(ServeStart, TellsItsServiceManager) {
  const TestDb home;
  const Directory directory;
  const std::string path = (directory.path() / "notify").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(manager, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const timeval longest{20, 0};
  setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  const auto next = [&] {
    char text[64] = {};
    return std::string(text,
                       static_cast<std::size_t>(std::max<ssize_t>(0, recv(manager, text, sizeof text, 0))));
  };
  auto env = start_env(home.url());
  env["NOTIFY_SOCKET"] = path;
  Served server(env);
  EXPECT_EQ(next(), "READY=1");
  EXPECT_EQ(server.end().exit, 0);
  EXPECT_EQ(next(), "STOPPING=1");
  close(manager);
}

// --- where it listens ---------------------------------------------------------------------------------------

TEST(ServeStart, SaysWhatIsWrongWithItsSettings) {
  const TestDb home;
  Served first(start_env(home.url()));
  auto env = start_env(home.url());
  env["PORT"] = std::to_string(first.port());
  const Finished taken = am({"serve-readonly"}, env);
  EXPECT_EQ(taken.exit, 78);
  EXPECT_THAT(taken.err, HasSubstr("another process listens there"));
  const Directory directory;
  const std::string file = directory.file("am.sock", "precious");
  const std::string folder = std::filesystem::path(file).parent_path();
  for (const auto& [path, what] :
       {std::pair(file, "a file is there"), std::pair(folder, "a directory is there")}) {
    const Finished misplaced = am({"serve-readonly", "--listen", "unix:" + path}, env);
    EXPECT_EQ(misplaced.exit, 78);
    EXPECT_THAT(misplaced.err, HasSubstr(what + std::string(" (expected a socket or nothing)")));
    EXPECT_THAT(misplaced.err, Not(HasSubstr("another process")));
  }
  EXPECT_EQ(std::filesystem::file_size(file), 8U) << "it is not touched";
  EXPECT_EQ(am({"serve-readonly", "--listen", "nowhere:1"}, env).exit, 64);
  env["CORS_ALLOW_ORIGINS"] = "a.example";
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, env).exit, 78);
  env["CORS_ALLOW_ORIGINS"] = "ftp://a.example";
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, env).exit, 78);
  env["CORS_ALLOW_ORIGINS"] = "https://*";
  EXPECT_EQ(am({"serve-readonly", "--listen", "127.0.0.1:0"}, env).exit, 78);
  env["CORS_ALLOW_ORIGINS"] = "";
  env["AM_SERVER_BASE_PATH"] = "am";
  const Finished path = am({"serve-readonly", "--listen", "127.0.0.1:0"}, env);
  EXPECT_EQ(path.exit, 78);
  EXPECT_THAT(path.err, HasSubstr("server.base_path: not a path: am"));
}

TEST(ServeStart, AUnixSocketIsTakenOverWhenItsServerWasKilled) {
  const TestDb home;
  const Directory directory;
  const std::string path = (directory.path() / "am.sock").string();
  const std::vector<std::string> command = am_command({"serve-readonly", "--listen", "unix:" + path});
  const auto answers = [&] {
    for (int i = 0; i < 500; ++i, std::this_thread::sleep_for(20ms)) {
      try {
        return HttpSocket(path).get("/livez").value_or(HttpAnswer{}).status;
      } catch (const std::runtime_error&) {
        continue;
      }
    }
    return 0;
  };
  {
    Process killed(command, {.env = start_env(home.url())});
    ASSERT_EQ(answers(), 200);
    EXPECT_EQ(run_process(command, {.env = start_env(home.url())}).exit, 78) << "it lives";
    killed.signal(SIGKILL);
    killed.wait();
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  Process next(command, {.env = start_env(home.url())});
  ASSERT_EQ(answers(), 200);
  next.signal(SIGTERM);
  EXPECT_EQ(next.wait().exit, 0);
  EXPECT_FALSE(std::filesystem::exists(path));
  directory.file("am.sock", "somebody's");
  EXPECT_EQ(run_process(command, {.env = start_env(home.url())}).exit, 78);
  EXPECT_TRUE(std::filesystem::exists(path)) << "what is no socket is not touched";
}

}  // namespace
}  // namespace am::test
