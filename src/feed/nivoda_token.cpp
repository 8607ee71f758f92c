// One token for a host. The file is written in place, under its own lock: a name that is replaced could be locked twice.

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am/base/date.hpp"
#include "am/base/hash.hpp"
#include "am/feed/nivoda.hpp"
#include "nivoda_token_life.hpp"

namespace am::feed {

namespace {

using Json = nlohmann::ordered_json;

/// How often a lock is tried that another worker has, which logs in.
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

Instant instant_of(const Json& json, const char* name) {
  return Instant{std::chrono::microseconds(json.value(name, 0LL))};
}

long long micros_of(Instant at) { return at.time_since_epoch().count(); }

}  // namespace

/// What is known of an account. Another account, or another password: nothing.
struct NivodaTokens::Known {
  std::string token;
  Instant good_until{}, refused_at{};

  bool is_refused(Instant now) const { return refused_at <= now && now - refused_at < kRefusalKept; }
};

/// Where it is kept. Locked between enter and leave: one worker of the host at a time.
class NivodaTokens::Place {
 public:
  virtual ~Place() = default;
  virtual bool try_lock() = 0;
  virtual void unlock() = 0;
  virtual Known read() = 0;
  virtual void write(const Known& known) = 0;
};

class NivodaTokens::Memory final : public Place {
 public:
  bool try_lock() override { return mutex_.try_lock(); }
  void unlock() override { mutex_.unlock(); }
  Known read() override { return known_; }
  void write(const Known& known) override { known_ = known; }

 private:
  std::mutex mutex_;
  Known known_;
};

class NivodaTokens::File final : public Place {
 public:
  /// account: what the file has to be about.
  File(int descriptor, std::string account) : descriptor_(descriptor), account_(std::move(account)) {}
  ~File() override { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// -1: there is no such file, or not one that only this user may read.
  static int open_private(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (descriptor < 0) return -1;
    struct stat about = {};
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
        (about.st_mode & 077U) == 0)
      return descriptor;
    close(descriptor);
    return -1;
  }

  /// The threads of a process share the descriptor, and with it the lock.
  bool try_lock() override {
    if (!mutex_.try_lock()) return false;
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
    mutex_.unlock();
    return false;
  }

  void unlock() override {
    flock(descriptor_, LOCK_UN);
    mutex_.unlock();
  }

  /// What cannot be read, or was cut off by a crash, is nothing.
  Known read() override {
    std::string text(kMostBytes, '\0');
    const ssize_t length = pread(descriptor_, text.data(), text.size(), 0);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    const Json json = Json::parse(text, nullptr, false);
    try {
      if (!json.is_object() || json.value("account", "") != account_) return {};
      return {json.value("token", ""), instant_of(json, "good_until"), instant_of(json, "refused_at")};
    } catch (const Json::exception&) {
      return {};
    }
  }

  void write(const Known& known) override {
    const std::string text = Json{{"account", account_},
                                  {"token", known.token},
                                  {"good_until", micros_of(known.good_until)},
                                  {"refused_at", micros_of(known.refused_at)}}
                                 .dump(-1, ' ', false, Json::error_handler_t::replace);
    // A disk that is full costs the next worker a login.
    if (pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
        ftruncate(descriptor_, static_cast<off_t>(text.size())) == 0)
      return;
    if (ftruncate(descriptor_, 0) != 0) return;
  }

 private:
  int descriptor_;
  std::string account_;
  std::mutex mutex_;
};

NivodaTokens::NivodaTokens(const NivodaOptions& account, const std::optional<std::string>& directory,
                           kernel::Log& log, const kernel::Stop& stop, Now now)
    : now_(std::move(now)), stop_(stop) {
  const std::string name = sha256_hex(account.endpoint + "\n" + account.username).substr(0, 16);
  int descriptor = -1;
  if (directory) {
    const std::string path = *directory + "/am-nivoda-" + name + ".json";
    descriptor = File::open_private(path);
    if (descriptor < 0)
      log.warn("no file for the supplier's token: each worker logs in by itself", {{"path", path}});
  }
  if (descriptor < 0)
    place_ = std::make_unique<Memory>();
  else
    place_ = std::make_unique<File>(
        descriptor, sha256_hex(account.endpoint + "\n" + account.username + "\n" + account.password));
}

NivodaTokens::~NivodaTokens() = default;

/// Locked while it lives.
class NivodaTokens::Turn {
 public:
  explicit Turn(const NivodaTokens& tokens) : place_(*tokens.place_) {
    while (!place_.try_lock()) tokens.stop_.sleep(kPoll);
  }
  ~Turn() { place_.unlock(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Place& place_;
};

NivodaTokens::Held NivodaTokens::get(const std::string& stale, const std::function<Granted()>& login) {
  const Turn turn(*this);
  Known known = place_->read();
  if (known.is_refused(now_()))
    throw Error(ErrorKind::denied,
                "nivoda: the login was refused at " + format_rfc3339(known.refused_at) +
                    ", and is not tried again before " + format_rfc3339(known.refused_at + kRefusalKept),
                "check NIVODA_USERNAME and NIVODA_PASSWORD");
  if (!known.token.empty() && known.token != stale && now_() < known.good_until) return {known.token};
  try {
    const Granted granted = login();
    place_->write({granted.token, good_until(now_(), granted.expires), {}});
    return {granted.token, true};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::denied) place_->write({{}, {}, now_()});
    throw;
  }
}

void NivodaTokens::refused() {
  const Turn turn(*this);
  place_->write({{}, {}, now_()});
}

std::optional<std::string> token_directory() {
  for (const char* name : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
    const char* value = std::getenv(name);
    const std::string directories = value == nullptr ? "" : value;
    if (!directories.empty()) return directories.substr(0, directories.find(':'));
  }
  return std::nullopt;
}

Instant good_until(Instant now, std::optional<double> expires) {
  using Seconds = std::chrono::duration<double>;
  constexpr Seconds kLongest = std::chrono::hours(6);
  constexpr Seconds kMargin = std::chrono::minutes(5);
  constexpr double kMoment = 1e9;
  Seconds life = kLongest;
  if (expires && *expires > kMoment)
    life = Seconds(*expires) - std::chrono::duration_cast<Seconds>(now.time_since_epoch());
  else if (expires)
    life = Seconds(*expires);
  life = std::clamp(life, Seconds(0), kLongest);
  return now + std::chrono::duration_cast<Instant::duration>(std::max(life - kMargin, life / 2));
}

}  // namespace am::feed
