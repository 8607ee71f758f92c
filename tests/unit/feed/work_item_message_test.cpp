#include <gtest/gtest.h>

#include "am/feed/desk.hpp"
#include "am/feed/types.hpp"
#include "am/kernel/queue.hpp"

namespace am::feed {
namespace {

constexpr const char* kRun = "0198c0de-0000-7000-8000-000000000001";

std::string with(const std::string& members) {
  return R"({"runId":"0198c0de-0000-7000-8000-000000000001","partitionId":"p-007",)" + members + "}";
}
constexpr const char* kRest = R"("priceMin":500,"priceMax":750,"expectedRecords":5012,"isIncremental":false)";

TEST(WorkItemMessage, HasTheFieldsOfTheSeedAndNoMore) {
  const WorkItemMessage message{
      .run_id = kRun, .partition_id = "p-007", .price_min = 500, .price_max = 750, .expected_records = 5012};
  EXPECT_EQ(message.to_json(), with(kRest));
  EXPECT_EQ(message.key(), std::string(kRun) + "/p-007");
}

TEST(WorkItemMessage, IsReadAsItWasWritten) {
  WorkItemMessage message{.run_id = kRun,
                          .partition_id = "p-001",
                          .price_max = 250000,
                          .expected_records = 1,
                          .is_incremental = true,
                          .watermark_before = "2026-11-27T03:00:00Z"};
  const auto read = WorkItemMessage::parse(message.to_json());
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->to_json(), message.to_json());
  message.watermark_before.reset();
  EXPECT_FALSE(WorkItemMessage::parse(message.to_json())->watermark_before);
}

TEST(WorkItemMessage, NamesItsPartitionWhoeverSentIt) {
  const auto key_of = partitions_queue().key_of;
  ASSERT_NE(key_of, nullptr);
  EXPECT_EQ(key_of(with(kRest)), std::string(kRun) + "/p-007");
  EXPECT_EQ(key_of(R"({"n":0})"), std::nullopt);
  EXPECT_EQ(key_of("{"), std::nullopt);
}

TEST(WorkItemMessage, RefusesWhatIsNotOurs) {
  const auto reason = [](const std::string& text) {
    const auto read = WorkItemMessage::parse(text);
    return read ? "read" : read.error().reason;
  };
  EXPECT_EQ(reason("hello"), "work item: not a JSON object");
  EXPECT_EQ(reason("[1]"), "work item: not a JSON object");
  EXPECT_EQ(reason(with(kRest + std::string(R"(,"next_offset":30)"))),
            "work item: field 'next_offset' is not known");
  EXPECT_EQ(reason(R"({"partitionId":"p-007"})"), "work item: runId is no UUID");
  EXPECT_EQ(reason(R"({"runId":"7","partitionId":"p-007"})"), "work item: runId is no UUID");
  EXPECT_EQ(reason(R"({"runId":"0198c0de-0000-7000-8000-000000000001","partitionId":"a/b"})"),
            "work item: partitionId is no name of a partition");
  EXPECT_EQ(reason(with(R"("priceMin":"500","priceMax":750)")),
            "work item: priceMin and priceMax are not both whole dollars");
  EXPECT_EQ(reason(with(R"("priceMin":-1,"priceMax":750)")),
            "work item: priceMin and priceMax are not both whole dollars");
  EXPECT_EQ(reason(with(R"("priceMin":500.5,"priceMax":750)")),
            "work item: priceMin and priceMax are not both whole dollars");
  EXPECT_EQ(reason(with(R"("priceMin":500,"priceMax":18446744073709551615)")),
            "work item: priceMin and priceMax are not both whole dollars");
  EXPECT_EQ(reason(with(R"("priceMin":751,"priceMax":750)")), "work item: priceMax is below priceMin");
  EXPECT_EQ(reason(with(R"("priceMin":500,"priceMax":750)")), "work item: expectedRecords is no count");
  EXPECT_EQ(reason(with(R"("priceMin":500,"priceMax":750,"expectedRecords":1,"isIncremental":1)")),
            "work item: isIncremental is neither true nor false");
  EXPECT_EQ(reason(with(kRest + std::string(R"(,"watermarkBefore":"yesterday")"))),
            "work item: watermarkBefore is no moment");
  EXPECT_EQ(reason(with(kRest + std::string(R"(,"watermarkBefore":null)"))),
            "work item: watermarkBefore is no moment");
}

}  // namespace
}  // namespace am::feed
