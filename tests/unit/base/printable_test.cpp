// What outside text may do to a terminal: nothing.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/base/text.hpp"

namespace am {
namespace {

/// What a terminal or a reader's eye would obey: ESC, BEL, DEL, CSI and OSC of C1, the marks that turn text around.
const std::vector<std::string> kObeyed = {
    "\x1b",   "\x07",   "\x7f",   "\u0080", "\u009b", "\u009d", "\u009f", "\u061c", "\u200e", "\u200f",
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"};
const std::vector<std::string> kLineEnds = {"\n", "\r", "\t", "\v", "\f", "\u0085", "\u2028", "\u2029"};
/// Raw C1 bytes, a cut sequence, overlong forms, a surrogate, a code above the last.
const std::vector<std::pair<std::string, std::string>> kNotUtf8 = {
    {"\x9b", "?"},           {"\x80\x9f", "??"},           {"\xC3", "?"},
    {"\xC2\x1b", "??"},      {"\xC0\x9b", "??"},           {"\xE0\x82\x9b", "???"},
    {"\xED\xA0\x80", "???"}, {"\xF4\x90\x80\x80", "????"}, {"\xFF", "?"}};

TEST(Printable, ShowsTextAsItIs) {
  for (const char* text :
       {"", "a vendor's \"day\" – 5 €", "שלום, مرحبا", "\u00a0", "日本語 😀", "a\\u001b"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_TRUE(is_printable(text));
    EXPECT_EQ(printable_json(text), text);
  }
}

TEST(Printable, NothingIsLeftToObey) {
  for (const std::string& each : kObeyed) {
    EXPECT_EQ(printable("a" + each + "b"), "a?b");
    EXPECT_FALSE(is_printable("a" + each));
  }
  for (const std::string& each : kLineEnds) {
    EXPECT_EQ(printable("a" + each + "b"), "a b");
    EXPECT_FALSE(is_printable(each + "a"));
  }
  for (const auto& [bytes, shown_as] : kNotUtf8) {
    EXPECT_EQ(printable("a" + bytes), "a" + shown_as);
    EXPECT_FALSE(is_printable(bytes));
  }
  EXPECT_EQ(printable(std::string(1, '\0')), "?");
  EXPECT_EQ(printable("\x1b]0;title\x07"), "?]0;title?");
}

TEST(Printable, LinesStayLines) {
  EXPECT_EQ(printable_lines("a\tb\n\x1b[31mc\r\n\u202ed\n"), "a\tb\n?[31mc \n?d\n");
}

TEST(Printable, JsonSaysTheSame) {
  EXPECT_EQ(printable_json("{\"a\":\"x\u009b31m\u202e\x7f\"}"), R"({"a":"x\u009b31m\u202e\u007f"})");
  EXPECT_EQ(printable_json("\"\xff\""), R"("\ufffd")");
}

TEST(OneLine, IsTrimmedAndBounded) {
  EXPECT_EQ(one_line(" \n a\nb \x1b[1m "), "a b ?[1m");
  EXPECT_EQ(one_line(std::string(1000, 'x'), 10), "xxxxxxxxxx…");
  EXPECT_EQ(one_line(std::string(1000, '\xff'), 3), "???…");
  EXPECT_EQ(shown(" AAPL\n"), "' AAPL '");
  EXPECT_EQ(shown(std::string(100, 'A')), "'" + std::string(40, 'A') + "…'");
}

TEST(Recordable, HasNoNulAndIsBounded) {
  EXPECT_EQ(recordable(std::string("a\0b\n", 4), 10),
            "a\uFFFD"
            "b\n");
  EXPECT_EQ(recordable("abcdef", 3), "abc…");
}

TEST(Error, QuotesAnybodysTextOnOneLine) {
  const Error error(ErrorKind::data, "file \x1b]0;x\x07: bad\nam: forged", "see\u202e \u009b1m");
  EXPECT_EQ(error.message(), "file ?]0;x?: bad am: forged");
  EXPECT_EQ(error.hint(), "see? ?1m");
  EXPECT_EQ(error.within("a\nb").message(), "a b: file ?]0;x?: bad am: forged");
  EXPECT_STREQ(error.what(), error.message().c_str());
}

}  // namespace
}  // namespace am
