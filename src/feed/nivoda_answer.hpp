#pragma once
// What the supplier answered, read without a clock, a database or a request. Answers are anybody's bytes. Private.
//
// Errors:  a Problem, never an exception; its text is the supplier's or ours, on one line.
// Threads: pure.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "am/feed/nivoda.hpp"

namespace am::feed {

struct Problem {
  enum class Kind {
    refused,  ///< the login, or the token
    unknown,  ///< the query names what the supplier does not know
    limited,  ///< too many requests
    failed,   ///< an error beside data or without, or no answer at all: JSON that is cut off
  };
  Kind kind = Kind::failed;
  std::string text{};
};

/// What of an answer's `errors` weighs most; nullopt: there are none. An answer that is no JSON has none.
std::optional<Problem> errors_of(std::string_view body);

/// An error of a login is a refusal unless it says that it is not: repeated refusals lock an account.
Result<NivodaTokens::Granted, Problem> parse_login(std::string_view body);
Result<long long, Problem> parse_count(std::string_view body);
/// Errors beside data: the page failed, also where most of it is there.
Result<Page, Problem> parse_page(std::string_view body);

}  // namespace am::feed
