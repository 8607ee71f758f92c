// /latest, /batches, /batches/{id} and /events to the byte: what the earlier service's clients rely on.

#include "api_fixture.hpp"

namespace am::web {
namespace {

class Api : public ApiTest {
 protected:
  /// One old batch, and the newest with a baseline, a computed and a skipped checkpoint and a hostile reasoning.
  void fill_small() {
    run("INSERT INTO batches (id, run_date, benchmark_symbol, benchmark_initial_price, status) VALUES "
        "('00000000-0000-7000-8000-00000000000a', '2026-01-26', 'SPY', 690.10, 'completed'), "
        "('00000000-0000-7000-8000-00000000000b', '2026-02-02', 'SPY', 691.5000, 'active')");
    run("INSERT INTO picks (id, batch_id, ticker, action, reasoning, initial_price) VALUES "
        "('00000000-0000-7000-8000-0000000000c3', '00000000-0000-7000-8000-00000000000b', 'A&B<i>', 'SELL', "
        "E'<script>alert(\"1\")</script> & \\\\ \\n\\t\\x08\\x0c\\x01 é 😀 \\u2028', 0.1), "
        "('00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-00000000000b', 'NVDA', 'BUY', 'Plain.', "
        "1000)");
    run("INSERT INTO checkpoints (id, batch_id, checkpoint_date, status, benchmark_price, benchmark_return_pct) VALUES "
        "('00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-00000000000b', '2026-02-02', 'computed', "
        "692.883, 0.2), "
        "('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-00000000000b', '2026-01-30', 'computed', "
        "691.5000, NULL), "
        "('00000000-0000-7000-8000-0000000000d3', '00000000-0000-7000-8000-00000000000b', '2026-02-03', 'skipped', "
        "NULL, NULL)");
    run("INSERT INTO pick_checkpoint_metrics VALUES "
        "('00000000-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-0000000000d2', "
        "'00000000-0000-7000-8000-0000000000c3', 0.0999, 0.1, -0.1000000000000000000000000000000001), "
        "('00000000-0000-7000-8000-0000000000e2', '00000000-0000-7000-8000-0000000000d2', "
        "'00000000-0000-7000-8000-0000000000c1', 1010, 1, 0.8)");
  }
};

const std::string kOld =
    R"({"id":"00000000-0000-7000-8000-00000000000a","run_date":"2026-01-26","status":"completed",)"
    R"("benchmark_symbol":"SPY","benchmark_initial_price":"690.10"})";
const std::string kNew =
    R"({"id":"00000000-0000-7000-8000-00000000000b","run_date":"2026-02-02","status":"active",)"
    R"("benchmark_symbol":"SPY","benchmark_initial_price":"691.5000"})";
const std::string kPicks =
    R"([{"id":"00000000-0000-7000-8000-0000000000c3","ticker":"A\u0026B\u003ci\u003e","action":"SELL",)"
    R"("reasoning":"\u003cscript\u003ealert(\"1\")\u003c/script\u003e \u0026 \\ \n\t\b\f\u0001 é 😀 \u2028",)"
    R"("initial_price":"0.1"},)"
    R"({"id":"00000000-0000-7000-8000-0000000000c1","ticker":"NVDA","action":"BUY","reasoning":"Plain.",)"
    R"("initial_price":"1000"}])";
const std::string kBaseline =
    R"({"id":"00000000-0000-7000-8000-0000000000d1","checkpoint_date":"2026-01-30","status":"computed",)"
    R"("benchmark_price":"691.5000","benchmark_return_pct":null,"metrics":[]})";
const std::string kComputed =
    R"({"id":"00000000-0000-7000-8000-0000000000d2","checkpoint_date":"2026-02-02","status":"computed",)"
    R"("benchmark_price":"692.883","benchmark_return_pct":"0.2","metrics":[)"
    R"({"id":"00000000-0000-7000-8000-0000000000e2","pick_id":"00000000-0000-7000-8000-0000000000c1",)"
    R"("current_price":"1010","absolute_return_pct":"1","vs_benchmark_pct":"0.8"},)"
    R"({"id":"00000000-0000-7000-8000-0000000000e1","pick_id":"00000000-0000-7000-8000-0000000000c3",)"
    R"("current_price":"0.0999","absolute_return_pct":"0.1",)"
    R"("vs_benchmark_pct":"-0.1000000000000000000000000000000001"}]})";
const std::string kSkipped =
    R"({"id":"00000000-0000-7000-8000-0000000000d3","checkpoint_date":"2026-02-03","status":"skipped",)"
    R"("benchmark_price":null,"benchmark_return_pct":null,"metrics":[]})";

TEST_F(Api, AnswersForAnEmptyDatabase) {
  EXPECT_EQ(body("/latest"), "{\"batch\":null,\"picks\":[],\"latest_checkpoint\":null}\n");
  EXPECT_EQ(body("/batches"), "{\"batches\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/events"), "{\"events\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(get("/batches/00000000-0000-7000-8000-00000000000a").status, 404);
}

TEST_F(Api, LatestHasTheNewestBatchAndItsLatestCheckpointAlsoASkippedOne) {
  fill_small();
  EXPECT_EQ(body("/latest"),
            "{\"batch\":" + kNew + ",\"picks\":" + kPicks + ",\"latest_checkpoint\":" + kSkipped + "}\n");
  run("DELETE FROM checkpoints WHERE status = 'skipped'");
  EXPECT_EQ(body("/latest"),
            "{\"batch\":" + kNew + ",\"picks\":" + kPicks + ",\"latest_checkpoint\":" + kComputed + "}\n");
  EXPECT_EQ(get("/latest").content_type, "application/json; charset=utf-8");
}

TEST_F(Api, LatestHasNoCheckpointBeforeTheFirst) {
  run("INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES "
      "('00000000-0000-7000-8000-00000000000a', '2026-01-26', 690.10, 'completed')");
  EXPECT_EQ(body("/latest"), "{\"batch\":" + kOld + ",\"picks\":[],\"latest_checkpoint\":null}\n");
}

TEST_F(Api, OneBatchHasAllItsCheckpointsByDate) {
  fill_small();
  const std::string whole = "{\"batch\":" + kNew + ",\"picks\":" + kPicks + ",\"checkpoints\":[" + kBaseline +
                            "," + kComputed + "," + kSkipped + "]}\n";
  EXPECT_EQ(body("/batches/00000000-0000-7000-8000-00000000000b"), whole);
  EXPECT_EQ(body("/batches/00000000-0000-7000-8000-00000000000B"), whole) << "either case";
  EXPECT_EQ(body("/batches/00000000-0000-7000-8000-00000000000a"),
            "{\"batch\":" + kOld + ",\"picks\":[],\"checkpoints\":[]}\n");
}

TEST_F(Api, SaysWhatIsWrongInTheEnvelope) {
  const Document unknown = get("/batches/00000000-0000-7000-8000-0000000000ff");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body,
            "{\"error\":{\"code\":\"not_found\",\"message\":"
            "\"batch 00000000-0000-7000-8000-0000000000ff: not found\"}}\n");
  EXPECT_EQ(get("/batches/7").status, 400);
  EXPECT_EQ(get("/batches?cursor=yesterday").status, 400);
  EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(Api, BatchesAreNewestFirstWithTheLastRunDateAsCursor) {
  fill_small();
  EXPECT_EQ(body("/batches"), "{\"batches\":[" + kNew + "," + kOld + "],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/batches?limit=2"), "{\"batches\":[" + kNew + "," + kOld + "],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/batches?limit=1"), "{\"batches\":[" + kNew + "],\"next_cursor\":\"2026-02-02\"}\n");
  EXPECT_EQ(body("/batches?limit=1&cursor=2026-02-02"),
            "{\"batches\":[" + kOld + "],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/batches?cursor=2026-01-26"), "{\"batches\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/batches?cursor=0001-01-01"), "{\"batches\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/batches?cursor=9999-12-31"), body("/batches"));
}

TEST_F(Api, EventsAreWhatTheLedgerStored) {
  run("INSERT INTO ops.events (at, kind, batch_id, run_id, data) VALUES "
      "('2026-01-26T14:00:00Z', 'batch_created', '00000000-0000-7000-8000-00000000000a', "
      "'00000000-0000-7000-8000-0000000000f1', '{}'), "
      "('2026-01-26T14:00:00.5Z', 'checkpoint_skipped', '00000000-0000-7000-8000-00000000000a', NULL, "
      R"('{"reason": "<b> \"a: b, c\" \\", "n": [1, 2.50, {"x": null}], "big": 123456789012345678901234567890.10}'), )"
      "('2026-01-27T00:00:00+00', 'limit_paused', NULL, NULL, '{\"a b\": \" \"}')");
  const std::string first =
      R"({"id":"1","at":"2026-01-26T14:00:00Z","kind":"batch_created","batch_id":"00000000-0000-7000-8000-00000000000a",)"
      R"("run_id":"00000000-0000-7000-8000-0000000000f1","data":{}})";
  const std::string second =
      R"({"id":"2","at":"2026-01-26T14:00:00.5Z","kind":"checkpoint_skipped",)"
      R"("batch_id":"00000000-0000-7000-8000-00000000000a","run_id":null,"data":{"n":[1,2.50,{"x":null}],)"
      R"("big":123456789012345678901234567890.10,"reason":"\u003cb\u003e \"a: b, c\" \\"}})";
  const std::string third =
      R"({"id":"3","at":"2026-01-27T00:00:00Z","kind":"limit_paused","batch_id":null,"run_id":null,)"
      R"("data":{"a b":" "}})";
  EXPECT_EQ(body("/events"),
            "{\"events\":[" + third + "," + second + "," + first + "],\"next_cursor\":null}\n");
  EXPECT_EQ(body("/events?limit=2"), "{\"events\":[" + third + "," + second + "],\"next_cursor\":\"2\"}\n");
  EXPECT_EQ(body("/events?limit=2&cursor=2"), "{\"events\":[" + first + "],\"next_cursor\":null}\n");
  const std::string of_batch = "/events?batch_id=00000000-0000-7000-8000-00000000000a";
  EXPECT_EQ(body(of_batch), "{\"events\":[" + second + "," + first + "],\"next_cursor\":null}\n");
  EXPECT_EQ(body(of_batch + "&limit=1"), "{\"events\":[" + second + "],\"next_cursor\":\"2\"}\n");
  EXPECT_EQ(body(of_batch + "&cursor=1"), "{\"events\":[],\"next_cursor\":null}\n");
}

TEST_F(Api, AFigureThatIsNoNumberStaysTheTextThatIsStored) {
  fill_small();
  run("UPDATE batches SET benchmark_initial_price = 'NaN' WHERE run_date = '2026-02-02'");
  run("UPDATE picks SET initial_price = 'Infinity' WHERE ticker = 'NVDA'");
  run("UPDATE checkpoints SET benchmark_return_pct = '-Infinity' WHERE checkpoint_date = '2026-02-02'");
  run("UPDATE pick_checkpoint_metrics SET vs_benchmark_pct = 'NaN'");
  const std::string detail = body("/batches/00000000-0000-7000-8000-00000000000b");
  for (const char* figure : {"\"benchmark_initial_price\":\"NaN\"", "\"initial_price\":\"Infinity\"",
                             "\"benchmark_return_pct\":\"-Infinity\"", "\"vs_benchmark_pct\":\"NaN\""})
    EXPECT_NE(detail.find(figure), std::string::npos) << figure;
  EXPECT_NE(body("/latest").find("\"benchmark_initial_price\":\"NaN\""), std::string::npos);
  EXPECT_NE(body("/batches").find("\"benchmark_initial_price\":\"NaN\""), std::string::npos);
}

TEST_F(Api, ADateThatIsNoneStaysTheTextThatIsStored) {
  fill_small();
  const auto dates = [&](const std::string& target) {
    std::string out;
    const std::string text = body(target);
    for (std::size_t at = text.find("run_date\":\""); at != text.npos;
         at = text.find("run_date\":\"", at + 1))
      out += text.substr(at + 11, text.find('"', at + 11) - at - 11) + " ";
    const std::size_t cursor = text.find("next_cursor");
    return cursor == text.npos ? out : out + text.substr(cursor + 13);
  };
  const std::string before = dates("/batches");
  for (const char* odd : {"infinity", "-infinity"}) {
    run("INSERT INTO batches (id, run_date, benchmark_initial_price, status) VALUES (gen_random_uuid(), '" +
        std::string(odd) + "', 1, 'completed')");
  }
  run("UPDATE checkpoints SET checkpoint_date = 'infinity' WHERE checkpoint_date = '2026-02-02'");
  EXPECT_EQ(dates("/batches?limit=1"), "infinity \"infinity\"}\n");
  EXPECT_EQ(dates("/batches?cursor=infinity").substr(0, before.find('\n') - 6),
            before.substr(0, before.find('\n') - 6));
  EXPECT_TRUE(dates("/batches").ends_with("-infinity null}\n"));
  EXPECT_EQ(dates("/latest"), "infinity ");
  EXPECT_NE(body("/batches/00000000-0000-7000-8000-00000000000b").find("\"checkpoint_date\":\"infinity\""),
            std::string::npos);
  run("UPDATE ops.events SET at = 'infinity'");
  run("INSERT INTO ops.events (at, kind, data) VALUES ('-infinity', 'x', '{}')");
  EXPECT_NE(body("/events").find("\"at\":\"-infinity\""), std::string::npos);
}

}  // namespace
}  // namespace am::web
