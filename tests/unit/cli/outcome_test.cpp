#include "am/cli/outcome.hpp"

#include <new>
#include <stdexcept>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace am::cli {
namespace {

TEST(ErrorOf, WhatTheSystemDoesNotGiveIsNoBug) {
  const std::system_error no_thread(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "thread");
  const std::system_error no_memory(std::make_error_code(std::errc::not_enough_memory));
  const std::bad_alloc no_heap;
  for (const std::exception* exception :
       std::initializer_list<const std::exception*>{&no_thread, &no_memory, &no_heap}) {
    const Error error = error_of(*exception);
    EXPECT_EQ(error.exit_code(), ExitCode::unavailable);
    EXPECT_TRUE(error.retryable());
    EXPECT_THAT(error.message(), testing::HasSubstr("memory"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("ulimit -u or -v"));
  }
}

TEST(ErrorOf, TheRestIsABug) {
  EXPECT_EQ(error_of(std::runtime_error("x")).kind(), ErrorKind::bug);
  EXPECT_EQ(error_of(std::runtime_error("x")).message(), "internal error: x");
  EXPECT_EQ(error_of(std::system_error(std::make_error_code(std::errc::bad_file_descriptor))).kind(),
            ErrorKind::bug);
}

}  // namespace
}  // namespace am::cli
