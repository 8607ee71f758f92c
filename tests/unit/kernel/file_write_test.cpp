#include "am/kernel/file_write.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/error_of.hpp"

namespace am::kernel {
namespace {

namespace fs = std::filesystem;

class FileWrite : public testing::Test {
 protected:
  FileWrite() { fs::create_directories(dir_); }
  ~FileWrite() override { fs::remove_all(dir_); }
  FileWrite(const FileWrite&) = delete;
  FileWrite& operator=(const FileWrite&) = delete;

  std::string read() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  long files() const { return std::distance(fs::directory_iterator(dir_), fs::directory_iterator()); }

  fs::path dir_ = fs::path(testing::TempDir()) / ("file-write-" + std::to_string(getpid()));
  std::string path_ = (dir_ / "am.prom").string();
};

TEST_F(FileWrite, ReplacesTheWholeFileForEverybodyToRead) {
  const mode_t before = umask(077);
  write_file_atomically(path_, "a first, longer text\n");
  umask(before);
  write_file_atomically(path_, "second\n");
  EXPECT_EQ(read(), "second\n");
  EXPECT_EQ(files(), 1);
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(FileWrite, AFullDiskLeavesTheOldFileAndNothingElse) {
  write_file_atomically(path_, "old\n");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Error error = test::error_of([&] { write_file_atomically(path_, std::string(100'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error.exit_code(), ExitCode::failure);
  EXPECT_NE(error.message().find("File too large"), std::string::npos) << error.message();
  EXPECT_FALSE(error.hint().empty());
  EXPECT_EQ(read(), "old\n");
  EXPECT_EQ(files(), 1);
}

TEST_F(FileWrite, SaysWhatIsWrongWithThePlace) {
  const auto kind = [](const std::string& path) {
    const Error error = test::error_of([&] { write_file_atomically(path, "x"); });
    EXPECT_FALSE(error.hint().empty());
    return error.kind();
  };
  write_file_atomically(path_, "x");
  EXPECT_EQ(kind((dir_ / "missing" / "am.prom").string()), ErrorKind::no_input);
  EXPECT_EQ(kind(path_ + "/am.prom"), ErrorKind::no_input) << "below a regular file";
  EXPECT_EQ(kind(dir_.string()), ErrorKind::no_input) << "a directory";
  EXPECT_EQ(files(), 1);
  if (geteuid() != 0) {  // root may write everywhere: then /proc has to do, where nobody can make a file
    EXPECT_EQ(kind("/am.prom"), ErrorKind::denied);
  } else {
    EXPECT_EQ(kind("/proc/am.prom"), ErrorKind::no_input);
  }
}

}  // namespace
}  // namespace am::kernel
