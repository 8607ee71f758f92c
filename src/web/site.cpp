#include "am/web/site.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "answers.hpp"
#include "base_path.hpp"
#include "kept_bodies.hpp"
#include "replies.hpp"

namespace am::web {

namespace {

using Time = KeptBodies::Time;
using Waiter = KeptBodies::Waiter;
using Entry = KeptBodies::Entry;

constexpr std::size_t kMostWaiting = 256;  // reads in the queue of the readers
constexpr std::chrono::seconds kSameFailure{60};
constexpr std::string_view kTooMany = "too many requests wait for the database";

Time now() { return std::chrono::steady_clock::now(); }

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

}  // namespace

struct Site::Impl {
  Impl(SiteOptions o, kernel::Log& l, const kernel::Clock& c)
      : options(std::move(o)),
        log(l),
        clock(c),
        replies(options.cors, options.base_path, options.router),
        kept(options.fresh, options.stale),
        readers(options.snapshots, std::max(1, options.readers), kMostWaiting),
        health(options.snapshots, 1, kMostWaiting) {
    const auto reader = kernel::open_snapshots(options.snapshots);
    for (const Route& route : options.router.routes()) {
      if (route.keep != Keep::forever) continue;
      constants[&route] = replies.body(replies.placed(rendered(route, {}, source_of(*reader))), true);
    }
  }

  const SiteOptions options;
  kernel::Log& log;
  const kernel::Clock& clock;
  const Replies replies;
  std::map<const Route*, std::shared_ptr<const Body>> constants;
  KeptBodies kept;

  std::mutex failure_mutex;
  std::string last_failure;
  Time last_failure_at{};

  // Last, so that their threads end before what they use.
  kernel::SnapshotPool readers;
  kernel::SnapshotPool health;

  Source source_of(kernel::SnapshotReader& reader) const {
    return {reader,        clock.now(),       options.desks,  options.off,   options.limits,
            options.stats, options.base_path, options.router, options.config};
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
      if (mismatch.status == 308) return replies.redirect(request, std::move(responder), mismatch.location);
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
    const Route& route = *match.route;
    KeptBodies::Given given = kept.ask(std::move(match), {request, std::move(responder)}, now());
    if (given.waiter) send_aged(*given.body, route, request, std::move(given.waiter->responder), given.age);
    if (given.to_read) start_read(given.to_read);
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
    const Time began = now();
    const Route& route = *entry->match.route;
    const bool taken =
        submit(route, entry->match.args, [this, entry, &route, began](const MakeDocument& make) {
          finish(*entry, render(route, make, entry->body.get()), began);
        });
    if (!taken) finish(*entry, {replies.failure(route, 503, kTooMany), true}, {});
  }

  /// Runs on a reader's thread. `last` lets unchanged bytes keep their body, so that they are packed only once.
  Rendered render(const Route& route, const MakeDocument& make, const Body* last) {
    try {
      const Document document = replies.placed(make());
      if (last != nullptr && last->same_bytes(document)) return {};
      const bool keep = document.status == 200 && route.keep == Keep::fresh && options.fresh.count() > 0;
      return {replies.body(document, keep), route.keep == Keep::fresh && document.status == 503};
    } catch (const Error& error) {
      const int status = status_of(error);
      if (status >= 500) note_failure(error);
      const std::string message = status == 503   ? std::string(unready_text(error.kind()))
                                  : status == 500 ? "internal error"
                                                  : error.message();
      const std::string_view hint = status < 500 ? std::string_view(error.hint()) : std::string_view();
      return {replies.failure(route, status, message, hint), status == 503};
    } catch (const std::exception& error) {
      note_failure(Error(ErrorKind::bug, error.what()));
      return {replies.failure(route, 500, "internal error"), false};
    }
  }

  void finish(Entry& entry, Rendered rendered, Time began) {
    KeptBodies::Finished finished = kept.finish(entry, std::move(rendered), began, now());
    for (Waiter& waiter : finished.waiters) {
      send_aged(*finished.body, *entry.match.route, waiter.request, std::move(waiter.responder),
                finished.age.value_or(KeptBodies::Age{}));
    }
  }

  /// A body that is older than it should be, because the database is away, says so.
  void send_aged(const Body& body, const Route& route, const kernel::ServerRequest& request,
                 kernel::Responder responder, KeptBodies::Age age) const {
    if (age <= options.fresh) return replies.send(body, route, request, std::move(responder), {});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age);
    const std::string header = "Age: " + std::to_string(seconds.count()) + "\r\n";
    if (!route.is_page() || body.status() != 200)
      return replies.send(body, route, request, std::move(responder), header);
    replies.send(*replies.body(aged_page(body.document(), seconds), false), route, request,
                 std::move(responder), header);
  }

  /// Without keeping or sharing anything.
  void read_once(const Match& match, const kernel::ServerRequest& request, kernel::Responder responder) {
    auto waiter = std::make_shared<Waiter>(Waiter{request, std::move(responder)});
    const Route& route = *match.route;
    const auto answer = [this, &route, waiter](const Body& body) {
      replies.send(body, route, waiter->request, std::move(waiter->responder), {});
    };
    const bool taken = submit(route, match.args, [this, &route, answer](const MakeDocument& make) {
      answer(*render(route, make, nullptr).body);
    });
    if (!taken) answer(*replies.failure(route, 503, kTooMany));
  }

  /// Said once a minute, as long as it stays the same.
  void note_failure(const Error& error) {
    const std::lock_guard lock(failure_mutex);
    const Time at = now();
    if (error.message() == last_failure && at - last_failure_at < kSameFailure) return;
    last_failure = error.message();
    last_failure_at = at;
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
