#pragma once
// The recorded replies of a golden case, and the words of a command line.

#include <string>
#include <vector>

#include "support/scripted_http.hpp"

namespace am::test {

struct ScriptedReply {
  std::string method;
  std::string url_part;
  kernel::HttpResponse response;
  std::string lost;  ///< why there is no answer; empty: there is one
  int times = 1;
};

/// "GET symbol=SPY& -> daily 2026-01-23=689.23 x2", as golden.hpp lists them. Errors: std::runtime_error.
ScriptedReply scripted_reply(const std::string& line, const std::string& block);

/// Words as a shell splits them: blanks, '…' and "…"; nothing is expanded. Errors: std::runtime_error: an open quote.
std::vector<std::string> shell_words(const std::string& line);

}  // namespace am::test
