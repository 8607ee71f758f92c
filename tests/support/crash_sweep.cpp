#include "support/crash_sweep.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/version.hpp"

namespace am::test {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kEvery = 24;  // there memory is looked at, and the points are much alike
#else
constexpr int kEvery = 8;
#endif

/// The first line of what git says of the source tree; "" when it has none.
std::string git(const std::string& arguments) {
  std::string line(64, '\0');
  FILE* pipe =
      popen(("git -c safe.directory='*' -C '" AM_SOURCE_DIR "' " + arguments + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return "";
  const bool read = std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr;
  const bool ended = pclose(pipe) == 0;
  return read && ended ? std::string(trim(line.c_str())) : "";
}

int modulo(const std::string& text) {
  return static_cast<int>(std::stoul(sha256_hex(text).substr(0, 7), nullptr, 16) % kEvery);
}

Rotation of_the_tree() {
  if (git("rev-parse --is-shallow-repository") == "false") {
    if (const std::string commits = git("rev-list --count HEAD"); !commits.empty())
      return {std::stoi(commits) % kEvery, kEvery};
  }
  const std::string head = git("rev-parse HEAD");
  return {modulo(head.empty() ? std::string(kernel::version()) : head), kEvery};
}

}  // namespace

Rotation Rotation::parse(std::string_view text) {
  if (text == "all") return {};
  const std::size_t slash = text.find('/');
  const auto number = [](std::string_view digits) {
    int value = -1;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return problem == std::errc() && end == digits.data() + digits.size() ? value : -1;
  };
  const Rotation rotation{number(text.substr(0, slash)),
                          slash == std::string_view::npos ? 0 : number(text.substr(slash + 1))};
  if (rotation.rest < 0 || rotation.every < 1 || rotation.rest >= rotation.every)
    throw std::runtime_error("AM_SWEEP is \"" + std::string(text) + "\" (expected all, or one like 3/8)");
  return rotation;
}

Rotation Rotation::current() {
  const char* wanted = std::getenv("AM_SWEEP");
  return wanted != nullptr && *wanted != '\0' ? parse(wanted) : of_the_tree();
}

std::string Rotation::to_string() const {
  return every == 1 ? "all" : std::to_string(rest) + "/" + std::to_string(every);
}

std::vector<int> Rotation::of(int points) const {
  std::vector<int> taken;
  for (int n = 1; n <= points; ++n) {
    if (n == 1 || n == points || n % every == rest) taken.push_back(n);
  }
  return taken;
}

std::string_view crash_name(Crash crash) {
  switch (crash) {
    case Crash::error_once:
      return "one error";
    case Crash::death:
      return "death";
    case Crash::lost_connection:
      return "lost connection";
  }
  return "";
}

void CrashPoint::operator()(std::string_view what) {
  const int at = ++count_;
  if (n_ == 0 || at < n_ || (at > n_ && crash_ != Crash::death)) return;
  if (crash_ == Crash::lost_connection) {
    home_.end_connections();
    return;
  }
  // A process that is gone tries nothing again.
  throw Error(crash_ == Crash::death ? ErrorKind::terminated : ErrorKind::unavailable,
              "crash sweep: point " + std::to_string(at) + ", " + std::string(what.substr(0, 60)));
}

void bury_holders(kernel::Sql& sql) {
  kernel::Holder gone = kernel::Holder::self();
  gone.start_ticks = "1";  // another process has the number now
  sql.query("UPDATE ops.runs SET holder = $1::jsonb WHERE status = 'running'",
            kernel::sql_values(gone.to_json()));
}

void for_each_point(std::string_view what, int points, const std::function<void(int n)>& at) {
  const Rotation rotation = Rotation::current();
  const std::vector<int> taken = rotation.of(points);
  std::printf("sweep: %.*s at %zu of %d points, AM_SWEEP=%s\n", static_cast<int>(what.size()), what.data(),
              taken.size(), points, rotation.to_string().c_str());
  for (const int n : taken) {
    SCOPED_TRACE(std::string(what) + " at point " + std::to_string(n) + " of " + std::to_string(points) +
                 "; repeat it with AM_SWEEP=" + rotation.to_string());
    at(n);
    if (testing::Test::HasFailure()) break;  // the next points would only repeat it
  }
}

int sweep(const SweptJob& job, Crash crash) {
  const TestDb home;  // one for all points: emptying it takes a tenth of what a new one does
  auto db = home.open();
  if (job.prepare) job.prepare(home);
  CrashPoint undisturbed(home, crash, 0);
  job.run(home, undisturbed);
  const int points = undisturbed.count();
  const std::string expected = job.desk.dump(*db);
  // With several threads at work the n-th call is not always the same one, but there are always as many.
  for_each_point(crash_name(crash), points, [&](int n) {
    job.desk.empty(*db);
    if (job.prepare) job.prepare(home);
    {
      CrashPoint point(home, crash, n);
      try {
        job.run(home, point);
      } catch (const Error&) {
      }
      EXPECT_TRUE(point.fired());
    }
    if (crash == Crash::lost_connection) db = home.open();  // this one was ended too
    if (crash == Crash::death) bury_holders(*db);
    if (job.after_crash) job.after_crash(*db);
    CrashPoint never(home, crash, 0);
    EXPECT_NO_THROW(job.run(home, never));
    if (job.after_rerun) job.after_rerun(*db);
    const std::string got = job.desk.dump(*db);
    EXPECT_EQ(got, expected);
  });
  return points;
}

}  // namespace am::test
