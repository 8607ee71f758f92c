#pragma once
// One request to the gateway, and what its answer means. Pure. Private.

#include <string>
#include <string_view>

#include "am/strategy/signal.hpp"

namespace am::strategy {

/// The body of POST /internal/execute: JSON, price and quantity as numbers of exactly the signal's digits.
std::string execute_body(const Signal& signal);

/// What an answer says about its signal.
struct ExecuteAnswer {
  enum class What {
    taken,    ///< an order exists: the gateway has recorded it
    refused,  ///< for good, for `reason`
    again,    ///< nobody has decided: the same signal may be sent again
  } what = What::again;
  int status = 0;
  std::string reason{};  ///< the gateway's words, one line
};
ExecuteAnswer read_answer(int status, std::string_view body);

}  // namespace am::strategy
