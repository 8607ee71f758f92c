#pragma once
// What the configured work of a desk needs from outside, for whoever checks it before (`am doctor`).

#include <string>
#include <vector>

#include "am/kernel/doctor.hpp"

namespace am::kernel {

struct Requirements {
  struct Secret {
    std::string key;  ///< "openai.api_key"
    std::string why;  ///< "picker openai"
  };
  std::vector<Secret> secrets;
  std::vector<ProbedHost> hosts;
  std::vector<Check> remarks;  ///< what nobody can check, but somebody should know

  void add(Requirements more);
};

}  // namespace am::kernel
