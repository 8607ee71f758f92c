// Paging through ten years of batches and their events, and reading as a role that has only SELECT.

#include <map>

#include "am/base/date.hpp"
#include "api_fixture.hpp"
#include "support/error_of.hpp"

namespace am::web {
namespace {

/// The value of "name":"…" or "" for null, by plain search: the test's own reading of the bytes.
std::string next_cursor(const std::string& body) {
  const std::string name = "\"next_cursor\":";
  const std::size_t at = body.rfind(name);
  if (at == std::string::npos) return "missing";
  const std::string rest = body.substr(at + name.size());
  return rest == "null}\n" ? "" : rest.substr(1, rest.size() - 4);
}

std::vector<std::string> values_of(const std::string& body, const std::string& name) {
  std::vector<std::string> out;
  const std::string key = "\"" + name + "\":\"";
  for (std::size_t at = body.find(key); at != std::string::npos; at = body.find(key, at + 1))
    out.push_back(body.substr(at + key.size(), body.find('"', at + key.size()) - at - key.size()));
  return out;
}

class ApiPaging : public ApiTest {
 protected:
  static constexpr int kBatches = 520;

  void fill() {
    run("INSERT INTO batches (id, run_date, benchmark_initial_price, status) "
        "SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, date '2016-01-04' + 7 * i, 400 + i, "
        "'completed' FROM generate_series(0, 519) i");
    run("INSERT INTO ops.events (kind, batch_id, data) SELECT 'batch_created', id, jsonb_build_object('run_date', "
        "run_date) FROM batches ORDER BY run_date");
  }

  /// All pages of a list: each of exactly `limit`, but the last, which alone has no cursor and is never empty.
  std::vector<std::string> walk(const std::string& path, const std::string& value, int limit) {
    std::vector<std::string> all;
    std::string cursor;
    do {
      std::string target = path + "?limit=" + std::to_string(limit);
      if (!cursor.empty()) target += "&cursor=" + cursor;
      const std::string page = body(target);
      const std::vector<std::string> values = values_of(page, value);
      cursor = next_cursor(page);
      EXPECT_TRUE(values.size() == static_cast<std::size_t>(limit) || (cursor.empty() && !values.empty()))
          << target;
      EXPECT_TRUE(cursor.empty() || cursor == values.back()) << target;
      all.insert(all.end(), values.begin(), values.end());
    } while (!cursor.empty() && all.size() <= kBatches && !HasFailure());
    return all;
  }
};

TEST_F(ApiPaging, EveryPageSizeSeesEveryBatchOnce) {
  fill();
  std::vector<std::string> expected;
  for (int i = kBatches - 1; i >= 0; --i) expected.push_back((Date(2016, 1, 4) + 7 * i).to_string());
  for (const int limit : {1, 20, 99, 100}) EXPECT_EQ(walk("/batches", "run_date", limit), expected) << limit;
}

TEST_F(ApiPaging, EveryPageSizeSeesEveryEventOnce) {
  fill();
  std::vector<std::string> expected;
  for (int i = kBatches; i >= 1; --i) expected.push_back(std::to_string(i));
  for (const int limit : {20, 100}) EXPECT_EQ(walk("/events", "id", limit), expected) << limit;
}

TEST_F(ApiPaging, AFullLastPageHasNoCursor) {
  fill();
  const std::string date_20 = (Date(2016, 1, 4) + 7 * 20).to_string();
  EXPECT_EQ(next_cursor(body("/batches?limit=20&cursor=" + date_20)), "") << "exactly 20 are left";
  EXPECT_EQ(next_cursor(body("/batches?limit=19&cursor=" + date_20)), "2016-01-11");
  EXPECT_EQ(next_cursor(body("/batches?limit=20&cursor=" + (Date(2016, 1, 4) + 7 * 21).to_string())),
            "2016-01-11");
  EXPECT_EQ(next_cursor(body("/batches?limit=21&cursor=" + date_20)), "");
}

/// Keeps what is asked.
class RecordingReader final : public kernel::SnapshotReader {
 public:
  explicit RecordingReader(kernel::SnapshotReader& inner) : inner_(inner) {}
  std::vector<kernel::Rows> read(const std::vector<kernel::Statement>& statements) override {
    asked.insert(asked.end(), statements.begin(), statements.end());
    ++round_trips;
    return inner_.read(statements);
  }
  std::vector<kernel::Statement> asked;
  int round_trips = 0;

 private:
  kernel::SnapshotReader& inner_;
};

TEST_F(ApiPaging, EveryReadIsOneRoundTripOverIndexes) {
  fill();
  run("INSERT INTO picks SELECT gen_random_uuid(), b.id, t, 'BUY', 'r', 1 FROM batches b, unnest('{A,B,C}'::text[]) t");
  run("INSERT INTO checkpoints SELECT gen_random_uuid(), id, run_date + d, 'computed', 1, 1 "
      "FROM batches, generate_series(-1, 13) d");
  run("INSERT INTO pick_checkpoint_metrics SELECT gen_random_uuid(), c.id, p.id, 1, 1, 1 "
      "FROM checkpoints c JOIN picks p USING (batch_id)");
  run("ANALYZE");
  for (const char* target : {"/latest", "/batches", "/batches?cursor=2020-01-01&limit=100", "/events",
                             "/batches/00000000-0000-7000-8000-000000000100", "/events?cursor=100",
                             "/events?batch_id=00000000-0000-7000-8000-000000000100"}) {
    RecordingReader recorder(*reader_);
    EXPECT_EQ(get(target, recorder).status, 200);
    EXPECT_EQ(recorder.round_trips, 1) << target;
    for (const kernel::Statement& statement : recorder.asked) {
      const kernel::Rows plan = reader_->read({{"EXPLAIN " + statement.sql, statement.values}}).front();
      std::string text;
      for (const kernel::SqlValues& line : plan.values) text += line.at(0).value_or("") + "\n";
      EXPECT_EQ(text.find("Seq Scan"), std::string::npos) << target << ": " << statement.sql << "\n" << text;
      EXPECT_TRUE(text.find("Index") != std::string::npos) << text;
    }
  }
}

class ApiReadOnly : public ApiPaging {
 protected:
  std::string reader_role() {
    return database_.create_role({"USAGE ON SCHEMA ops", "SELECT ON ALL TABLES IN SCHEMA public",
                                  "SELECT ON ALL TABLES IN SCHEMA ops"});
  }
};

TEST_F(ApiReadOnly, ARoleThatHasOnlySelectReadsEverything) {
  fill();
  const auto reader = open(database_.url_as(reader_role()));
  for (const char* target :
       {"/health", "/latest", "/batches", "/batches/00000000-0000-7000-8000-000000000001", "/events",
        "/metrics", "/openapi.json", "/livez", "/readyz"}) {
    const Document document = get(target, *reader);
    EXPECT_EQ(document.status, 200) << target << ": " << document.body;
    EXPECT_EQ(document.body.find("am_database_up 0"), std::string::npos) << target;
  }
}

TEST_F(ApiReadOnly, NothingCanBeWrittenThroughAReader) {
  fill();
  const auto as_role = open(database_.url_as(reader_role()));
  for (const char* sql :
       {"UPDATE batches SET status = 'failed'", "DELETE FROM ops.events", "CREATE TABLE mine (i int)",
        "SELECT id FROM batches FOR UPDATE", "SELECT nextval(pg_get_serial_sequence('ops.events', 'id'))"}) {
    const Error refused = test::error_of([&] { as_role->read({{sql, {}}}); });
    EXPECT_TRUE(refused.message().find("permission denied") != std::string::npos ||
                refused.message().find("read-only transaction") != std::string::npos)
        << sql << ": " << refused.message();
    const Error read_only = test::error_of([&] { reader_->read({{sql, {}}}); });
    EXPECT_NE(read_only.message().find("read-only transaction"), std::string::npos)
        << sql << " as the owner: " << read_only.message();
  }
  EXPECT_EQ(values_of(body("/batches?limit=100"), "status"), std::vector<std::string>(100, "completed"));
}

}  // namespace
}  // namespace am::web
