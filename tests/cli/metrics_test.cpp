// `am metrics --textfile`: what is in the file, with the database and without it, and when it can't be written.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "am/cli/app.hpp"
#include "support/pg.hpp"

namespace am::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class MetricsFile : public testing::Test {
 protected:
  MetricsFile() {
    fs::create_directories(dir_);
    std::ofstream(dir_ / "am.toml").flush();
  }
  ~MetricsFile() override { fs::remove_all(dir_); }
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

  int write(const std::string& url, const std::string& path) {
    std::istringstream in;
    std::ostringstream out;
    kernel::Stop stop;
    err_.str("");
    Environment environment{{{"DATABASE_URL", url}, {"AM_CONFIG", (dir_ / "am.toml").string()}},
                            in,
                            out,
                            err_,
                            false,
                            false,
                            stop};
    const int code = run_app({"metrics", "--quiet", "--textfile", path}, environment);
    EXPECT_EQ(out.str(), "");
    return code;
  }
  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  fs::path dir_ = fs::path(testing::TempDir()) / ("metrics-file-" + std::to_string(getpid()));
  std::string path_ = (dir_ / "am.prom").string();
  std::ostringstream err_;
  const std::string nowhere_ = "postgresql://am@127.0.0.1:1/am";  // nobody listens on port 1
};

TEST_F(MetricsFile, SaysWhetherTheDatabaseAnswers) {
  const test::TestDb home;
  EXPECT_EQ(write(home.url(), path_), 0);
  EXPECT_THAT(text(), HasSubstr("\nam_database_up 1\n"));
  EXPECT_THAT(text(),
              HasSubstr("\nam_job_due{workflow=\"daily_checkpoint_v1\",job=\"daily_checkpoint_v1\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("\nam_rate_limit_limit{key=\"alpha_vantage\",window=\"1day\"} 500\n"));
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(write(nowhere_, path_), 69);
  EXPECT_THAT(text(), HasSubstr("\nam_database_up 0\n"));
  EXPECT_THAT(text(), Not(HasSubstr("am_job")));
  home.open()->query("UPDATE schema_migrations SET version = version - 1");
  EXPECT_EQ(write(home.url(), path_), 78);
  EXPECT_THAT(text(), HasSubstr("\nam_database_up 0\n"));
}

TEST_F(MetricsFile, SaysWhyItCannotBeWritten) {
  EXPECT_EQ(write(nowhere_, (dir_ / "gone" / "am.prom").string()), 66);
  EXPECT_THAT(err_.str(), HasSubstr("am.prom: cannot be written: No such file or directory"));
  EXPECT_THAT(err_.str(), HasSubstr("the metrics lack what is stored")) << "the other trouble is in the log";
  EXPECT_EQ(write(nowhere_, (dir_ / "am.toml" / "am.prom").string()), 66);
  EXPECT_THAT(err_.str(), HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace am::cli
