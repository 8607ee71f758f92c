// `am serve-readonly` as its clients and its operators meet it: the real process, real databases that come and go.

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/am_process.hpp"
#include "support/pg.hpp"
#include "support/pgbouncer.hpp"
#include "support/served.hpp"

namespace am::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::HasSubstr;

/// One batch with a baseline, and days as the test adds them.
constexpr const char* kBatch =
    "INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES "
    "('00000000-0000-0000-0000-00000000000b', '2026-01-26', 600.10, 'active')";
constexpr const char* kPick =
    "INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price) VALUES "
    "('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b', 'AAPL', 'BUY', 'because', 250)";

void add_batch(kernel::Sql& db) {
  db.query(kBatch);
  db.query(kPick);
}

void add_day(kernel::Sql& db, const std::string& date) {
  db.query(
      "INSERT INTO checkpoints (id, batch_id, checkpoint_date, status) VALUES (gen_random_uuid(), "
      "'00000000-0000-0000-0000-00000000000b', $1::date, 'skipped')",
      kernel::sql_values(date));
}

std::map<std::string, std::string> env_for(const std::string& url) { return {{"DATABASE_URL", url}}; }

TEST(Serve, AnswersLogsAndEnds) {
  const TestDb home;
  add_batch(*home.open());
  Served server(env_for(home.url_elsewhere()));
  EXPECT_EQ(Json::parse(server.get("/latest").body)["batch"]["run_date"], "2026-01-26");
  EXPECT_EQ(server.get("/batches?limit=0").status, 400);
  EXPECT_EQ(server.get("/\"forged\\", "X-Request-Id: mine\r\n").status, 404);
  const HttpAnswer moved = server.get("/pages/batches/?to=2026-01-26");
  EXPECT_EQ(moved.status, 308);
  EXPECT_EQ(moved.header("location"), "/pages/batches?to=2026-01-26");
  EXPECT_EQ(server.get("/icon.svg").header("content-type"), "image/svg+xml");
  EXPECT_EQ(server.get("/icon.svg").header("cache-control"), "public, max-age=86400");
  for (const char* page : {"/", "/pages/batches", "/pages/batches/2026-01-26", "/pages/report",
                           "/pages/status", "/pages/glossary", "/pages/api"}) {
    const HttpAnswer answer = server.get(page);
    EXPECT_EQ(answer.status, 200) << page;
    EXPECT_EQ(answer.header("content-security-policy"),
              "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
              "frame-ancestors 'none'");
  }
  const Finished done = server.end();
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("served "));
  std::istringstream lines(done.err);
  int requests = 0;
  bool forged = false;
  for (std::string line; std::getline(lines, line);) {
    const Json entry = Json::parse(line);
    EXPECT_EQ(entry["command"], "serve-readonly") << line;
    if (entry["msg"] != "request") continue;
    ++requests;
    for (const char* field :
         {"ts", "level", "method", "path", "status", "bytes", "duration_ms", "request_id", "remote"})
      EXPECT_TRUE(entry.contains(field)) << field << line;
    forged =
        forged || (entry["path"] == "/\"forged\\" && entry["request_id"] == "mine" && entry["status"] == 404);
  }
  EXPECT_GE(requests, 9);
  EXPECT_TRUE(forged) << done.err;
}

TEST(Serve, MethodsAndCors) {
  const TestDb home;
  auto env = env_for(home.url());
  env["CORS_ALLOW_ORIGINS"] = "https://a.example, https://b.example:8443";
  Served server(env);
  const int port = server.port();
  const HttpAnswer post = http_get(port, "/latest", "", "POST");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(Json::parse(post.body)["error"]["code"], "method_not_allowed");
  const HttpAnswer head = http_get(port, "/latest", "", "HEAD");
  const HttpAnswer get = http_get(port, "/latest");
  EXPECT_EQ(head.header("content-length"), get.header("content-length"));
  EXPECT_EQ(head.header("etag"), get.header("etag"));
  EXPECT_EQ(get.header("access-control-allow-origin"), "");
  EXPECT_EQ(get.header("vary"), "Origin");
  EXPECT_EQ(
      http_get(port, "/latest", "Origin: https://b.example:8443\r\n").header("access-control-allow-origin"),
      "https://b.example:8443");
  EXPECT_EQ(
      http_get(port, "/latest", "Origin: https://evil.example\r\n").header("access-control-allow-origin"),
      "");
  const HttpAnswer preflight = http_get(
      port, "/latest", "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n", "OPTIONS");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(preflight.header("access-control-allow-headers"),
            "Accept, Content-Type, If-None-Match, X-Request-Id");
  EXPECT_EQ(preflight.header("vary"), "Origin");
  const HttpAnswer refused = http_get(port, "/latest", "Origin: https://evil.example\r\n", "OPTIONS");
  EXPECT_EQ(refused.header("access-control-allow-methods"), "");
  EXPECT_EQ(refused.header("vary"), "Origin") << "no cache keeps it for the others";
  EXPECT_EQ(http_get(port, "/latest", "", "OPTIONS").header("allow"), "GET, HEAD, OPTIONS");
}

TEST(Serve, GzipAndEtagsPerCoding) {
  const TestDb home;
  const auto db = home.open();
  add_batch(*db);
  for (int day = 1; day <= 14; ++day)
    add_day(*db, "2026-02-" + std::string(day < 10 ? "0" : "") + std::to_string(day));
  Served server(env_for(home.url()));
  const std::string path = "/batches/00000000-0000-0000-0000-00000000000b";
  const HttpAnswer plain = server.get(path, "Accept-Encoding: br, gzip;q=0\r\n");
  const HttpAnswer packed = server.get(path, "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(plain.header("content-encoding"), "");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size() / 2);
  EXPECT_NE(plain.header("etag"), packed.header("etag"));
  EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
  const auto again = [&](const std::string& tag, const std::string& coding) {
    return server.get(path, "If-None-Match: " + tag + "\r\nAccept-Encoding: " + coding + "\r\n").status;
  };
  EXPECT_EQ(again(plain.header("etag"), "identity"), 304);
  EXPECT_EQ(again(packed.header("etag"), "gzip"), 304);
  EXPECT_EQ(again(packed.header("etag"), "identity"), 200);
  EXPECT_EQ(again("\"x\", W/" + plain.header("etag"), "identity"), 304);
  EXPECT_EQ(again("*", "identity"), 304);
}

TEST(Serve, AChangeIsVisibleWithinASecond) {
  const TestDb home;
  const auto db = home.open();
  add_batch(*db);
  Served server(env_for(home.url()));
  for (const char* day : {"2026-01-26", "2026-01-27"}) {
    const std::string tag = server.get("/latest").header("etag");
    const std::string ask = "If-None-Match: " + tag + "\r\n";
    EXPECT_EQ(server.get("/latest", ask).status, 304);
    std::this_thread::sleep_for(700ms);
    EXPECT_EQ(server.get("/latest", ask).status, 304) << "nothing changed";
    add_day(*db, day);
    const auto changed = std::chrono::steady_clock::now();
    HttpAnswer answer = server.get("/latest", ask);
    while (answer.status == 304 && std::chrono::steady_clock::now() - changed < 5s) {
      std::this_thread::sleep_for(5ms);
      answer = server.get("/latest", ask);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - changed, 1050ms);
    EXPECT_EQ(Json::parse(answer.body)["latest_checkpoint"]["checkpoint_date"], day);
    EXPECT_NE(answer.header("etag"), tag);
  }
}

TEST(Serve, ARoleThatOnlySelectsIsEnough) {
  TestDb home;
  const auto db = home.open();
  add_batch(*db);
  const std::string role = home.create_role(
      {"SELECT ON ALL TABLES IN SCHEMA public", "SELECT ON ALL TABLES IN SCHEMA ops",
       "SELECT ON ALL TABLES IN SCHEMA market", "USAGE ON SCHEMA ops", "USAGE ON SCHEMA market"});
  Served server(env_for(home.url_as(role)));
  for (const char* path :
       {"/health", "/readyz", "/latest", "/batches", "/events", "/metrics", "/",
        "/batches/00000000-0000-0000-0000-00000000000b", "/pages/batches", "/pages/batches/2026-01-26",
        "/pages/report", "/pages/status", "/batches.csv", "/batches.atom"})
    EXPECT_EQ(server.get(path).status, 200) << path;
  const Finished done = server.end();
  EXPECT_EQ(done.exit, 0);
  EXPECT_THAT(done.err, testing::Not(HasSubstr("could not be answered")));
}

TEST(Serve, WorksThroughATransactionPooler) {
  const TestDb home;
  add_batch(*home.open());
  const PgBouncer bouncer(2, home.name());
  auto env = env_for(bouncer.url(home.name()));
  env["AM_SERVER_FRESH_MS"] = "0";
  Served server(env);
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 40; ++i)
        good += server.get(c % 2 == 0 ? "/latest" : "/batches?limit=" + std::to_string(1 + i)).status == 200
                    ? 1
                    : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 160);
}

TEST(Serve, ManyClientsWhileDataChanges) {
  const TestDb home;
  const auto db = home.open();
  add_batch(*db);
  auto env = env_for(home.url());
  env["AM_SERVER_WORKERS"] = "2";
  env["AM_SERVER_FRESH_MS"] = "20";
  Served server(env);
  std::atomic<int> bad{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      const std::vector<std::string> paths = {
          "/latest", "/batches",      "/",        "/batches/00000000-0000-0000-0000-00000000000b",
          "/health", "/pages/status", "/metrics", "/pages/batches"};
      HttpSocket socket(server.port());
      for (std::size_t i = 0; i < 60; ++i) {
        const auto answer =
            socket.get(paths[(i + static_cast<std::size_t>(c)) % paths.size()],
                       i % 3 == 0 ? "Accept-Encoding: gzip\r\n" : "", i % 7 == 0 ? "HEAD" : "GET");
        if (!answer || answer->status != 200) ++bad;
      }
    });
  }
  for (int day = 10; day < 24; ++day) {
    add_day(*db, "2026-02-" + std::to_string(day));
    std::this_thread::sleep_for(10ms);
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(server.end().exit, 0);
}

// --- a database that is away, killed, back ------------------------------------------------------------------

/// A server of its own, so that it can be killed.
class OwnCluster {
 public:
  OwnCluster() { start(); }
  ~OwnCluster() { run("stop"); }
  OwnCluster(const OwnCluster&) = delete;
  OwnCluster& operator=(const OwnCluster&) = delete;
  void start() {
    run("start", {"--durable"});
    std::getline(std::ifstream(directory_.path() / "url"), url_);
  }
  /// The whole server at once, as if the machine had lost its power.
  void kill() {
    std::ifstream file(directory_.path() / "pid");
    pid_t postmaster = 0;
    file >> postmaster;
    ASSERT_GT(postmaster, 1);
    ::kill(postmaster, SIGKILL);
  }
  const std::string& url() const { return url_; }

 private:
  void run(const std::string& verb, const std::vector<std::string>& options = {}) {
    std::vector<std::string> command = {AM_SOURCE_DIR "/scripts/pg-cluster", verb,
                                        directory_.path().string()};
    command.insert(command.end(), options.begin(), options.end());
    const Finished done = run_process(command, {.env = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
    ASSERT_EQ(done.exit, 0) << done.err;
  }
  Directory directory_;
  std::string url_;
};

TEST(Serve, SurvivesADatabaseThatIsKilled) {
  OwnCluster cluster;
  ASSERT_EQ(am({"migrate"}, {{"PATH", "/usr/bin:/bin"}, {"DATABASE_URL", cluster.url()}}).exit, 0);
  add_batch(*kernel::open_db({.url = cluster.url(), .probe = {}}));
  Served server(env_for(cluster.url()));
  const HttpAnswer before = server.get("/latest");
  ASSERT_EQ(before.status, 200);
  const HttpAnswer page = server.get("/pages/batches/2026-01-26");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(server.get("/readyz").status, 200);

  cluster.kill();
  EXPECT_EQ(server.status_soon("/readyz", 503, 5s), 503);
  EXPECT_EQ(server.get("/health").body, "{\"ok\":false,\"db_ok\":false}\n");
  EXPECT_EQ(server.get("/livez").status, 200);
  std::this_thread::sleep_for(1100ms);
  const HttpAnswer stale = server.get("/latest");
  EXPECT_EQ(stale.status, 200) << "the last body, for a minute";
  EXPECT_EQ(stale.body, before.body);
  EXPECT_NE(stale.header("age"), "");
  EXPECT_EQ(before.header("age"), "");
  const HttpAnswer old =
      server.get("/pages/batches/2026-01-26", "If-None-Match: " + page.header("etag") + "\r\n");
  EXPECT_EQ(old.status, 200) << "not a 304: it says more than the page that the client has";
  EXPECT_NE(old.header("age"), "");
  EXPECT_THAT(old.body, HasSubstr("The database does not answer at the moment. This page was read "));
  EXPECT_THAT(page.body, testing::Not(HasSubstr("does not answer")));
  const HttpAnswer never_read = server.get("/batches?limit=7");
  EXPECT_EQ(never_read.status, 503);
  EXPECT_EQ(never_read.header("retry-after"), "1");
  EXPECT_EQ(Json::parse(never_read.body)["error"]["code"], "unavailable");
  EXPECT_THAT(server.get("/pages/batches").body, HasSubstr("<html"));
  EXPECT_THAT(server.get("/metrics").body, HasSubstr("am_database_up 0"));

  cluster.start();
  EXPECT_EQ(server.status_soon("/readyz", 200), 200);
  EXPECT_EQ(server.status_soon("/batches?limit=7", 200), 200);
  add_day(*kernel::open_db({.url = cluster.url(), .probe = {}}), "2026-01-26");
  std::this_thread::sleep_for(1100ms);
  EXPECT_THAT(server.get("/latest").body, HasSubstr("2026-01-26\",\"status\":\"skipped"));
  EXPECT_EQ(server.end().exit, 0);
}

}  // namespace
}  // namespace am::test
