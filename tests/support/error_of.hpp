#pragma once
// The Error that a piece of work ends with, so that a test can look at kind, message and hint.

#include <gtest/gtest.h>

#include "am/base/error.hpp"

namespace am::test {

template <class Work>
Error error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return {ErrorKind::bug, "no error was thrown"};
}

}  // namespace am::test
