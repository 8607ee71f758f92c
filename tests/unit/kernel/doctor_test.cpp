// The checks that need neither a database nor a network.

#include "am/kernel/doctor.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/scripted_http.hpp"

namespace am::kernel {
namespace {

using CheckState = Check::State;

class SecretFile : public testing::Test {
 protected:
  SecretFile() : path_(testing::TempDir() + "am-doctor-secret") { std::ofstream(path_) << "secret\n"; }
  ~SecretFile() override { std::filesystem::remove(path_); }
  Check with_mode(mode_t mode) const {
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return check_secret_file("secret file", path_);
  }
  std::string path_;
};

TEST_F(SecretFile, OfRootMayBeForAGroup) {
  if (geteuid() != 0) {  // only root can make one; what belongs to others is for them alone
    EXPECT_EQ(with_mode(0640).hint, "chmod 600 " + path_);
    return;
  }
  EXPECT_EQ(with_mode(0640).state, CheckState::ok);
  EXPECT_EQ(with_mode(0600).state, CheckState::ok);
  for (const mode_t mode : {0644U, 0660U, 0641U}) EXPECT_EQ(with_mode(mode).hint, "chmod 640 " + path_);
  EXPECT_EQ(with_mode(0604).hint, "chmod 600 " + path_);
}

TEST_F(SecretFile, IsForItsOwnerAlone) {
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  }
  EXPECT_EQ(with_mode(0600).state, CheckState::ok);
  EXPECT_EQ(with_mode(0400).state, CheckState::ok);
  for (const mode_t mode : {0640U, 0604U, 0620U, 0666U}) {
    const Check check = with_mode(mode);
    EXPECT_EQ(check.state, CheckState::warning) << mode;
    EXPECT_EQ(check.hint, "chmod 600 " + path_);
  }
  EXPECT_NE(with_mode(0644).detail.find("mode 0644"), std::string::npos);
}

TEST_F(SecretFile, ThatIsNotThereFails) {
  EXPECT_EQ(check_secret_file("secret file", path_ + ".not").state, CheckState::failed);
}

TEST(DoctorMachine, OfTheTestsIsFine) {
  for (const Check& check : check_machine(true)) {
    EXPECT_NE(check.state, CheckState::failed) << check.name << ": " << check.detail;
    EXPECT_EQ(check.hint.empty(), check.state == CheckState::ok) << check.name;
  }
}

TEST(DoctorHosts, AreConnectedToWithoutPathQueryOrUser) {
  test::ScriptedHttp http;
  http.reply("CONNECT", "https://api.example.com", test::status(0));
  http.fail("CONNECT", "https://hc.example.com:8443",
            Error(ErrorKind::unavailable, "hc.example.com:8443: the certificate was not accepted"));
  const std::vector<Check> checks =
      check_hosts(http, {{"openai", "https://api.example.com/v1?key=canary"},
                         {"again", "https://api.example.com/v2"},
                         {"ping", "https://u:canary@hc.example.com:8443/canary"}});
  ASSERT_EQ(checks.size(), 2U) << "each host once";
  EXPECT_EQ(checks[0].state, CheckState::ok);
  EXPECT_EQ(checks[1].state, CheckState::failed);
  EXPECT_FALSE(checks[1].hint.empty());
  for (const HttpRequest& request : http.requests()) {
    EXPECT_EQ(request.url.find("canary"), std::string::npos);
    EXPECT_TRUE(request.headers.empty() && request.body.empty());
  }
}

TEST(DoctorHosts, AreSkippedWhenTheTimeIsOver) {
  test::ScriptedHttp http;
  const auto checks = check_hosts(http, {{"openai", "https://api.example.com"}}, std::chrono::seconds(1),
                                  std::chrono::milliseconds(0));
  EXPECT_EQ(checks.front().state, CheckState::skipped);
}

}  // namespace
}  // namespace am::kernel
