// What a model was asked, answered and paid stays: through a prune, through a discarded run, and as tokens by batch.

#include <gtest/gtest.h>

#include "am/base/hash.hpp"
#include "am/kernel/prune.hpp"
#include "am/picks/prompt_template.hpp"
#include "am/picks/usage.hpp"
#include "support/picks_desk.hpp"

namespace am::picks {
namespace {

using std::chrono::milliseconds;
using test::TestDb;
using test::TestDesk;
using test::value_of;

/// As openai's, with answers that took tokens.
class PaidPicker final : public Picker {
 public:
  explicit PaidPicker(std::string answers, PromptTemplate prompt = usual_template())
      : answers_(std::move(answers)), prompt_(std::move(prompt)) {}
  std::string name() const override { return "openai"; }
  bool sees_the_future() const override { return true; }
  Picked pick(Date run_date, const std::string& benchmark) override {
    Picked picked;
    picked.picks = test::FakePicker().pick(run_date, benchmark).picks;
    picked.picker = name();
    picked.model = "gpt-4o-mini";
    picked.served_model = "gpt-4o-mini-2024-07-18";
    picked.prompt_hash = sha256_hex("prompt");
    picked.template_text = prompt_.text;
    picked.record_json = "{\"answers\":" + answers_ + "}";
    return picked;
  }

 private:
  std::string answers_;
  PromptTemplate prompt_;
};

const std::string kTwoAnswers =
    R"([{"prompt_tokens":310,"completion_tokens":95,"problem":"x"},{"prompt_tokens":700,"cached_tokens":256,"completion_tokens":100}])";

class PicksEvidence : public testing::Test {
 protected:
  WeeklyResult week(Picker& picker, Date run_date = Date(2025, 3, 3)) {
    TestDesk process(home_, run_date.to_string() + "T14:00:00Z");
    Workbench desk = process.add(prices_).desk();
    WeeklyOptions weekly;
    weekly.run_date = run_date;
    weekly.price_source = "fake";
    return run_weekly(desk, picker, weekly);
  }
  void discard(const std::string& run_id) {
    TestDesk process(home_, "2025-03-03T15:00:00Z");
    process.ledger.discard(*process.ledger.find(run_id), true);
  }
  std::string value(const std::string& sql) { return value_of(*db_, sql); }

  TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  test::FakePrices prices_;
};

TEST_F(PicksEvidence, KeepsEachTemplateOnceByItsHash) {
  PaidPicker usual("[]");
  PaidPicker own("[]", PromptTemplate::parse("my own on {{run_date}}").value());
  const std::string first = week(usual).batch->template_hash;
  week(usual, Date(2025, 3, 10));
  const Batch third = *week(own, Date(2025, 3, 17)).batch;
  EXPECT_EQ(first, sha256_hex(usual_template().text));
  EXPECT_NE(third.template_hash, first);
  EXPECT_EQ(value("SELECT count(*) FROM ops.prompt_templates"), "2");
  EXPECT_EQ(value("SELECT template FROM ops.prompt_templates WHERE hash = '" + third.template_hash + "'"),
            "my own on {{run_date}}");
  EXPECT_EQ(load_batch(*db_, third.id).served_model, "gpt-4o-mini-2024-07-18");
}

TEST_F(PicksEvidence, ARerunKeepsTheTemplateThatItsPicksWerePaidWith) {
  prices_.hide("MSFT", Date(2025, 2, 28));
  PaidPicker usual(kTwoAnswers);
  EXPECT_THROW(week(usual), Error);
  prices_.show("MSFT", Date(2025, 2, 28));
  PaidPicker own("[]", PromptTemplate::parse("my own on {{run_date}}").value());
  EXPECT_EQ(week(own).batch->template_hash, sha256_hex(usual_template().text));
}

TEST(PicksEvidenceMigration, OlderBatchesKeepWhatIsKnown) {
  const TestDb home(TestDb::Content::empty);
  const auto db = home.open();
  test::MigratorBed bed;
  kernel::Migrator migrator = bed.over(*db);
  migrator.up(14);
  db->query(
      "INSERT INTO batches (id, run_date, benchmark_initial_price, status) SELECT md5(n::text)::uuid, '2025-03-03'::date + "
      "7 * n, 400, 'completed' FROM generate_series(1, 2) n");
  db->query(
      "INSERT INTO ops.batch_origin (batch_id, picker, model, prompt_hash, price_source, origin) VALUES (md5('1')::uuid, "
      "'openai', 'gpt-4o-mini', 'hash', 'alpha-vantage', 'live')");
  migrator.up();
  const Batch known = load_batch(*db, "2025-03-10");
  EXPECT_EQ(known.model, "gpt-4o-mini");
  EXPECT_EQ(known.served_model, "");
  EXPECT_EQ(known.template_hash, "");
  EXPECT_EQ(known.origin, "live");
  EXPECT_FALSE(known.imported_at.has_value());
  EXPECT_EQ(load_batch(*db, "2025-03-17").origin, "adopted") << "without an origin at all";
}

TEST_F(PicksEvidence, OutlivesAPrune) {
  PaidPicker picker(kTwoAnswers);
  week(picker);
  week(picker, Date(2025, 3, 10));
  db_->query(
      "INSERT INTO ops.runs (id, job, slot, status, version, finished_at) SELECT md5(n::text)::uuid, 'other', n::text, "
      "'done', 'x', clock_timestamp() - n * interval '1 day' FROM generate_series(1, 2) n");
  db_->query("UPDATE ops.runs SET finished_at = finished_at - interval '9 years'");
  const std::string before = value(
      "SELECT string_agg(s::text, ',' ORDER BY s::text) FROM ops.steps s JOIN ops.runs r ON "
      "r.id = s.run_id WHERE r.job = 'weekly_pick_v1'");
  const kernel::Stop stop;
  kernel::Retention retention{.days = 30};
  for (const kernel::Job& job : jobs())
    if (job.keeps_evidence) retention.evidence.push_back(job.name);
  EXPECT_EQ(prunable(*db_, retention).runs, 1) << "of the other job, all but its last";
  EXPECT_EQ(prune(*db_, stop, retention, milliseconds(0)).runs, 1);
  EXPECT_EQ(value("SELECT string_agg(s::text, ',' ORDER BY s::text) FROM ops.steps s JOIN ops.runs r ON "
                  "r.id = s.run_id WHERE r.job = 'weekly_pick_v1'"),
            before);
  EXPECT_EQ(usage_by_batch(*db_).size(), 2U);
}

TEST_F(PicksEvidence, OutlivesARunThatIsDiscarded) {
  prices_.hide("MSFT", Date(2025, 2, 28));
  PaidPicker picker(kTwoAnswers);
  EXPECT_THROW(week(picker), Error);
  discard(value("SELECT id FROM ops.runs WHERE job = 'weekly_pick_v1'"));
  EXPECT_EQ(value("SELECT count(*) FROM ops.runs WHERE job = 'weekly_pick_v1'"), "0");
  EXPECT_EQ(value("SELECT string_agg(concat_ws(' ', job, slot, name), ',') FROM ops.discarded_steps"),
            "weekly_pick_v1 2025-03-03 generate_picks")
      << "a step that had not finished is no evidence";
  prices_.show("MSFT", Date(2025, 2, 28));
  const std::string batch = week(picker).batch->id;
  const BatchUsage usage = usage_by_batch(*db_).at(batch);
  EXPECT_EQ(usage.answers, 4) << "both attempts were paid";
  EXPECT_EQ(usage.prompt_tokens, 2020);
}

TEST_F(PicksEvidence, IsCountedInTokens) {
  PaidPicker picker(kTwoAnswers);
  PaidPicker silent(
      R"([{"prompt_tokens":null,"completion_tokens":5},{"prompt_tokens":1e30,"completion_tokens":"7"}])");
  test::FakePicker nobody;
  const std::string paid = week(picker).batch->id;
  const std::string unknown = week(silent, Date(2025, 3, 10)).batch->id;
  week(nobody, Date(2025, 3, 17));
  const UsageByBatch all = usage_by_batch(*db_);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at(paid).model, "gpt-4o-mini");
  EXPECT_EQ(all.at(paid).answers, 2);
  EXPECT_TRUE(all.at(paid).complete);
  EXPECT_EQ(all.at(paid).prompt_tokens, 1010);
  EXPECT_EQ(all.at(paid).cached_tokens, 256);
  EXPECT_EQ(all.at(paid).completion_tokens, 195);
  EXPECT_FALSE(all.at(unknown).complete);
  EXPECT_EQ(all.at(unknown).completion_tokens, 5);
}

}  // namespace
}  // namespace am::picks
