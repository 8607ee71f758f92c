#pragma once
// A test's size: small in `make test`, what the environment says in `make soak` (scripts/soak).

#include <cstdlib>

namespace am::test {

inline int size_of(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

}  // namespace am::test
