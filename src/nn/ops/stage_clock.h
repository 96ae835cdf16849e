// Where the time of a run goes: busy seconds of all workers, by stage of the encoder.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace podium::nn {

// What a worker may be at. Turning activations into the numbers of a product belongs to the stage
// of that product; a norm that does so on its way is a norm.
enum class Stage : uint8_t {
  kEmbed = 0,        // look-up, sum, norm, and widening where there is any
  kQkv,              // queries, keys and values
  kAttention,        // both products and the softmax
  kAttentionOutput,  // with its residual
  kNorm,
  kFfnUp,  // with its activation
  kFfnDown,
  kHead,  // pooling and all that follows
};
inline constexpr size_t kStages = 8;

// "embed", "qkv", "attention", "attention_output", "norm", "ffn_up", "ffn_down", "head".
std::string_view StageName(Stage stage);

// A number for each stage: seconds, or operations.
struct PerStage {
  std::array<double, kStages> values = {};

  double& operator[](Stage stage) { return values[static_cast<size_t>(stage)]; }
  double operator[](Stage stage) const { return values[static_cast<size_t>(stage)]; }
  double total() const {
    double sum = 0;
    for (const double part : values) {
      sum += part;
    }
    return sum;
  }
  PerStage& operator+=(const PerStage& other) {
    for (size_t i = 0; i < kStages; ++i) {
      values[i] += other.values[i];
    }
    return *this;
  }
};

// What one worker books to; it does so only if `running`.
struct StageClock {
  bool running = false;
  PerStage booked = {};
};

// Books the time of its life to a stage. With a clock that does not run it costs a branch.
class StageTimer {
 public:
  StageTimer(StageClock& clock, Stage stage) : clock_(clock.running ? &clock : nullptr) {
    if (clock_ != nullptr) {
      stage_ = stage;
      start_ = Clock::now();
    }
  }
  ~StageTimer() {
    if (clock_ != nullptr) {
      clock_->booked[stage_] += std::chrono::duration<double>(Clock::now() - start_).count();
    }
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  StageClock* clock_;
  Stage stage_ = Stage::kEmbed;
  Clock::time_point start_;
};

}  // namespace podium::nn
