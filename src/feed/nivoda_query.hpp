#pragma once
// What the supplier is asked, as GraphQL: fixed texts, and variables as JSON. Nothing is pasted into a text. Private.

#include <string>

#include "am/feed/types.hpp"

namespace am::feed {

/// The texts; `wrapped`: with the token as an argument around what is asked.
std::string login_text();
std::string count_text(bool wrapped);
std::string page_text(bool wrapped);

/// The variables of each, a JSON object without the token.
std::string login_variables(const std::string& username, const std::string& password);
/// Errors:  config: the filter is no JSON object, or sets what partitions and watermarks set; bug: its range is inverted,
///          for which the supplier gives arbitrary rows.
std::string count_variables(const Filter& filter);
std::string page_variables(const Filter& filter, long long offset, int limit);

/// The body of a request; token: empty, or a variable of that name.
std::string request_body(const std::string& text, const std::string& variables, const std::string& token);

}  // namespace am::feed
