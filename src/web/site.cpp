#include "am/web/site.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "am/base/error.hpp"
#include "answers.hpp"
#include "base_path.hpp"
#include "replies.hpp"

namespace am::web {

namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t kMostEntries = 512;
constexpr std::size_t kMostBytes = std::size_t{16} << 20U;
constexpr std::size_t kMostWaiting = 256;  // reads in the queue of the readers
constexpr std::chrono::seconds kSameFailure{60};

struct Waiter {
  kernel::ServerRequest request;
  kernel::Responder responder;
};

/// One path with its parameters: the body at hand, and who waits for the next one.
struct Entry {
  const Route* route = nullptr;
  Args args;
  std::shared_ptr<const Body> body;  ///< null: none yet, or not any more
  Time read_at{};                    ///< when the read of `body` began
  Time failed_at{};                  ///< of the last read that failed since; else zero
  Time used_at{};
  bool reading = false;
  std::vector<Waiter> waiters;
};

/// What a render came to: a body, or why not.
struct Rendered {
  std::shared_ptr<const Body> body;
  bool away = false;  ///< the database did not answer: the last body may stand in
};

int status_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::no_input:
      return 404;
    case ErrorKind::usage:
      return 400;
    case ErrorKind::unavailable:
    case ErrorKind::interrupted:  // the server ends
    case ErrorKind::terminated:
    case ErrorKind::config:  // not migrated, or by another program
    case ErrorKind::denied:
      return 503;
    default:
      return 500;
  }
}

std::string key_of(const Match& match) {
  std::string key(match.route->path);
  for (const auto& [name, value] : match.args) key.append("&").append(name).append("=").append(value);
  return key;
}

}  // namespace

struct Site::Impl {
  Impl(SiteOptions o, kernel::Log& l, const kernel::Clock& c)
      : options(std::move(o)),
        log(l),
        clock(c),
        replies(options.cors, options.base_path, options.router),
        readers(options.snapshots, std::max(1, options.readers), kMostWaiting),
        health(options.snapshots, 1, kMostWaiting) {
    const auto reader = kernel::open_snapshots(options.snapshots);
    for (const Route& route : options.router.routes()) {
      if (route.keep != Keep::forever) continue;
      constants[&route] = replies.body(rendered(route, {}, source_of(*reader)), true);
    }
  }

  const SiteOptions options;
  kernel::Log& log;
  const kernel::Clock& clock;
  const Replies replies;
  std::map<const Route*, std::shared_ptr<const Body>> constants;

  std::mutex mutex;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries;
  std::size_t bytes = 0;  ///< of all bodies

  std::mutex failure_mutex;
  std::string last_failure;
  Time last_failure_at{};

  // Last, so that their threads end before what they use.
  kernel::SnapshotPool readers;
  kernel::SnapshotPool health;

  Source source_of(kernel::SnapshotReader& reader) const {
    return {reader,         clock.now(),   options.desks,     options.off,
            options.limits, options.stats, options.base_path, options.router};
  }

  void handle(const kernel::ServerRequest& request, kernel::Responder responder) {
    if (request.method == "OPTIONS") return replies.options(request, std::move(responder));
    if (request.method != "GET" && request.method != "HEAD") {
      return replies.refuse(request, std::move(responder), 405, "the method is not GET, HEAD or OPTIONS",
                            nullptr);
    }
    std::string storage;
    Result<Match, Mismatch> matched =
        options.router.match(without_base(request.target, options.base_path, storage));
    if (!matched) {
      const Mismatch& mismatch = matched.error();
      return replies.refuse(request, std::move(responder), mismatch.status, mismatch.message, mismatch.route);
    }
    const Route& route = *matched->route;
    if (route.keep == Keep::forever)
      return replies.send(*constants.at(&route), route, request, std::move(responder), {});
    if (options.fresh.count() == 0 && route.keep == Keep::fresh)
      return read_once(*matched, request, std::move(responder));
    serve(std::move(*matched), request, std::move(responder));
  }

  /// From the body at hand, or as one of those who wait for the next.
  void serve(Match match, const kernel::ServerRequest& request, kernel::Responder responder) {
    const Time now = std::chrono::steady_clock::now();
    const Route& route = *match.route;
    std::shared_ptr<const Body> body;
    std::optional<kernel::Responder> mine;
    Time::duration age{};
    bool begin = false;
    std::shared_ptr<Entry> entry;
    {
      const std::lock_guard lock(mutex);
      entry = find_or_add(std::move(match), now);
      entry->used_at = now;
      age = now - entry->read_at;
      const bool away = entry->failed_at != Time{};
      // Read again when half of its time is over, so that hardly anyone ever waits.
      const bool due = !entry->body || (away ? now - entry->failed_at : age) >= options.fresh / 2;
      begin = due && !entry->reading;
      if (begin) entry->reading = true;
      // While the database is away one request asks for it, the others take what is at hand.
      const bool usable = entry->body && (age <= options.fresh || (away && !begin && age <= options.stale));
      if (usable) {
        body = entry->body;
        mine.emplace(std::move(responder));
      } else {
        entry->waiters.push_back({request, std::move(responder)});
      }
    }
    if (mine) replies.send(*body, route, request, std::move(*mine), age_header(age));
    if (begin) start_read(entry);
  }

  /// With the lock held.
  std::shared_ptr<Entry> find_or_add(Match match, Time now) {
    const std::string key = key_of(match);
    const auto found = entries.find(key);
    if (found != entries.end()) return found->second;
    make_room();
    auto entry = std::make_shared<Entry>();
    entry->route = match.route;
    entry->args = std::move(match.args);
    entry->used_at = now;
    entries.emplace(key, entry);
    return entry;
  }

  /// With the lock held: the entry that was used the longest ago goes first.
  void make_room() {
    while (entries.size() >= kMostEntries || bytes > kMostBytes) {
      auto oldest = entries.end();
      for (auto each = entries.begin(); each != entries.end(); ++each) {
        if (each->second->reading) continue;
        if (oldest == entries.end() || each->second->used_at < oldest->second->used_at) oldest = each;
      }
      if (oldest == entries.end()) return;
      forget(*oldest->second);
      entries.erase(oldest);
    }
  }

  void forget(Entry& entry) {
    if (entry.body) bytes -= entry.body->size();
    entry.body = nullptr;
  }

  using MakeDocument = std::function<Document()>;

  /// Has the route's document made on a reader's thread, which hands over the function that makes it (or throws).
  /// False: too many wait.
  bool submit(const Route& route, const Args& args, std::function<void(const MakeDocument&)> take) {
    if (route.ask == nullptr) {
      kernel::SnapshotPool& pool = route.health ? health : readers;
      return pool.submit([this, &route, args, take = std::move(take)](kernel::SnapshotReader& reader) {
        take([&] { return route.render(args, source_of(reader)); });
      });
    }
    return readers.read(route.ask(args), [&route, args, take = std::move(take)](
                                             const Result<std::vector<kernel::Rows>, Error>& results) {
      take([&] {
        if (!results) throw Error(results.error());
        return route.make(args, *results);
      });
    });
  }

  void start_read(const std::shared_ptr<Entry>& entry) {
    const Time began = std::chrono::steady_clock::now();
    const bool taken = submit(*entry->route, entry->args, [this, entry, began](const MakeDocument& make) {
      finish(entry, render(*entry->route, make, entry->body.get()), began);
    });
    if (!taken)
      finish(entry, {replies.failure(*entry->route, 503, "too many requests wait for the database"), true},
             {});
  }

  /// Runs on a reader's thread. `last` lets unchanged bytes keep their body, so that they are packed only once.
  Rendered render(const Route& route, const MakeDocument& make, const Body* last) {
    Rendered rendered;
    try {
      const Document document = replies.placed(make());
      if (last != nullptr && last->same_bytes(document)) {
        rendered.body = nullptr;  // as it was
        return rendered;
      }
      const bool kept = document.status == 200 && route.keep == Keep::fresh && options.fresh.count() > 0;
      rendered.body = replies.body(document, kept);
      if (document.status != 200) rendered.away = route.keep == Keep::fresh && document.status == 503;
    } catch (const Error& error) {
      const int status = status_of(error);
      if (status >= 500) note_failure(error);
      rendered.away = status == 503;
      const std::string message = status == 503   ? std::string(unready_text(error.kind()))
                                  : status == 500 ? "internal error"
                                                  : error.message();
      rendered.body = replies.failure(route, status, message);
    } catch (const std::exception& error) {
      note_failure(Error(ErrorKind::bug, error.what()));
      rendered.body = replies.failure(route, 500, "internal error");
    }
    return rendered;
  }

  void finish(const std::shared_ptr<Entry>& entry, Rendered rendered, Time began) {
    std::vector<Waiter> waiters;
    std::shared_ptr<const Body> body;
    std::string extra;
    {
      const std::lock_guard lock(mutex);
      entry->reading = false;
      waiters.swap(entry->waiters);
      const Time now = std::chrono::steady_clock::now();
      const bool unchanged = rendered.body == nullptr;
      const bool good = unchanged || (!rendered.away && rendered.body->status() == 200);
      if (good) {
        if (!unchanged) {
          forget(*entry);
          if (entry->route->keep == Keep::fresh) {
            entry->body = rendered.body;
            bytes += entry->body->size();
          }
        }
        entry->read_at = began;
        entry->failed_at = {};
        body = unchanged ? entry->body : rendered.body;
      } else {
        body = rendered.body;
        if (rendered.away) {
          entry->failed_at = now;
          if (entry->body && now - entry->read_at <= options.stale) {
            body = entry->body;
            extra = age_header(now - entry->read_at);
          }
        } else {
          forget(*entry);
        }
      }
      if (!entry->body) entries.erase(key_of({entry->route, entry->args}));
    }
    for (Waiter& waiter : waiters)
      replies.send(*body, *entry->route, waiter.request, std::move(waiter.responder), extra);
  }

  /// Without keeping or sharing anything.
  void read_once(const Match& match, const kernel::ServerRequest& request, kernel::Responder responder) {
    auto waiter = std::make_shared<Waiter>(Waiter{request, std::move(responder)});
    const Route& route = *match.route;
    const bool taken = submit(route, match.args, [this, &route, waiter](const MakeDocument& make) {
      replies.send(*render(route, make, nullptr).body, route, waiter->request, std::move(waiter->responder),
                   {});
    });
    if (!taken) {
      replies.send(*replies.failure(*match.route, 503, "too many requests wait for the database"),
                   *match.route, waiter->request, std::move(waiter->responder), {});
    }
  }

  std::string age_header(Time::duration age) const {
    if (age <= options.fresh) return {};
    return "Age: " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()) + "\r\n";
  }

  /// Said once a minute, as long as it stays the same.
  void note_failure(const Error& error) {
    const std::lock_guard lock(failure_mutex);
    const Time now = std::chrono::steady_clock::now();
    if (error.message() == last_failure && now - last_failure_at < kSameFailure) return;
    last_failure = error.message();
    last_failure_at = now;
    log.error("a request could not be answered", {{"error", error.message()}, {"hint", error.hint()}});
  }
};

Site::Site(SiteOptions options, kernel::Log& log, const kernel::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), log, clock)) {}

Site::~Site() = default;

void Site::handle(const kernel::ServerRequest& request, kernel::Responder responder) {
  impl_->handle(request, std::move(responder));
}

kernel::ServerReply Site::error_page(int status, std::string_view message) const {
  return impl_->replies.unread(status, message);
}

}  // namespace am::web
