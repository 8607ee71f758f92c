#pragma once
// Takes out of an output what differs from run to run.

#include <string>
#include <utility>
#include <vector>

namespace am::test {

struct Normaliser {
  /// What is replaced as it stands, longest first: {"/tmp/am-golden.x1y2z3", "<dir>"}.
  std::vector<std::pair<std::string, std::string>> texts;

  /// One output of a run. JSON comes out over several lines.
  std::string operator()(std::string text) const;
};

}  // namespace am::test
