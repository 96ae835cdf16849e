#include "base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace podium {
namespace {

using std::chrono::milliseconds;

// What a loop did: how often each index came, and whether workers were named within bounds.
class Tally {
 public:
  Tally(size_t count, size_t workers) : times_(count), workers_(workers) {}

  void operator()(size_t index, size_t worker) {
    times_[index].fetch_add(1, std::memory_order_relaxed);
    if (worker >= workers_) {
      in_range_ = false;
    }
  }

  bool EachOnce() const {
    for (const std::atomic<int>& times : times_) {
      if (times != 1) {
        return false;
      }
    }
    return in_range_;
  }

 private:
  std::vector<std::atomic<int>> times_;
  const size_t workers_;
  std::atomic<bool> in_range_{true};
};

TEST(ThreadPoolTest, RunsEveryIndexOnce) {
  for (const size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const size_t count : {0, 1, 3, 1000}) {
      Tally tally(count, threads);
      pool.ParallelFor(count, tally);
      EXPECT_TRUE(tally.EachOnce()) << count << " on " << threads;
    }
  }
}

TEST(ThreadPoolTest, SharesRunEveryIndexOnceBesideTasks) {
  for (const size_t threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const size_t tasks : {1, 3, 40}) {
      std::atomic<size_t> wrong{0};
      pool.ParallelFor(tasks, [&](size_t, size_t worker) {
        for (const size_t count : {0, 1, 2, 50}) {
          Tally tally(count, threads);
          pool.Share(worker, count, tally);
          wrong += tally.EachOnce() ? 0 : 1;
        }
      });
      EXPECT_EQ(wrong, 0U) << tasks << " on " << threads;
    }
  }
}

// What one part wrote without any care of its own is there for the next loop, and the other way
// round: meetings order memory. (Meant for the thread sanitizer as well.)
TEST(ThreadPoolTest, MeetingsOrderMemory) {
  ThreadPool pool(3);
  constexpr size_t kCells = 16;
  std::vector<std::vector<uint64_t>> cells(4, std::vector<uint64_t>(kCells, 1));
  pool.ParallelFor(cells.size(), [&](size_t task, size_t worker) {
    std::vector<uint64_t>& mine = cells[task];
    for (int round = 0; round < 500; ++round) {
      std::vector<uint64_t> sums(kCells);
      pool.Share(worker, kCells,
                 [&](size_t i, size_t) { sums[i] = mine[i] + mine[kCells - 1 - i]; });
      mine.swap(sums);
    }
  });
  for (const std::vector<uint64_t>& mine : cells) {
    for (const uint64_t value : mine) {
      EXPECT_EQ(value, mine.front());
    }
  }
}

TEST(ThreadPoolTest, WorkersWithoutATaskHelpWithOneThatIsLeft) {
  ThreadPool pool(2);
  std::atomic<bool> helped{false};
  // Two tasks: one is over at once, the other shares until somebody has come.
  pool.ParallelFor(2, [&](size_t index, size_t worker) {
    while (index == 0 && !helped) {
      pool.Share(worker, 2, [&](size_t, size_t who) { helped = helped || who != worker; });
    }
  });
  EXPECT_TRUE(helped);
}

TEST(ThreadPoolTest, KnowsWhoIsIdle) {
  ThreadPool pool(3);
  EXPECT_EQ(pool.idle(), 2U);
  std::atomic<size_t> running{0};
  std::atomic<size_t> idle{9};
  // All three at once: then nobody is.
  pool.ParallelFor(3, [&](size_t index, size_t) {
    ++running;
    while (running < 3) {
      std::this_thread::yield();
    }
    if (index == 0) {
      idle = pool.idle();
    }
    ++running;
    while (running < 6) {
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(idle, 0U);
  EXPECT_EQ(pool.idle(), 2U);
}

TEST(ThreadPoolTest, LoopsFromSeveralThreadsTakeTurns) {
  ThreadPool pool(3);
  std::atomic<size_t> inside{0};
  std::atomic<size_t> wrong{0};
  std::vector<std::thread> callers;
  for (size_t caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        Tally tally(7, pool.size());
        std::atomic<size_t> mine{0};
        pool.ParallelFor(7, [&](size_t index, size_t worker) {
          ++inside;
          ++mine;
          tally(index, worker);
          wrong += inside > pool.size() ? 1 : 0;
          --inside;
        });
        wrong += tally.EachOnce() && mine == 7 ? 0 : 1;
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(wrong, 0U);
}

// Pauses on both sides of the time that a worker looks out before it sleeps.
TEST(ThreadPoolTest, WakesFromSleep) {
  ThreadPool pool(4);
  for (const auto pause : {std::chrono::microseconds(0), std::chrono::microseconds(30),
                           std::chrono::microseconds(60), std::chrono::microseconds(2000)}) {
    for (int round = 0; round < 20; ++round) {
      std::this_thread::sleep_for(pause);
      Tally tally(9, pool.size());
      pool.ParallelFor(9, tally);
      ASSERT_TRUE(tally.EachOnce());
    }
  }
}

TEST(ThreadPoolTest, GoesAwayAtAnyMoment) {
  for (int round = 0; round < 100; ++round) {
    ThreadPool pool(4);
    if (round % 3 != 0) {
      Tally tally(static_cast<size_t>(round % 5), pool.size());
      pool.ParallelFor(static_cast<size_t>(round % 5), tally);
    }
  }
}

}  // namespace
}  // namespace podium
