#pragma once
// The API's handlers over a real database, without a server: a target in, a document out. Every JSON document is
// checked against the schema that /openapi.json promises for it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/kernel/snapshot.hpp"
#include "am/picks/desk.hpp"
#include "support/json_schema.hpp"
#include "support/pg.hpp"
#include "support/picks_router.hpp"
#include "web/answers.hpp"

namespace am::web {

class ApiTest : public ::testing::Test {
 protected:
  static std::unique_ptr<kernel::SnapshotReader> open(const std::string& url) {
    kernel::SnapshotOptions options;
    options.db.url = url;
    return kernel::open_snapshots(options);
  }

  /// As the site does: a mismatch and an Error become documents.
  static Document answer(const std::string& target, kernel::SnapshotReader& reader) {
    const auto found = test::picks_router().match(target);
    if (!found) return error_document(found.error().status, found.error().message);
    try {
      return rendered(*found->route, found->args,
                      {reader, *parse_rfc3339("2026-02-10T15:00:00Z"), desks_, off_, limits_, stats_, root_,
                       test::picks_router()});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::no_input) return error_document(404, error.message());
      return error_document(error.kind() == ErrorKind::unavailable ? 503 : 500, error.message());
    }
  }

  /// The answer, which must be as the schema of its route says.
  Document get(const std::string& target, kernel::SnapshotReader& reader) {
    Document document = answer(target, reader);
    if (document.content_type != kJsonType) return document;
    const auto found = test::picks_router().match(target);
    const bool own = found && (document.status == 200 || found->route->health);
    const std::string schema(own ? found->route->schema : "Error");
    const std::vector<std::string> problems = schemas_.problems(schema, document.body);
    EXPECT_TRUE(problems.empty()) << target << " as " << schema << ": " << join(problems, "; ") << "\n"
                                  << document.body;
    return document;
  }
  Document get(const std::string& target) { return get(target, *reader_); }
  std::string body(const std::string& target) { return get(target).body; }

  void run(std::string_view sql) { db_->query(sql); }

  static inline const std::string root_;
  inline static const kernel::Desks desks_{&picks::desk()};
  inline static const kernel::Desks off_;
  static const std::vector<kernel::RateLimit> limits_;
  static const std::function<kernel::ServerStats()> stats_;

  test::TestDb database_;
  std::unique_ptr<kernel::Db> db_ = database_.open();
  std::unique_ptr<kernel::SnapshotReader> reader_ = open(database_.url());
  test::JsonSchemas schemas_{openapi_json(test::picks_router())};
};

inline const std::vector<kernel::RateLimit> ApiTest::limits_ = {
    {.key = "alpha_vantage",
     .windows = {{.limit = 5, .period = std::chrono::minutes(1)},
                 {.limit = 500, .period = std::chrono::hours(24)}}}};
inline const std::function<kernel::ServerStats()> ApiTest::stats_ = [] {
  kernel::ServerStats stats;
  stats.requests = {{{"/latest", 200}, 3}};
  stats.duration_count = 3;
  return stats;
};

}  // namespace am::web
