#include "am/market/symbol.hpp"

#include <algorithm>

#include "am/base/text.hpp"

namespace am::market {

namespace {

constexpr std::string_view kClassSeparators = ".-/";

bool has_class(std::string_view symbol) {
  if (symbol.size() < 3) return false;
  const char last = symbol.back();
  const bool letter = (last >= 'A' && last <= 'Z') || (last >= 'a' && last <= 'z');
  return letter && kClassSeparators.find(symbol[symbol.size() - 2]) != std::string_view::npos;
}

}  // namespace

bool is_symbol(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  return !text.empty() && text.size() <= kLongest &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string symbol_with_class_after(char separator, std::string_view symbol) {
  std::string out = to_upper(symbol);
  if (has_class(out)) out[out.size() - 2] = separator;
  return out;
}

std::string canonical_symbol(std::string_view symbol) { return symbol_with_class_after('.', symbol); }

bool is_same_share(std::string_view a, std::string_view b) {
  return canonical_symbol(a) == canonical_symbol(b);
}

std::vector<std::string> spellings_of(std::string_view symbol) {
  std::vector<std::string> all;
  const auto add = [&](std::string spelling) {
    if (std::ranges::find(all, spelling) == all.end()) all.push_back(std::move(spelling));
  };
  for (const char separator : kClassSeparators) add(symbol_with_class_after(separator, symbol));
  add(std::string(symbol));
  return all;
}

}  // namespace am::market
