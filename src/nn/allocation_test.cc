// Memory of running models: none is allocated once a model has run, and what is held does not grow
// with the request.
#include <filesystem>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/count_allocations_test_util.h"
#include "nn/model.h"
#include "nn/weights/random_checkpoint.h"

namespace podium::nn {
namespace {

namespace fs = std::filesystem;

class AllocationTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::path(testing::TempDir()) / (std::string("podium_allocation_") + test->name());
    fs::remove_all(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  // A tiny model of the family, with windows as long as those of real ones.
  std::unique_ptr<const Model> LoadTiny(const std::string& family, Precision precision) {
    const RandomCheckpoint shape = {.family = family,
                                    .classifier = family != "mpnet",
                                    .vocab_size = 97,
                                    .positions = 512,
                                    .hidden_size = 32,
                                    .layers = 1,
                                    .heads = 2,
                                    .intermediate_size = 64};
    EXPECT_TRUE(WriteRandomCheckpoint(shape, dir_).ok());
    auto model = Model::Load(dir_, {.precision = precision});
    EXPECT_TRUE(model.ok()) << model.status().ToString();
    return model.ok() ? *std::move(model) : nullptr;
  }

  fs::path dir_;
};

TokenBatch BatchOf(const std::vector<size_t>& lengths) {
  TokenBatch batch;
  for (const size_t length : lengths) {
    batch.Add(std::vector<int32_t>(length, 5));
  }
  return batch;
}

std::vector<size_t> RandomLengths(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<size_t> lengths(count);
  for (size_t& length : lengths) {
    length = 1 + random() % 512;
  }
  return lengths;
}

TEST_F(AllocationTest, ARunAllocatesItsResultAlone) {
  for (const auto& [family, precision] :
       {std::pair{"bert", Precision::kFp32}, std::pair{"bert", Precision::kBf16},
        std::pair{"bert", Precision::kBf16x3}, std::pair{"bert", Precision::kInt8},
        std::pair{"xlm-roberta", Precision::kFp32}, std::pair{"mpnet", Precision::kFp32}}) {
    SCOPED_TRACE(family + std::string(" ") + std::string(PrecisionName(precision)));
    const auto model = LoadTiny(family, precision);
    ASSERT_NE(model, nullptr);
    for (const size_t threads : {1, 2}) {
      ThreadPool pool(threads);
      // As many sequences as will come; the rest is bounded by the model.
      ASSERT_TRUE(model->Run(BatchOf(std::vector<size_t>(40, 1)), pool).ok());
      for (unsigned seed = 0; seed < 10; ++seed) {
        const TokenBatch batch = BatchOf(RandomLengths(1 + 4 * seed, seed));
        const auto run = [&] { EXPECT_TRUE(model->Run(batch, pool).ok()); };
        EXPECT_EQ(CountAllocations(run), 1U) << seed;
      }
    }
  }
}

TEST_F(AllocationTest, ASessionAllocatesNothing) {
  const auto model = LoadTiny("bert", Precision::kFp32);
  ASSERT_NE(model, nullptr);
  ThreadPool pool(2);
  const RunOptions options;
  const auto run = [&](const std::vector<TokenBatch>& batches, std::vector<float>& results) {
    Model::Session session(*model, pool, options);
    pool.ParallelFor(batches.size(), [&](size_t i, size_t worker) {
      const TokenBatch& batch = batches[i];
      EXPECT_TRUE(session.Run(batch, worker, std::span(results).first(batch.sequences())).ok());
    });
  };
  std::vector<float> results(40);
  run({BatchOf({1})}, results);
  std::vector<TokenBatch> batches;
  for (unsigned seed = 0; seed < 6; ++seed) {
    batches.push_back(BatchOf(RandomLengths(7 * seed, seed)));
  }
  EXPECT_EQ(CountAllocations([&] { run(batches, results); }), 0U);
}

// What a run allocates does not depend on how much is asked, but for four bytes of result per
// sequence and a few numbers of the plan.
TEST_F(AllocationTest, MemoryDoesNotGrowWithTheRequest) {
  const auto model = LoadTiny("bert", Precision::kFp32);
  ASSERT_NE(model, nullptr);
  ThreadPool pool(2);
  const TokenBatch few = BatchOf(std::vector<size_t>(4, 512));
  const TokenBatch many = BatchOf(std::vector<size_t>(1000, 512));
  ASSERT_TRUE(model->Run(few, pool).ok());
  const size_t before = bytes_allocated;
  ASSERT_TRUE(model->Run(many, pool).ok());
  constexpr size_t kPlanBytes = 48;  // of a sequence and a block, with what vectors grow by
  EXPECT_LE(bytes_allocated - before, many.sequences() * 2 * (sizeof(float) + kPlanBytes));
}

}  // namespace
}  // namespace podium::nn
