// One test per golden file, named after its file: tests/golden/usage/options.golden is
// golden/GoldenCase.IsAsWritten/usage__options. The format is in support/golden.hpp.

#include "support/golden.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "support/golden_file.hpp"

namespace am::test {
namespace {

std::string name_of(const std::filesystem::path& path) {
  std::string name =
      std::filesystem::relative(path, AM_SOURCE_DIR "/tests/golden").replace_extension().string();
  std::string out;
  for (const char c : name) {
    if (c == '/') {
      out += "__";
    } else {
      out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
  }
  return out;
}

class GoldenCase : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(GoldenCase, IsAsWritten) { run_golden(GetParam()); }

INSTANTIATE_TEST_SUITE_P(golden, GoldenCase, testing::ValuesIn(golden_files()),
                         [](const auto& one) { return name_of(one.param); });

TEST(GoldenFormat, ReadsBackWhatItWrites) {
  for (const std::filesystem::path& path : golden_files()) {
    const GoldenFile file = GoldenFile::read(path);
    const std::filesystem::path copy =
        std::filesystem::path(testing::TempDir()) / ("golden-copy-" + name_of(path));
    {
      std::ofstream(copy, std::ios::binary) << file.text();
    }
    EXPECT_EQ(GoldenFile::read(copy).text(), file.text()) << path;
    std::filesystem::remove(copy);
  }
}

}  // namespace
}  // namespace am::test
