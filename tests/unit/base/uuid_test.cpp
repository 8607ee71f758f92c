#include "am/base/uuid.hpp"

#include <gtest/gtest.h>

#include "am/base/date.hpp"

namespace am {
namespace {

// RFC 9562, appendix A.6: 2022-02-22T19:22:22Z, rand_a CC3, rand_b 18C4DC0C0C07398F.
TEST(UuidV7, MatchesTheExampleOfTheRfc) {
  const auto at = parse_rfc3339("2022-02-22T19:22:22Z");
  ASSERT_TRUE(at);
  EXPECT_EQ(uuid_v7(*at, 0xCC3, 0x18C4DC0C0C07398F), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidV7, KeepsVersionAndVariantWhateverTheRandomBits) {
  const Instant at{};
  EXPECT_EQ(uuid_v7(at, 0, 0), "00000000-0000-7000-8000-000000000000");
  EXPECT_EQ(uuid_v7(at, ~0ULL, ~0ULL), "00000000-0000-7fff-bfff-ffffffffffff");
}

TEST(UuidV7, SortsByMillisecond) {
  const Instant at{std::chrono::hours{24 * 365 * 50}};
  EXPECT_LT(uuid_v7(at, ~0ULL, ~0ULL), uuid_v7(at + std::chrono::milliseconds{1}, 0, 0));
  EXPECT_EQ(uuid_v7(at, 0, 0), uuid_v7(at + std::chrono::microseconds{999}, 0, 0));
}

TEST(IsUuid, AcceptsEitherCaseAndNothingElse) {
  EXPECT_TRUE(is_uuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  EXPECT_TRUE(is_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
  for (const char* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ", "017f22e2-79b0-7cc398c4--dc0c0c07398f",
                           "017f22e2-79b0-7cc3-98c4_dc0c0c07398f"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

TEST(Uuid, OneFormOfThoseThatPeopleAndProgramsWrite) {
  const std::string one = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  for (const char* text : {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
                           "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e279b07cc398c4dc0c0c07398f",
                           "017F22E279B07CC398C4DC0C0C07398F"})
    EXPECT_EQ(canonical_uuid(text), one) << text;
  for (const char* text :
       {"", "{}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "(017f22e2-79b0-7cc3-98c4-dc0c0c07398f)",
        "{017f22e279b07cc398c4dc0c0c07398f}", "017f22e279b07cc398c4dc0c0c07398g",
        "017f22e2-79b07cc398c4-dc0c0c0739", "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "{{17f22e2-79b0-7cc3-98c4-dc0c0c07398f}}", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f)",
        "(017f22e2-79b0-7cc3-98c4-dc0c0c07398f}"})
    EXPECT_FALSE(canonical_uuid(text)) << text;
}

}  // namespace
}  // namespace am
