#include <csignal>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "am/kernel/ledger.hpp"

namespace am::kernel {
namespace {

TEST(Holder, KnowsItself) {
  const Holder me = Holder::self();
  EXPECT_EQ(me.pid, getpid());
  EXPECT_FALSE(me.host.empty());
  EXPECT_EQ(me.boot_id.size(), 36U);
  EXPECT_FALSE(me.pid_namespace.empty());
  ASSERT_FALSE(me.start_ticks.empty());
  EXPECT_EQ(me.start_ticks.find_first_not_of("0123456789"), std::string::npos);
}

TEST(Holder, SurvivesItsJson) {
  Holder holder = Holder::self();
  holder.host = "a \"b\" \\ c";
  const auto again = Holder::from_json(holder.to_json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->host, holder.host);
  EXPECT_EQ(again->boot_id, holder.boot_id);
  EXPECT_EQ(again->pid_namespace, holder.pid_namespace);
  EXPECT_EQ(again->pid, holder.pid);
  EXPECT_EQ(again->start_ticks, holder.start_ticks);
}

TEST(Holder, ReadsWhatIsMissingAsUnknown) {
  const auto empty = Holder::from_json("{}");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->pid, 0);
  EXPECT_EQ(empty->boot_id, "");
  EXPECT_FALSE(empty->is_certainly_gone());
  for (const char* bad : {"", "null", "[]", "5", "{", R"({"pid":"x"})", R"({"host":5})"}) {
    EXPECT_FALSE(Holder::from_json(bad)) << bad;
  }
}

TEST(Holder, ALivingProcessIsNotGone) { EXPECT_FALSE(Holder::self().is_certainly_gone()); }

/// A holder for a child that has ended and was waited for.
Holder dead_child() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  waitpid(child, &status, 0);
  Holder holder = Holder::self();
  holder.pid = child;
  holder.start_ticks = "1";  // not the ticks of whoever gets the number next
  return holder;
}

TEST(Holder, AnEndedProcessOfThisBootIsGone) { EXPECT_TRUE(dead_child().is_certainly_gone()); }

TEST(Holder, AKilledProcessIsGoneAlsoBeforeItWasWaitedFor) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string me = Holder::self().to_json();
    const bool told = write(ready[1], me.data(), me.size()) == static_cast<ssize_t>(me.size());
    close(ready[1]);
    while (told) pause();
    _exit(1);
  }
  close(ready[1]);
  char text[1000];
  const ssize_t size = read(ready[0], text, sizeof text);
  close(ready[0]);
  ASSERT_GT(size, 0);
  const auto holder = Holder::from_json(std::string_view(text, static_cast<std::size_t>(size)));
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, child);
  EXPECT_FALSE(holder->is_certainly_gone()) << "alive";
  kill(child, SIGKILL);
  siginfo_t dead{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &dead, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(holder->is_certainly_gone()) << "its parent has not looked yet";
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(holder->is_certainly_gone());
}

TEST(Holder, ANumberThatAnotherProcessHasNowIsGone) {
  Holder holder = Holder::self();
  holder.start_ticks += "0";
  EXPECT_TRUE(holder.is_certainly_gone());
}

TEST(Holder, WhateverIsUnknownIsNotGone) {
  const Holder dead = dead_child();
  ASSERT_TRUE(dead.is_certainly_gone());
  const auto with = [&](auto change) {
    Holder holder = dead;
    change(holder);
    return holder.is_certainly_gone();
  };
  EXPECT_FALSE(with([](Holder& h) { h.boot_id.clear(); }));
  EXPECT_FALSE(with([](Holder& h) { h.boot_id = "00000000-0000-0000-0000-000000000000"; }))
      << "another machine, or before a restart";
  EXPECT_FALSE(with([](Holder& h) { h.pid_namespace.clear(); }));
  EXPECT_FALSE(with([](Holder& h) { h.pid_namespace = "1"; })) << "another container";
  EXPECT_FALSE(with([](Holder& h) { h.start_ticks.clear(); }));
  EXPECT_FALSE(with([](Holder& h) { h.pid = 0; }));
  EXPECT_FALSE(with([](Holder& h) { h.pid = -1; }));
}

}  // namespace
}  // namespace am::kernel
