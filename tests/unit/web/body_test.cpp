#include "web/body.hpp"

#include <gtest/gtest.h>

namespace am::web {
namespace {

TEST(AcceptsGzip, GoesByTheWeightOfTheCoding) {
  for (const char* good : {"gzip", "GZip", "x-gzip", "br, gzip", "gzip;q=0.5", "gzip; q=0.001", "*",
                           "br;q=1, *", "gzip;q=1.0, *;q=0", "*;q=0, gzip"})
    EXPECT_TRUE(accepts_gzip(good)) << good;
  for (const char* bad : {"", "br", "identity", "gzip;q=0", "gzip;q=0.0", "gzip; Q=0.000", "*;q=0",
                          "gzip;q=0, *", "*, gzip;q=0", "gzipped"})
    EXPECT_FALSE(accepts_gzip(bad)) << bad;
}

TEST(NamesEtag, TakesAListAndWeakOnes) {
  const std::string_view tag = "\"a1\"";
  for (const char* good : {"\"a1\"", "W/\"a1\"", "\"b\", \"a1\"", "\"b\",W/\"a1\" , \"c\"", "*"})
    EXPECT_TRUE(names_etag(good, tag)) << good;
  for (const char* bad : {"", "\"b\"", "a1", "\"a1", "W/a1", "\"a12\"", "w/\"a1\""})
    EXPECT_FALSE(names_etag(bad, tag)) << bad;
}

}  // namespace
}  // namespace am::web
