// Why a connection can't be made: the kind, a hint, and never the password.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/error_of.hpp"
#include "support/pg.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using test::TestDb;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCanary = "canary5417";

Error refusal(const std::string& url) {
  Error error =
      error_of([&] { open_db({.url = url, .connect_timeout = std::chrono::seconds(2), .probe = {}}); });
  EXPECT_THAT(error.message() + error.hint(), Not(HasSubstr(kCanary))) << url;
  EXPECT_THAT(error.message(), Not(HasSubstr("\n")));
  EXPECT_FALSE(error.hint().empty()) << error.message();
  return error;
}

struct UrlCase {
  const char* url;
  ErrorKind kind;
  const char* says;
};

TEST(DbConnect, UrlsThatCannotWork) {
  const std::vector<UrlCase> cases = {
      {"", ErrorKind::config, "DATABASE_URL: not set"},
      {"  ", ErrorKind::config, "DATABASE_URL: not set"},
      {"canary5417", ErrorKind::config, "DATABASE_URL: malformed"},
      {"mysql://u:canary5417@h/x", ErrorKind::config, "malformed"},
      {"postgresql://u:canary5417%zz@h/x", ErrorKind::config, "malformed"},
      {"postgresql://u:pass@canary5417@h:5432/x", ErrorKind::config, "malformed"},
      {"postgresql://u:canary5417/pass@h:5432/x", ErrorKind::config, "malformed"},
      {"postgresql://u:123/canary5417@h:5432/x", ErrorKind::config, "malformed"},
      {"host=h password=two canary5417", ErrorKind::config, "malformed"},
      {"postgresql://u:canary5417@h/x?sslmode=perhaps", ErrorKind::config, "sslmode"},
      {"postgresql://u:canary5417@h/x?nosuchoption=1", ErrorKind::config, "unknown parameter nosuchoption"},
      {"postgresql://u:canary5417@127.0.0.1:1/x", ErrorKind::unavailable,
       "127.0.0.1:1: no connection (connection refused)"},
      {"postgresql://u:canary5417@/x?host=/nonexistent", ErrorKind::unavailable,
       "/nonexistent: no connection"},
  };
  for (const UrlCase& c : cases) {
    const Error error = refusal(c.url);
    EXPECT_EQ(error.kind(), c.kind) << c.url << ": " << error.message();
    EXPECT_THAT(error.message(), HasSubstr(c.says)) << c.url;
  }
}

TEST(DbConnect, UnknownDatabaseIsConfig) {
  const Error error =
      refusal(test::with_database(test::cluster_url(), "no_such_database") + "&password=canary5417");
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_THAT(error.message(), HasSubstr("database \"no_such_database\" does not exist"));
  EXPECT_THAT(error.hint(), HasSubstr("createdb"));
}

TEST(DbConnect, UnknownRoleAndRoleWithoutLoginAreDenied) {
  TestDb bed;
  EXPECT_EQ(refusal(bed.url_as("no_such_role", kCanary)).kind(), ErrorKind::denied);
  const std::string role = bed.create_role({}, "NOLOGIN");
  const Error error = refusal(bed.url_as(role, kCanary));
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.message(), HasSubstr("not permitted to log in"));
}

TEST(DbConnect, DatabaseClosedToTheRoleIsDenied) {
  TestDb bed;
  const std::string role = bed.create_role({});
  bed.open()->query("REVOKE CONNECT ON DATABASE " + bed.name() + " FROM PUBLIC");
  const Error error = refusal(bed.url_as(role));
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.hint(), HasSubstr("grant connect"));
}

TEST(DbConnect, TooManyConnectionsIsUnavailable) {
  TestDb bed;
  const std::string role = bed.create_role({}, "CONNECTION LIMIT 0");
  const Error error = refusal(bed.url_as(role));
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_TRUE(error.retryable());
  EXPECT_THAT(error.message(), HasSubstr("too many connections"));
}

TEST(DbConnect, TheUrlMayNameItsOwnTimeoutAndApplication) {
  const TestDb bed;
  const auto db = open_db({.url = bed.url() + "&application_name=mine&connect_timeout=3", .probe = {}});
  EXPECT_EQ(test::value_of(*db, "SHOW application_name"), "mine");
  EXPECT_EQ(test::value_of(*bed.open(), "SHOW application_name"), "am test");
  EXPECT_EQ(test::value_of(*db, "SHOW client_encoding"), "UTF8");
}

/// A cluster of its own, for a role that has to give its password.
class DbPassword : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    char directory[] = "/tmp/am-scram.XXXXXX";
    directory_ = mkdtemp(directory);
    ASSERT_EQ(script("start", "--scram-role am_scram"), 0);
    std::ifstream file(directory_ + "/url");
    std::getline(file, url_);
    open_db({.url = url_, .probe = {}})->query("CREATE ROLE am_scram LOGIN PASSWORD 'right p@ss/word'");
  }
  static void TearDownTestSuite() {
    script("stop", "");
    std::filesystem::remove_all(directory_);
  }
  static int script(const std::string& verb, const std::string& options) {
    return std::system(
        (std::string(AM_SOURCE_DIR) + "/scripts/pg-cluster " + verb + " " + directory_ + " " + options)
            .c_str());
  }

  inline static std::string directory_;
  inline static std::string url_;
};

TEST_F(DbPassword, RightIsAccepted) {
  const auto db = open_db({.url = url_ + "&user=am_scram&password=right%20p%40ss%2Fword", .probe = {}});
  EXPECT_THAT(db->describe(), HasSubstr("user am_scram"));
  EXPECT_THAT(db->describe(), Not(HasSubstr("right")));
}

TEST_F(DbPassword, WrongIsDenied) {
  const Error error = refusal(url_ + "&user=am_scram&password=canary5417");
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.message(), HasSubstr("password authentication failed for user \"am_scram\""));
}

TEST_F(DbPassword, MissingIsDenied) {
  const Error error = refusal(url_ + "&user=am_scram");
  EXPECT_EQ(error.kind(), ErrorKind::denied);
  EXPECT_THAT(error.message(), HasSubstr("a password is required"));
}

/// Answers every start-up packet with one error, as a server in that state does.
class RefusingServer {
 public:
  RefusingServer(std::string sqlstate, std::string message)
      : sqlstate_(std::move(sqlstate)), message_(std::move(message)) {
    char directory[] = "/tmp/am-fake.XXXXXX";
    directory_ = mkdtemp(directory);
    const std::string path = directory_ + "/.s.PGSQL.5432";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~RefusingServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    std::filesystem::remove_all(directory_);
  }
  RefusingServer(const RefusingServer&) = delete;
  RefusingServer& operator=(const RefusingServer&) = delete;
  std::string url() const { return "postgresql://u:canary5417@/x?port=5432&host=" + directory_; }

 private:
  void serve() {
    for (int client = accept(listener_, nullptr, nullptr); client >= 0;
         client = accept(listener_, nullptr, nullptr)) {
      char packet[2048];
      if (read(client, packet, sizeof packet) > 0) {
        std::string body = std::string("SFATAL") + '\0' + "VFATAL" + '\0' + "C" + sqlstate_ + '\0' + "M" +
                           message_ + '\0' + '\0';
        const auto size = static_cast<unsigned char>(body.size() + 4);
        body = std::string("E\0\0\0", 4) + static_cast<char>(size) + body;
        EXPECT_GT(write(client, body.data(), body.size()), 0);
      }
      close(client);
    }
  }

  std::string sqlstate_;
  std::string message_;
  std::string directory_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(DbConnect, ServerStatesHaveTheirKinds) {
  struct Case {
    const char* sqlstate;
    const char* message;
    ErrorKind kind;
  };
  const std::vector<Case> cases = {
      {"57P03", "the database system is starting up", ErrorKind::unavailable},
      {"57P01", "terminating connection due to administrator command", ErrorKind::unavailable},
      {"53300", "sorry, too many clients already", ErrorKind::unavailable},
      {"28000", "no pg_hba.conf entry for host \"10.0.0.1\", user \"u\"", ErrorKind::denied},
      {"28P01", "Passwort-Authentifizierung fehlgeschlagen", ErrorKind::denied},
      {"3D000", "Datenbank existiert nicht", ErrorKind::config},
      {"08P01", "no such database: x", ErrorKind::config},
      {"08P01", "unsupported startup parameter: options", ErrorKind::config},
  };
  for (const Case& c : cases) {
    const RefusingServer server(c.sqlstate, c.message);
    const Error error = refusal(server.url());
    EXPECT_EQ(error.kind(), c.kind) << c.sqlstate << ": " << error.message();
    EXPECT_EQ(error.retryable(), c.kind == ErrorKind::unavailable);
  }
}

TEST(DbConnect, AServerThatNeverAnswersTimesOut) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char directory[] = "/tmp/am-mute.XXXXXX";
  const std::string path = std::string(mkdtemp(directory)) + "/.s.PGSQL.5432";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  const Error error = refusal("postgresql://u:canary5417@/x?port=5432&host=" + std::string(directory));
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("timed out"));
  close(listener);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace am::kernel
