// Status and Result<T>: how every Podium function reports failure. No function of the library
// throws across a module boundary, prints, or aborts on input.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace podium {

// What went wrong, in the few kinds that a caller can act on.
enum class StatusCode : uint8_t {
  kOk = 0,
  kInvalidArgument,    // the request, flag or input text is wrong: mend it and try again
  kNotFound,           // a file, model, document or query that was named does not exist
  kResourceExhausted,  // out of memory budget, disk or queue space: try later or with less
  kDeadlineExceeded,   // the time that was given ran out
  kCancelled,          // the user or client asked to stop
  kUnsupported,        // a valid request that this build or model cannot serve
  kDataCorruption,     // a file does not hold what its format promises
  kIoError,            // the operating system refused to read or write
  kInternal,           // a fault of Podium itself
};

// "invalid argument", "not found", … for messages and logs.
std::string_view StatusCodeName(StatusCode code);

// An error code with a message for people, or OK. Cheap to move; OK holds no allocation.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // REQUIRES: code != StatusCode::kOk (an OK status has no message).
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // "data corruption: model.safetensors: header length 12 exceeds file size 8"
  std::string ToString() const;

  // The same code with `context` and ": " put before the message; OK stays OK.
  Status WithContext(std::string_view context) const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

inline Status InvalidArgument(std::string message) {
  return {StatusCode::kInvalidArgument, std::move(message)};
}
inline Status NotFound(std::string message) {
  return {StatusCode::kNotFound, std::move(message)};
}
inline Status ResourceExhausted(std::string message) {
  return {StatusCode::kResourceExhausted, std::move(message)};
}
inline Status DeadlineExceeded(std::string message) {
  return {StatusCode::kDeadlineExceeded, std::move(message)};
}
inline Status Cancelled(std::string message) {
  return {StatusCode::kCancelled, std::move(message)};
}
inline Status Unsupported(std::string message) {
  return {StatusCode::kUnsupported, std::move(message)};
}
inline Status DataCorruption(std::string message) {
  return {StatusCode::kDataCorruption, std::move(message)};
}
inline Status IoError(std::string message) {
  return {StatusCode::kIoError, std::move(message)};
}
inline Status Internal(std::string message) {
  return {StatusCode::kInternal, std::move(message)};
}

// A value of type T or the Status that says why there is none. Never holds an OK status.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return InvalidArgument("…");` both read well.
  // NOLINTNEXTLINE(google-explicit-constructor): conversion is the point of the class
  Result(T value) : value_(std::move(value)) {}
  // REQUIRES: !status.ok()
  // NOLINTNEXTLINE(google-explicit-constructor): conversion is the point of the class
  Result(Status status) : status_(std::move(status)) {
    if (status_.ok()) {
      status_ = Internal("a Result was made from an OK status");
    }
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  // REQUIRES: ok()
  const T& value() const& { return value_.value(); }
  T& value() & { return value_.value(); }
  T&& value() && { return std::move(value_).value(); }
  const T& operator*() const& { return *value_; }
  T& operator*() & { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  const T* operator->() const { return &*value_; }
  T* operator->() { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace podium

#define PODIUM_CONCAT_INNER(a, b) a##b
#define PODIUM_CONCAT(a, b) PODIUM_CONCAT_INNER(a, b)

// Leaves the enclosing function with the Status of `expr` unless it is OK.
#define PODIUM_RETURN_IF_ERROR(expr)         \
  do {                                       \
    ::podium::Status podium_status = (expr); \
    if (!podium_status.ok()) {               \
      return podium_status;                  \
    }                                        \
  } while (false)

// PODIUM_ASSIGN_OR_RETURN(auto x, MakeX()): x is the value, or the function returns the Status.
#define PODIUM_ASSIGN_OR_RETURN(lhs, expr) \
  PODIUM_ASSIGN_OR_RETURN_IMPL(PODIUM_CONCAT(podium_result_, __LINE__), lhs, expr)
#define PODIUM_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                                 \
  if (!result.ok()) {                                   \
    return std::move(result).status();                  \
  }                                                     \
  lhs = std::move(result).value()
