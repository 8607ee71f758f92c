#pragma once
// Being served below a path of somebody else's host: "https://desk.example/am/" for what is "/" here. Private.

#include <string>
#include <string_view>

namespace am::web {

/// A target as it is without the base path. A proxy may have taken that away already, and probes come without one: then
/// it stays as it is. `storage` may be used for it.
std::string_view without_base(std::string_view target, std::string_view base, std::string& storage);

/// Puts the base path before every link of a page or feed, and before where a form leads. Each is href="/… or action="/…,
/// which no text can be: its quotes are escaped.
void put_base_before_links(std::string& html, std::string_view base);

}  // namespace am::web
