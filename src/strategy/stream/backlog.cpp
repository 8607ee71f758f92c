#include "backlog.hpp"

#include <utility>

namespace am::strategy {

namespace {

constexpr std::size_t kEntryBytes = 256;  // what an entry costs beside its texts

}  // namespace

std::string_view timeframe_in(std::string_view payload) {
  constexpr std::string_view kName = "\"timeframe\"";
  const auto name = payload.find(kName);
  if (name == std::string_view::npos) return {};
  payload.remove_prefix(name + kName.size());
  const auto begin = payload.find_first_not_of(" \t\n\r:");
  if (begin == std::string_view::npos || payload[begin] != '"') return {};
  payload.remove_prefix(begin + 1);
  return payload.substr(0, payload.find('"'));
}

void Backlog::add(const Frame& frame) {
  const std::size_t size = kEntryBytes + frame.symbol.size() + frame.payload.text.size();
  switch (frame.kind) {
    case Frame::Kind::connected:
    case Frame::Kind::disconnected:
      return append(frame, {});
    case Frame::Kind::trade:
      ++dropped_;
      return;
    case Frame::Kind::control:
      return bytes_ + size > most_bytes_ ? drop(frame) : append(frame, {});
    case Frame::Kind::bar:
      break;
  }
  std::string key(frame.symbol);
  key.append(1, ' ').append(timeframe_in(frame.payload.text));
  Frame newest = frame;
  if (const auto older = bars_.find(key); older != bars_.end()) {
    newest.coalesced = true;
    ++coalesced_;
    erase(older->second);
  }
  bytes_ + size > most_bytes_ ? drop(newest) : append(newest, std::move(key));
}

void Backlog::drain(Ring& ring, std::size_t limit) {
  while (!entries_.empty() && ring.push(entries_.front().frame, limit)) erase(entries_.begin());
}

void Backlog::append(const Frame& frame, std::string key) {
  Entry& entry = entries_.emplace_back(
      Entry{frame, std::string(frame.symbol), std::string(frame.payload.text), std::move(key)});
  entry.frame.symbol = entry.symbol;
  entry.frame.payload = {entry.payload};
  bytes_ += kEntryBytes + entry.symbol.size() + entry.payload.size();
  if (!entry.key.empty()) bars_[entry.key] = std::prev(entries_.end());
}

void Backlog::erase(Entries::iterator entry) {
  bytes_ -= kEntryBytes + entry->symbol.size() + entry->payload.size();
  if (!entry->key.empty()) bars_.erase(entry->key);
  if (entry == loss_) loss_ = entries_.end();
  entries_.erase(entry);
}

void Backlog::drop(const Frame& frame) {
  ++dropped_;
  if (loss_ != entries_.end()) return entries_.splice(entries_.end(), entries_, loss_);
  append({.kind = Frame::Kind::connected, .coalesced = true, .read_at = frame.read_at}, {});
  loss_ = std::prev(entries_.end());
}

}  // namespace am::strategy
