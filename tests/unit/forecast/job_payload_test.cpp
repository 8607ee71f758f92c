#include <gtest/gtest.h>

#include "am/forecast/jobs.hpp"

namespace am::forecast {
namespace {

const JobPayload kJob{.series = "rides",
                      .from = Date(2016, 8, 1),
                      .to = Date(2016, 8, 28),
                      .as_of = Date(2016, 7, 31),
                      .revision = 17};

TEST(JobPayload, ReadsBackWhatItWrites) {
  const auto read = JobPayload::parse(kJob.to_json());
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->key(), "forecast/rides/2016-08-01/2016-08-28/2016-07-31/17");
  EXPECT_EQ(read->to_json(), kJob.to_json());
}

TEST(JobPayload, RefusesWhatItDoesNotKnow) {
  const auto reason = [](const std::string& what, const std::string& instead) {
    std::string json = kJob.to_json();
    const std::size_t at = json.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    json.replace(at, what.size(), instead);
    const auto read = JobPayload::parse(json);
    return read ? "" : read.error().reason;
  };
  EXPECT_EQ(reason("\"version\":1", "\"version\":2"), "payload: version 2 (expected 1)");
  EXPECT_EQ(reason("\"version\":1,", ""), "payload: no version");
  EXPECT_EQ(reason("\"job_type\":\"forecast\"", "\"job_type\":\"guess\""),
            "payload: job_type is neither forecast nor backtest");
  EXPECT_EQ(reason("\"rides\"", "7"), "payload: series is no name");
  EXPECT_EQ(reason("\"2016-08-28\"", "\"2016-07-28\""), "payload: to is before from");
  EXPECT_EQ(reason("\"2016-08-28\"", "\"2017-09-28\""), "payload: more than 400 days");
  EXPECT_EQ(reason("\"2016-07-31\"", "\"2016-08-01\""), "payload: as_of is not before from");
  EXPECT_EQ(reason("\"2016-08-01\"", "\"2016-02-30\""), "payload: from, to and as_of are not all days");
  EXPECT_EQ(reason(",\"revision\":17", ""), "payload: no revision");
  for (const char* text : {"", "[]", "7", "{", "null"})
    EXPECT_EQ(JobPayload::parse(text).error().reason, "payload: not a JSON object") << text;
}

}  // namespace
}  // namespace am::forecast
