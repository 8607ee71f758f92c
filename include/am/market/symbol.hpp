#pragma once
// One share, one name. People, models, files and vendors write a class of shares in several ways (BRK.B, BRK-B,
// BRK/B); whether two symbols mean the same share is decided here, and the vendors' own spellings are made from this.

#include <string>
#include <string_view>
#include <vector>

namespace am::market {

/// What can be the name of a share or an index: 1 to 32 visible ASCII characters.
///
/// Threads: pure, as the others here.
bool is_symbol(std::string_view text);

/// Upper case, a class of shares after a dot: "BRK.B". What has no class keeps its characters ("^SPX", "TSCO.LON").
std::string canonical_symbol(std::string_view symbol);

/// The same with another character before the class: "BRK-B".
std::string symbol_with_class_after(char separator, std::string_view symbol);

bool is_same_share(std::string_view a, std::string_view b);

/// How this share may have been written where symbols were kept as they came: the canonical form first.
std::vector<std::string> spellings_of(std::string_view symbol);

}  // namespace am::market
