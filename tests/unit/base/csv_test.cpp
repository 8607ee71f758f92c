#include "am/base/csv.hpp"

#include <gtest/gtest.h>

namespace am {
namespace {

using Row = std::vector<std::string>;
using namespace std::string_view_literals;

std::string problem_of(std::string_view text) {
  const auto table = parse_csv(text);
  return table ? "" : table.error().reason;
}

TEST(ParseCsv, ReadsHeaderRowsAndLineNumbers) {
  const auto table = parse_csv("date,AA\r\n2000-01-03,1.5\n\n\r\n2000-01-04,\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->header, (Row{"date", "AA"}));
  EXPECT_EQ(table->rows, (std::vector<Row>{{"2000-01-03", "1.5"}, {"2000-01-04", ""}}));
  EXPECT_EQ(table->lines, (std::vector<int>{2, 5}));
}

TEST(ParseCsv, NeedsNoLineFeedAtTheEnd) {
  const auto table = parse_csv("a,b\n1,");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows, (std::vector<Row>{{"1", ""}}));
}

TEST(ParseCsv, SkipsAByteOrderMark) {
  const auto table = parse_csv("\xEF\xBB\xBF\"a\",b\n1,2\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->header, (Row{"a", "b"}));
}

TEST(ParseCsv, ReadsQuotedFields) {
  const auto table = parse_csv("a,b\n\"x,\"\"y\"\"\r\nz\",2\n3,4\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows[0], (Row{"x,\"y\"\r\nz", "2"}));
  EXPECT_EQ(table->lines, (std::vector<int>{2, 4})) << "a line feed inside quotes counts";
}

TEST(ParseCsv, AQuotedEmptyFieldIsARowABlankLineIsNot) {
  const auto table = parse_csv("a\n\"\"\n\nx\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows, (std::vector<Row>{{""}, {"x"}}));
}

TEST(ParseCsv, NamesTheLineOfEveryFault) {
  EXPECT_EQ(problem_of("a,b\n1,2\n3\n"), "line 3: expected 2 fields, got 1");
  EXPECT_EQ(problem_of("a,b\n1,2,3\n"), "line 2: expected 2 fields, got 3");
  EXPECT_EQ(problem_of("a,b\n1,2\n\"x\n\n,3\n"), "line 3: quoted field is never closed");
  EXPECT_EQ(problem_of("a,b\n\"x\n\"\"y\"\",\n3\n"), "line 2: quoted field is never closed")
      << "where it began";
  EXPECT_EQ(problem_of("a,b\n1,2\"3\n"), "line 2: quote inside an unquoted field");
  EXPECT_EQ(problem_of("a,b\n\"1\"x,2\n"), "line 2: text after a closing quote");
  EXPECT_EQ(problem_of("a,b\n1,2\n3,\0\n"sv), "line 3: NUL byte");
  EXPECT_EQ(problem_of("a,b\r1,2\r"), "line 1: carriage return without a line feed");
}

TEST(ParseCsv, RefusesAHeaderThatCannotName) {
  EXPECT_EQ(problem_of(""), "line 1: no header");
  EXPECT_EQ(problem_of("\n\r\n"), "line 1: no header");
  EXPECT_EQ(problem_of("a,,c\n"), "line 1: header name of column 2 is empty");
  EXPECT_EQ(problem_of("\na,b,a\n"), "line 2: header name of column 3 appears twice");
}

TEST(ParseCsv, RefusesTextAboveSixtyFourMebibytes) {
  EXPECT_EQ(problem_of(std::string((std::size_t{64} << 20U) + 1, '\n')), "line 1: text is above 64 MiB");
}

TEST(CsvRecord, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(csv_record(Row{"a", "b c", ""}), "a,b c,\n");
  EXPECT_EQ(csv_record(Row{"a,b", "say \"hi\"", "x\ny"}), "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\"\n");
  EXPECT_EQ(csv_record(Row{""}), "\"\"\n");
}

TEST(CsvText, IsNoFormula) {
  for (const char* text :
       {"=1+1", "+1", "-1+1", "- 1", "-A1", "@SUM(A1)", "=cmd|' /C calc'!A0", "－1", "＝1", "＋1", "＠1"})
    EXPECT_EQ(csv_text(text), "'" + std::string(text));
  EXPECT_EQ(csv_text("\t=1"), "' =1");
  EXPECT_EQ(csv_text("\r\n=1"), "'  =1");
  for (const char* text : {"", "cheap: P/E = 8", "a-b", "'=1", "5 %"}) EXPECT_EQ(csv_text(text), text);
}

TEST(CsvText, ANumberStaysOne) {
  for (const char* text : {"-1.5", "-0.0500", "0", "12", "-1e-7", "-123456789012345678901234567890.25"})
    EXPECT_EQ(csv_text(text), text);
}

TEST(CsvText, ObeysNothing) { EXPECT_EQ(csv_text("a\n\x1b[2J\u009b1m\xff"), "a ?[2J?1m?"); }

TEST(ParseCsv, TakesAnotherSeparator) {
  const auto table = parse_csv("a;b\n1,5;\"x;y\"\n", ';');
  ASSERT_TRUE(table) << table.error().reason;
  EXPECT_EQ(table->rows, (std::vector<Row>{{"1,5", "x;y"}}));
}

TEST(CsvColumn, FindsWhereAFieldBegins) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a,b,c\n1,\"x,\"\"y\",3\n\n,,4\n";
  EXPECT_EQ(csv_column(text, 1, 1), 3);
  EXPECT_EQ(csv_column(text, 2, 0), 1);
  EXPECT_EQ(csv_column(text, 2, 2), 11);
  EXPECT_EQ(csv_column(text, 4, 2), 3);
  EXPECT_EQ(csv_column(text, 40, 2), 1);
  EXPECT_EQ(csv_column("", 1, 1), 1);
  EXPECT_EQ(csv_column("a;b", 1, 1, ';'), 3);
}

TEST(CsvRecord, ReadsBackAsItWasWritten) {
  const Row header{"\xEF\xBB\xBFmarked", "b"};
  const std::vector<Row> rows{{"", ""}, {"\"", ","}, {"\r\n", "\r"}, {" x ", "é"}};
  std::string text = csv_record(header);
  for (const Row& row : rows) text += csv_record(row);
  const auto table = parse_csv(text);
  ASSERT_TRUE(table) << table.error().reason;
  EXPECT_EQ(table->header, header);
  EXPECT_EQ(table->rows, rows);
}

}  // namespace
}  // namespace am
