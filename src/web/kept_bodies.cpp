#include "kept_bodies.hpp"

namespace am::web {

namespace {

constexpr std::size_t kMostEntries = 512;
constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

std::string key_of(const Match& match) {
  std::string key(match.route->path);
  for (const auto& [name, value] : match.args) key.append("&").append(name).append("=").append(value);
  return key;
}

}  // namespace

KeptBodies::Given KeptBodies::ask(Match match, Waiter waiter, Time now) {
  Given given;
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Entry> entry = find_or_add(std::move(match), now);
  entry->used_at = now;
  given.age = now - entry->read_at;
  const bool away = entry->failed_at != Time{};
  const bool young = entry->body && given.age <= fresh_;
  const bool stands_in = entry->body && away && given.age <= stale_;
  // Read again when half of its time is over, so that hardly anyone ever waits.
  const bool due = !(young || stands_in) || (away ? now - entry->failed_at : given.age) >= fresh_ / 2;
  if (due && !entry->reading) {
    entry->reading = true;
    given.to_read = entry;
  }
  // While the database is away one request asks for it, the others take what is at hand.
  const bool usable = young || (stands_in && !given.to_read);
  if (usable) {
    given.body = entry->body;
    given.waiter = std::move(waiter);
  } else {
    entry->waiters.push_back(std::move(waiter));
  }
  return given;
}

std::shared_ptr<KeptBodies::Entry> KeptBodies::find_or_add(Match match, Time now) {
  const std::string key = key_of(match);
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  make_room();
  auto entry = std::make_shared<Entry>();
  entry->match = std::move(match);
  entry->used_at = now;
  entries_.emplace(key, entry);
  return entry;
}

/// The entry that was used the longest ago goes first.
void KeptBodies::make_room() {
  while (entries_.size() >= kMostEntries || bytes_ > kMostBytes) {
    auto oldest = entries_.end();
    for (auto each = entries_.begin(); each != entries_.end(); ++each) {
      if (each->second->reading) continue;
      if (oldest == entries_.end() || each->second->used_at < oldest->second->used_at) oldest = each;
    }
    if (oldest == entries_.end()) return;
    forget(*oldest->second);
    entries_.erase(oldest);
  }
}

void KeptBodies::forget(Entry& entry) {
  if (entry.body) bytes_ -= entry.body->size();
  entry.body = nullptr;
}

KeptBodies::Finished KeptBodies::finish(Entry& entry, Rendered rendered, Time began, Time now) {
  Finished finished;
  const std::lock_guard lock(mutex_);
  entry.reading = false;
  finished.waiters.swap(entry.waiters);
  const bool unchanged = rendered.body == nullptr;
  if (unchanged || (!rendered.away && rendered.body->status() == 200)) {
    if (!unchanged) {
      forget(entry);
      if (entry.match.route->keep == Keep::fresh) {
        entry.body = rendered.body;
        bytes_ += entry.body->size();
      }
    }
    entry.read_at = began;
    entry.failed_at = {};
    finished.body = unchanged ? entry.body : rendered.body;
  } else {
    finished.body = rendered.body;
    if (rendered.away) {
      entry.failed_at = now;
      if (entry.body && now - entry.read_at <= stale_) {
        finished.body = entry.body;
        finished.age = now - entry.read_at;
      }
    } else {
      forget(entry);
    }
  }
  if (!entry.body) entries_.erase(key_of(entry.match));
  return finished;
}

}  // namespace am::web
