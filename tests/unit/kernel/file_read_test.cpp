// What can stand behind a path, and that none of it holds a reader up.

#include "am/kernel/file_read.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using std::chrono::milliseconds;
using test::error_of;
using ::testing::HasSubstr;

class ReadFile : public testing::Test {
 protected:
  ReadFile() {
    std::string name = "/tmp/am-read.XXXXXX";
    if (mkdtemp(name.data()) != nullptr) directory_ = name;
  }
  ~ReadFile() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string file(const std::string& text) const {
    std::ofstream(path("file"), std::ios::binary) << text;
    return path("file");
  }
  std::string pipe() const {
    EXPECT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
    return path("pipe");
  }
  static FileProblem problem(const std::string& path, const ReadLimits& limits = {}) {
    const auto text = read_file(path, limits);
    if (!text) return text.error();
    ADD_FAILURE() << path << " was read";
    return {};
  }

  std::string directory_;
};

TEST_F(ReadFile, WholeFilesOfEverySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{200000}}) {
    const std::string text(size, 'x');
    const auto read = read_file(file(text));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, text);
  }
  EXPECT_EQ(read_file("/dev/null").value(), "");
  EXPECT_THAT(read_file("/proc/self/status").value(), HasSubstr("Pid:")) << "a file that tells no size";
}

TEST_F(ReadFile, WhatIsNoFileIsSaid) {
  EXPECT_EQ(problem(path("nothing")).kind, FileProblem::Kind::missing);
  EXPECT_EQ(problem(file("") + "/below").kind, FileProblem::Kind::missing);
  EXPECT_EQ(problem(directory_).reason, "it is a directory");
  EXPECT_EQ(problem("/dev/zero").reason, "it is a device");
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(problem(path("socket")).kind, FileProblem::Kind::no_file);
  close(listener);
}

TEST_F(ReadFile, SizeIsBounded) {
  EXPECT_TRUE(read_file(file("12345"), {.most = 5}));
  EXPECT_EQ(problem(file("123456"), {.most = 5}).reason, "too large (expected at most 5 bytes, got 6 bytes)");
  const std::string endless = pipe();
  const int writer = open(endless.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(write(writer, "123456", 6), 6);
  EXPECT_EQ(problem(endless, {.most = 5}).kind, FileProblem::Kind::too_large);
  close(writer);
}

TEST_F(ReadFile, StopsWhenItHasEnough) {
  const auto read =
      read_file(file(std::string(300000, 'x')),
                {.most = 200000, .enough = [](std::string_view so_far) { return so_far.size() >= 70000; }});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), 131072U);
}

TEST_F(ReadFile, PipeIsReadToTheEndOfItsWriter) {
  const std::string name = pipe();
  std::thread writer([&] {
    std::ofstream out(name);
    out << "one " << std::flush;
    out << "two";
  });
  const auto read = read_file(name);
  writer.join();
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, "one two");
}

TEST_F(ReadFile, PipeWithoutAWriterOrAnEndIsUnavailable) {
  const std::string name = pipe();
  const ReadLimits limits{.patience = {nullptr, milliseconds(20)}};
  const Error nobody = error_of([&] { (void)read_file(name, limits); });
  EXPECT_EQ(nobody.kind(), ErrorKind::unavailable);
  EXPECT_EQ(nobody.message(), name + ": nobody wrote to this pipe within 20 ms");
  EXPECT_FALSE(nobody.hint().empty());
  const int writer = open(name.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(write(writer, "half", 4), 4);
  EXPECT_THAT(error_of([&] { (void)read_file(name, limits); }).message(),
              HasSubstr("did not end within 20 ms"));
  close(writer);
}

TEST_F(ReadFile, AskedToEndItEnds) {
  const std::string name = pipe();
  Stop stop;
  std::thread asks([&] { stop.request(SIGTERM); });
  EXPECT_EQ(error_of([&] { (void)read_file(name, {.patience = {&stop, std::chrono::hours(1)}}); }).kind(),
            ErrorKind::terminated);
  asks.join();
}

}  // namespace
}  // namespace am::kernel
