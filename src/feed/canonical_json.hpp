#pragma once
// One text for all ways to write a JSON value that differ in blanks and in the order of keys: what a payload's hash is of.
// Private.

#include <string>
#include <string_view>

#include "am/base/result.hpp"

namespace am::feed {

/// Strict: what RFC 8259 allows, and nothing beside it, so that PostgreSQL's json takes whatever has a canonical form.
///
/// Shape:   keys by their bytes as written (a key that is there twice stays twice), no blanks; strings and numbers as
///          they are written: 1.0 is not 1, and "A" not "\u0041".
/// Errors:  Reject: not JSON, or nested deeper than 200.
Result<std::string> canonical_json(std::string_view text);

}  // namespace am::feed
