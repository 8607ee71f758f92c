// No option of any command takes a value without an end, and none is echoed at length.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "cli/command_tree.hpp"
#include "cli/parse.hpp"
#include "support/error_of.hpp"

namespace am::cli {
namespace {

/// What is said to these words.
Error refusal(std::vector<std::string> args) {
  return test::error_of([&] {
    GlobalOptions options;
    std::string path;
    parse(args, options, path);
  });
}

void expect_refused(const std::string& command, const OptionInfo& option) {
  std::vector<std::string> args = split(command, ' ');
  if (!option.names.empty()) args.push_back(option.names.back());
  args.emplace_back(100'000, 'A');
  const Error error = refusal(args);
  EXPECT_EQ(error.kind(), ErrorKind::usage) << command << " " << option.label();
  EXPECT_LT(error.message().size() + error.hint().size(), 300U) << command << " " << option.label();
  if (!option.names.empty()) {
    EXPECT_THAT(error.message(), testing::HasSubstr(option.names.back()));
  }
}

TEST(LongValues, AreRefusedByEveryOptionAndWord) {
  const CommandTree tree = command_tree();
  int tried = 0;
  for (const CommandNode& node : tree.nodes) {
    if (node.is_group) continue;
    for (const OptionInfo& option : node.options) {
      if (option.value.empty()) continue;
      expect_refused(node.info.path, option);
      ++tried;
    }
    for (const OptionInfo& word : node.words) {
      if (word.many) continue;  // the words of `am man`: whatever names no command
      expect_refused(node.info.path, word);
      ++tried;
    }
  }
  for (const OptionInfo& option : tree.global) {
    if (option.value.empty()) continue;
    expect_refused("version", option);
    ++tried;
  }
  EXPECT_GT(tried, 50);
}

TEST(LongValues, SayHowLongIsTooLong) {
  EXPECT_EQ(refusal({"run-weekly", "--benchmark", std::string(4097, 'A')}).message(),
            "--benchmark " + std::string(40, 'A') + "…: too long (expected at most 4096 bytes, got 4097)");
}

TEST(LongValues, APathMayBeAsLongAsItCan) {
  GlobalOptions options;
  std::string path;
  const Parsed parsed = parse({"metrics", "--textfile", std::string(4096, 'a')}, options, path);
  EXPECT_NE(parsed.command, nullptr);
}

}  // namespace
}  // namespace am::cli
