// The text that a prompt is made from: its two messages, its placeholders, what an editor may do to it, and what is refused.

#include "am/picks/prompt_template.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::picks {
namespace {

const Date kPromptMonday(2026, 1, 26);

std::string refusal(std::string_view text) {
  const auto parsed = PromptTemplate::parse(text);
  return parsed ? "taken" : parsed.error().reason;
}

TEST(PromptTemplate, HasASystemMessageBeforeALineOfDashes) {
  const auto both =
      PromptTemplate::parse("Be brief,\nand exact.\n---\nIt is {{run_date}}, over {{benchmark}}.");
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->system, "Be brief,\nand exact.");
  EXPECT_EQ(both->user, "It is {{run_date}}, over {{benchmark}}.");
  const auto one = PromptTemplate::parse("It is {{run_date}} --- not a line of its own.");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->system, "");
  EXPECT_EQ(one->user, "It is {{run_date}} --- not a line of its own.");
  const auto more = PromptTemplate::parse("a {{run_date}}\n---\nb\n---\nc");
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(more->user, "b\n---\nc") << "the first line of dashes parts them";
}

TEST(PromptTemplate, FillsTheDateAndTheBenchmarkEveryTime) {
  EXPECT_EQ(filled("{{run_date}}: not {{benchmark}}, {{benchmark}} {run_date} }}", kPromptMonday, "SPY"),
            "2026-01-26: not SPY, SPY {run_date} }}");
  EXPECT_EQ(filled("", kPromptMonday, "SPY"), "");
  EXPECT_EQ(filled("{{benchmark}}", kPromptMonday, "{{run_date}}"), "{{run_date}}")
      << "a value is no template";
}

TEST(PromptTemplate, IsTheSameWhateverAnEditorMadeOfIt) {
  const auto plain = PromptTemplate::parse("a\n---\nb {{run_date}}");
  const auto edited = PromptTemplate::parse(
      "\xEF\xBB\xBF"
      "a\r\n---\r\nb {{run_date}}\r\n\r\n");
  ASSERT_TRUE(plain.has_value() && edited.has_value());
  EXPECT_EQ(plain->text, edited->text);
}

TEST(PromptTemplate, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal(" \n "), "it is empty");
  EXPECT_EQ(refusal("pick three"), "{{run_date}} is not in it, so every week would be asked the same");
  EXPECT_EQ(refusal("a\nb {{date}} {{run_date}}"),
            "line 2: unknown placeholder {{date}} (expected {{run_date}} or {{benchmark}})");
  EXPECT_EQ(
      refusal("{{ run_date }}"),
      "line 1: unknown placeholder {{run_date}} (expected {{run_date}} or {{benchmark}}, without spaces)");
  EXPECT_EQ(refusal("{{run_date}}\n\n{{benchmark"), "line 3: {{ without its }}");
  EXPECT_EQ(refusal("---\n{{run_date}}"), "there is no system message before the line ---");
  EXPECT_EQ(refusal("{{run_date}}\n---\n"), "there is no user message after the line ---");
  EXPECT_EQ(refusal("{{run_date}} \xFF"), "it is no UTF-8 text");
  EXPECT_EQ(refusal(std::string("{{run_date}} \0", 14)), "it is no UTF-8 text");
  const std::string longest = "{{run_date}}" + std::string(kMostTemplate - 12, 'x');
  EXPECT_EQ(refusal(longest), "taken");
  EXPECT_EQ(refusal(longest + "x"), "it is above 64 KiB");
}

TEST(PromptTemplate, OfTheProgramPassesItsOwnRules) {
  for (const PromptTemplate& prompt : {usual_template(), with_shape(usual_template())}) {
    const auto again = PromptTemplate::parse(prompt.text);
    ASSERT_TRUE(again.has_value()) << again.error().reason;
    EXPECT_EQ(again->text, prompt.text);
    EXPECT_EQ(again->system, prompt.system);
    EXPECT_EQ(again->user, prompt.user);
    EXPECT_NE(prompt.user.find("not {{benchmark}}"), std::string::npos);
  }
  EXPECT_NE(usual_template().text, with_shape(usual_template()).text);
}

TEST(PromptTemplate, OfAFileIsRefusedByItsKeyAndPath) {
  const auto refused = [](const std::string& path) {
    const Error error = test::error_of([&] { read_template(path); });
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(error.hint(), "");
    return error.message();
  };
  const std::string path = testing::TempDir() + "prompt_template_test.txt";
  EXPECT_EQ(refused(path + ".none"),
            "openai.prompt_file: " + path + ".none: cannot be read: no such file or directory");
  std::ofstream(path) << "no date";
  EXPECT_EQ(refused(path), "openai.prompt_file: " + path +
                               ": {{run_date}} is not in it, so every week would be asked the same");
  std::ofstream(path) << std::string(70000, 'x');
  EXPECT_EQ(refused(path), "openai.prompt_file: " + path + ": it is above 64 KiB");
  std::ofstream(path) << "on {{run_date}}\n";
  EXPECT_EQ(read_template(path).text, "on {{run_date}}");
}

}  // namespace
}  // namespace am::picks
