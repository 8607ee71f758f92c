// The feed desk's API and pages over a real database, by a role that may only read.

#include <array>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/feed/desk.hpp"
#include "am/web/feed_section.hpp"
#include "am/web/router.hpp"
#include "support/html.hpp"
#include "support/json_schema.hpp"
#include "support/pg.hpp"
#include "web/answers.hpp"

namespace am::web {
namespace {

const Router& feed_router() {
  static const std::array<const Section*, 1> kSections{&feed_section()};
  static const Router kRouter = site_router(kSections);
  return kRouter;
}

class FeedPagesTest : public testing::Test {
 protected:
  FeedPagesTest() {
    kernel::SnapshotOptions options;
    options.db.url =
        home_.url_as(home_.create_role({"USAGE ON SCHEMA feed", "SELECT ON ALL TABLES IN SCHEMA feed"}));
    options.timeout = std::chrono::seconds(30);
    reader_ = kernel::open_snapshots(options);
  }

  /// A run of three partitions: one done, one running, one dead; and one that is over.
  void fill() {
    for (
        const std::string_view statement :
        {"INSERT INTO feed.run_metadata (run_id, feed, run_type, status, query, query_hash, expected_workers, completed_workers, "
         "failed_workers, expected_records, counted_records, watermark_after, created_at, finished_at, updated_at, "
         "error_message) VALUES ('01900000-0000-7000-8000-000000000001', 'nivoda', 'full', 'done', '{}', repeat('0', 64), 1, 1, "
         "0, 100, 100, '2026-08-01T00:00:00Z', '2026-08-01T00:00:00Z', '2026-08-01T00:20:00Z', now(), NULL), "
         "('01900000-0000-7000-8000-000000000002', 'nivoda', 'incremental', 'running', '{}', repeat('0', 64), 3, 1, 1, 3000, "
         "2990, '2026-08-02T00:00:00Z', '2026-08-02T00:00:00Z', NULL, now(), 'a <b>bold</b> trouble')",
         "INSERT INTO feed.partition_progress (key, status, ready_at, max_attempts, payload, error_message, created_at, updated_at, "
         "next_offset, records, failed_pages) SELECT '01900000-0000-7000-8000-000000000002/p-' || n, (ARRAY['done', 'running', "
         "'dead'])[n], now(), 5, format('{\"runId\":\"01900000-0000-7000-8000-000000000002\",\"partitionId\":\"p-%s\","
         "\"priceMin\":%s,\"priceMax\":%s,\"expectedRecords\":1000}', n, n * 1000, n * 1000 + 1000)::jsonb, CASE n WHEN 3 THEN "
         "'<i>overrun</i>' END, now(), now(), 400 * n, (ARRAY[1003, 500, 12])[n], n FROM generate_series(1, 3) n",
         "INSERT INTO feed.worker_runs (run_id, partition_id, worker_id, status, work_item_payload, started_at, finished_at) VALUES "
         "('01900000-0000-7000-8000-000000000002', 'p-1', 'host/1', 'completed', '{}', '2026-08-02T00:01:00Z', "
         "'2026-08-02T00:09:00Z')",
         "INSERT INTO feed.pages SELECT '01900000-0000-7000-8000-000000000002', 'p-2', n, 30 * n, 30, 30, 0, ARRAY[n], now() - "
         "interval '10 seconds' FROM generate_series(1, 10) n",
         "INSERT INTO feed.raw_diamonds_nivoda (feed, run_id, supplier_stone_id, offer_id, payload, payload_hash, "
         "consolidation_error, fetched_at, created_at, updated_at) VALUES ('nivoda', '01900000-0000-7000-8000-000000000002', 's', "
         "'o', '{}', repeat('a', 64), 'price: <u>none</u>', now(), now(), now())"})
      db_->query(statement);
  }

  Document answer(const std::string& target) {
    const auto found = feed_router().match(target);
    if (!found) return error_document(found.error().status, found.error().message);
    const kernel::Desks desks{&feed::desk()};
    const kernel::Desks off;
    const std::vector<kernel::RateLimit> limits;
    const std::function<kernel::ServerStats()> stats;
    const std::string root;
    try {
      Document document = rendered(
          *found->route, found->args,
          {*reader_, *parse_rfc3339("2016-08-09T12:00:00Z"), desks, off, limits, stats, root, feed_router()});
      if (document.content_type == kJsonType) {
        const auto problems = schemas_.problems(std::string(found->route->schema), document.body);
        EXPECT_TRUE(problems.empty()) << target << ": " << join(problems, "; ") << "\n" << document.body;
      } else {
        EXPECT_EQ(test::html_problems(document.body), std::vector<std::string>()) << target;
      }
      return document;
    } catch (const Error& error) {
      const int status = error.kind() == ErrorKind::no_input ? 404
                         : error.kind() == ErrorKind::usage  ? 400
                                                             : 500;
      return error_document(status, error.message());
    }
  }
  std::string body(const std::string& target) { return answer(target).body; }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  std::unique_ptr<kernel::SnapshotReader> reader_;
  test::JsonSchemas schemas_{openapi_json(feed_router())};
};

bool feed_page_says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST_F(FeedPagesTest, SayWhatToDoWhileThereIsNothing) {
  EXPECT_EQ(body("/feed/runs"), "{\"runs\":[],\"next_cursor\":null}\n");
  EXPECT_TRUE(feed_page_says(body("/pages/feed"), "am feed plan --full"));
  EXPECT_EQ(answer("/feed/runs/01900000-0000-7000-8000-000000000002").status, 404);
  EXPECT_EQ(answer("/pages/feed/runs/01900000-0000-7000-8000-000000000002").status, 404);
  EXPECT_EQ(answer("/pages/feed/runs/1").status, 400);
}

TEST_F(FeedPagesTest, ListRunsTheNewestFirst) {
  fill();
  const std::string first = body("/feed/runs?limit=1");
  EXPECT_TRUE(feed_page_says(first, R"("run_id":"01900000-0000-7000-8000-000000000002")"));
  EXPECT_TRUE(feed_page_says(first, R"("records":"1515")"));
  EXPECT_TRUE(feed_page_says(first, R"("next_cursor":"01900000-0000-7000-8000-000000000002")"));
  const std::string rest = body("/feed/runs?cursor=01900000-0000-7000-8000-000000000002");
  EXPECT_TRUE(feed_page_says(rest, R"("status":"done")"));
  EXPECT_TRUE(feed_page_says(rest, R"("next_cursor":null)"));
  const std::string page = body("/pages/feed");
  EXPECT_LT(page.find("000000000002"), page.find("000000000001"));
  EXPECT_TRUE(feed_page_says(page, "50.5\u00a0%"));
  EXPECT_TRUE(feed_page_says(body("/pages/feed?page=9223372036854775807"), "No more runs"));
}

TEST_F(FeedPagesTest, ShowOneRunByPrice) {
  fill();
  const std::string run = body("/feed/runs/01900000-0000-7000-8000-000000000002");
  EXPECT_TRUE(
      feed_page_says(run, R"("partition_id":"p-3","status":"dead","price_min":"3000","price_max":"4000")"));
  EXPECT_TRUE(feed_page_says(run, R"("error":"\u003ci\u003eoverrun\u003c/i\u003e")"));
  const std::string page = body("/pages/feed/runs/01900000-0000-7000-8000-000000000002");
  EXPECT_TRUE(feed_page_says(page, "$3\u00a0000 to $4\u00a0000"));
  EXPECT_TRUE(feed_page_says(page, "1\u00a0515"));
  EXPECT_TRUE(feed_page_says(page, "price: &lt;u&gt;none&lt;/u&gt;"));
  EXPECT_TRUE(feed_page_says(page, "a &lt;b&gt;bold&lt;/b&gt; trouble"));
  EXPECT_TRUE(feed_page_says(page, "to go"));
  EXPECT_FALSE(feed_page_says(page, "<b>bold"));
  EXPECT_FALSE(feed_page_says(page, "style=\""));
  const std::string over = body("/pages/feed/runs/01900000-0000-7000-8000-000000000001");
  EXPECT_TRUE(feed_page_says(over, "no work is left"));
}

}  // namespace
}  // namespace am::web
