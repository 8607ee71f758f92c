// What is said when the broker's library is missing or wrong; that it works is shown by tests/pg/kernel/amqp_queue_pgtest.

#include "kernel/amqp_library.hpp"

#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "am/base/error.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using test::error_of;

TEST(AmqpLibrary, AMissingOneIsAMatterOfInstallation) {
  const std::vector<std::filesystem::path> nowhere{"/nonexistent/libam_amqp.so"};
  const Error missing = error_of([&] { load_amqp_library(nowhere); });
  EXPECT_EQ(missing.kind(), ErrorKind::config);
  EXPECT_EQ(missing.message(), "amqp: libam_amqp.so is not installed");
  EXPECT_NE(missing.hint(), "");
}

TEST(AmqpLibrary, WhatIsNoLibraryOfOursIsRefused) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("am-no-library-" + std::to_string(getpid()));
  std::ofstream(file) << "no library";
  const std::vector<std::filesystem::path> places{"/nonexistent/libam_amqp.so", file};
  const Error broken = error_of([&] { load_amqp_library(places); });
  std::filesystem::remove(file);
  EXPECT_EQ(broken.kind(), ErrorKind::config);
  EXPECT_TRUE(broken.message().starts_with("amqp: libam_amqp.so cannot be loaded: ")) << broken.message();
  std::vector<std::filesystem::path> libc;
  for (const char* path :
       {"/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6"})
    libc.emplace_back(path);
  EXPECT_EQ(error_of([&] { load_amqp_library(libc); }).message(),
            "amqp: libam_amqp.so has no am_amqp_version");
}

}  // namespace
}  // namespace am::kernel
