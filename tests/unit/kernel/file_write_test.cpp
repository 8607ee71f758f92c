#include "am/kernel/file_write.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
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

TEST_F(FileWrite, OnlyARegularFileIsReplaced) {
  const auto refused = [&](const std::string& path) {
    struct stat before{};
    struct stat after{};
    EXPECT_EQ(lstat(path.c_str(), &before), 0);
    const Error error = test::error_of([&] { write_file_atomically(path, "x"); });
    EXPECT_EQ(error.kind(), ErrorKind::no_input) << error.message();
    EXPECT_FALSE(error.hint().empty());
    EXPECT_EQ(lstat(path.c_str(), &after), 0) << path << " is gone";
    EXPECT_EQ(before.st_ino, after.st_ino);
    return error.message();
  };
  ASSERT_EQ(mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  fs::create_directories(dir_ / "directory");
  const auto link = [&](const fs::path& to, const std::string& name) {
    fs::create_symlink(to, dir_ / name);
    return (dir_ / name).string();
  };
  EXPECT_EQ(refused(dir_ / "fifo"), (dir_ / "fifo").string() + ": cannot be written: it is a named pipe");
  EXPECT_EQ(refused("/dev/null"), "/dev/null: cannot be written: it is a device");
  EXPECT_EQ(refused(dir_ / "directory"),
            (dir_ / "directory").string() + ": cannot be written: Is a directory");
  EXPECT_EQ(refused(link("/dev/null", "to-device")),
            (dir_ / "to-device").string() + ": cannot be written: it is a device");
  EXPECT_THAT(refused(link("fifo", "to-fifo")), testing::HasSubstr("it is a named pipe"));
  EXPECT_THAT(refused(link("directory", "to-directory")), testing::HasSubstr("Is a directory"));
  EXPECT_THAT(refused(link("nothing", "to-nothing")), testing::HasSubstr("it is a link to nothing"));
  EXPECT_THAT(refused(link("to-itself", "to-itself")), testing::HasSubstr("it is a link to nothing"));
  EXPECT_EQ(files(), 7) << "no temporary is left";
}

TEST_F(FileWrite, ALinkStaysAndItsFileIsReplaced) {
  fs::create_directories(dir_ / "elsewhere");
  write_file_atomically((dir_ / "elsewhere/real").string(), "old");
  fs::create_symlink("elsewhere/real", path_);
  write_file_atomically(path_, "new");
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(read(), "new");
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "elsewhere"), fs::directory_iterator()), 1);
}

TEST_F(FileWrite, ALinkOfAnotherUserChoosesNothing) {
  write_file_atomically((dir_ / "real").string(), "old");
  fs::create_symlink("real", path_);
  write_file_atomically(path_, "by one's own");
  EXPECT_EQ(read(), "by one's own");
  if (geteuid() != 0) return;  // only root can give a link away
  ASSERT_EQ(lchown(path_.c_str(), 65534, 65534), 0);
  const Error error = test::error_of([&] { write_file_atomically(path_, "new"); });
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.message(), testing::HasSubstr("a link of another user"));
  EXPECT_EQ(read(), "by one's own");
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
