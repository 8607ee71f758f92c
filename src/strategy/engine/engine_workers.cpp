// Sessions whose strategy is another process: the engine looks at them when they have something to say, and waits for none.

#include <algorithm>

#include <sys/epoll.h>

#include "engine_loop.hpp"

namespace am::strategy {

bool Engine::is_worker_busy(const HeldSession& session) const {
  return session.worker != nullptr && session.worker->pending() > 0;
}

void Engine::pump_workers() {
  if (kinds_changed_) count_kinds();
  if (workers_.empty()) return;
  const SteadyTime time = std::chrono::steady_clock::now();
  std::vector<std::string> failed;
  std::vector<Evaluated> answers;
  for (HeldSession* const each : workers_) {
    HeldSession& session = *each;
    Worker* const worker = session.worker;
    if (!std::exchange(session.ready, false) && worker->wake_at() > time && !worker->wants_write()) continue;
    answers.clear();
    worker->pump(answers);
    if (!answers.empty()) {
      manager_.evaluated(session.id(), answers, now());
      flush({});
      while (!session.asked.empty() && session.asked.front().first <= answers.back().at)
        session.asked.pop_front();
    }
    register_worker(session, worker->fd(), worker->wants_write());
    if (worker->state() == WorkerState::failed) failed.push_back(session.id());
  }
  say_words();
  for (const std::string& id : failed) fail(id, sessions_.at(id).worker->reason());
}

void Engine::register_worker(HeldSession& session, int fd, bool for_writing) {
  if (fd == session.registered && for_writing == session.for_writing) return;
  const bool is_known = fd == session.registered;
  if (!is_known) forget_worker(session);
  session.registered = fd;
  session.for_writing = for_writing;
  if (fd < 0) return;
  epoll_event event{.events = EPOLLIN | (for_writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0U),
                    .data = {.ptr = &session}};
  epoll_ctl(epoll_, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

/// A descriptor that is closed has left epoll by itself; its number may be another's by now.
void Engine::forget_worker(HeldSession& session) {
  const int fd = std::exchange(session.registered, -1);
  if (fd >= 0 && session.worker != nullptr && session.worker->fd() == fd) {
    epoll_event event{};
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &event);
  }
}

void Engine::say_words() {
  for (const WorkerWord& word : manager_.take_words()) {
    const HeldSession* const session = held(word.session_id);
    if (session == nullptr) continue;
    if (word.is_error)
      parts_.log.warn(word.text, about(*session));
    else
      parts_.log.info(word.text, about(*session));
  }
}

}  // namespace am::strategy
