#pragma once
// Compact JSON, written in the order of the calls: what the API's documents are made of. Private. Not a general
// writer: the caller opens and closes what it writes.

#include <optional>
#include <string>
#include <string_view>

#include "am/web/route.hpp"

namespace am::web {

/// Text as a JSON string in quotes, as the earlier service wrote it: UTF-8 as it is; < > & U+2028 U+2029
/// as \u…, and the controls U+0080 to U+009F, which a terminal would obey.
std::string json_text(std::string_view text);

/// JSON as PostgreSQL writes a jsonb: without the spaces between its parts and with json_text's escapes; numbers stay
/// as they are, however long.
void append_stored(std::string& out, std::string_view json);

/// A comma, unless something was just opened.
inline void next(std::string& out) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
}

/// "key": and then the value is the caller's.
inline void key(std::string& out, std::string_view name) {
  next(out);
  out += '"';
  out += name;
  out += "\":";
}

inline void text_member(std::string& out, std::string_view name, std::string_view value) {
  key(out, name);
  out += json_text(value);
}

inline void maybe_member(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  key(out, name);
  out += value ? json_text(*value) : "null";
}

inline void bool_member(std::string& out, std::string_view name, bool value) {
  key(out, name);
  out += value ? "true" : "false";
}

/// "name":[…] with one call of `write` per element.
template <class T, class Write>
void array_member(std::string& out, std::string_view name, const T& elements, Write write) {
  key(out, name);
  out += '[';
  for (const auto& element : elements) {
    next(out);
    write(out, element);
  }
  out += ']';
}

/// The document of an object that is still open.
inline Document json_document(std::string body) {
  body += "}\n";
  return {.status = 200, .content_type = kJsonType, .body = std::move(body)};
}

}  // namespace am::web
