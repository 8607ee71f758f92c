// What reaches a terminal: our own colours and nothing else that it would obey.

#include "cli/output.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "cli/table.hpp"

namespace am::cli {
namespace {

const std::string kEvil = "a\x1b[2J\u009b31m\u202e\tb\n\x7f";

TEST(ShownText, KeepsOurColoursWhereThereAreAny) {
  for (const Tone tone : {Tone::good, Tone::warning, Tone::bad}) {
    const std::string text = painted("late", tone, true) + "\tand\n";
    EXPECT_EQ(shown_text(text, true), text);
    EXPECT_EQ(shown_text(text, false).find('\x1b'), std::string::npos);
  }
}

TEST(ShownText, KeepsNothingElse) {
  EXPECT_EQ(shown_text(kEvil + "\x1b", true), "a?[2J?31m?\tb\n??");
  EXPECT_EQ(shown_text(kEvil, false), "a?[2J?31m?\tb\n?");
  EXPECT_EQ(shown_text("\x1b[33", true), "?[33");
}

TEST(Table, MakesEveryCellPrintable) {
  Table table({"name", "n"});
  table.add({kEvil, "1"});
  table.add({"b", "22"});
  const std::string text = table.text(true);
  EXPECT_EQ(text, printable_lines(text));
  EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
  EXPECT_EQ(text.find('\t'), std::string::npos);
}

TEST(ErrorText, IsOneLineAndOneHint) {
  const std::string text =
      error_text("run-weekly", Error(ErrorKind::data, kEvil + ".", "see\n\x1b[1mthis"), false);
  EXPECT_EQ(text, "am: run-weekly a?[2J?31m? b ?\nhint: see ?[1mthis\n");
}

TEST(JsonDocument, IsObeyedByNobodyAndReadAsItWas) {
  Outcome outcome;
  outcome.data = "\"\\u009b\\u202e\"";
  const std::string text = json_document("runs list", outcome, {});
  EXPECT_EQ(text, printable_lines(text));
  EXPECT_NE(text.find(R"("data":"\u009b\u202e")"), std::string::npos) << text;
}

}  // namespace
}  // namespace am::cli
