// Expected failures are values: a Result<T> holds a T or an Error, a Status just success or an
// Error. Broken invariants are not failures; they go through BEEFLOW_CHECK, which stays on in
// release builds.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace beeflow {

// What a caller may want to tell apart; the message is for people.
enum class ErrorCode { kInvalid, kNotFound, kConflict, kUnavailable, kInternal };

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // Names what was wrong, where, and what to do.
};

inline Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }
inline Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
inline Error Conflict(std::string message) { return {ErrorCode::kConflict, std::move(message)}; }
inline Error Unavailable(std::string message) {
  return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error Internal(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }

[[noreturn]] inline void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
  std::abort();
}

#define BEEFLOW_CHECK(condition)                                            \
  do {                                                                      \
    if (!(condition)) beeflow::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : value_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(value_); }
  explicit operator bool() const { return ok(); }

  // It is a broken invariant to take the value of a failure or the error of a success.
  T& value() {
    if (!ok()) CheckFailed(__FILE__, __LINE__, std::get<Error>(value_).message.c_str());
    return std::get<T>(value_);
  }
  const T& value() const { return const_cast<Result*>(this)->value(); }
  const Error& error() const {
    BEEFLOW_CHECK(!ok());
    return std::get<Error>(value_);
  }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> value_;
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    BEEFLOW_CHECK(failed_);
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

inline Status Ok() { return {}; }

// Returns the error of `expression` (a Status or Result) from the calling function, if it has one.
#define BEEFLOW_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (auto status_ = (expression); !status_.ok()) return status_.error(); \
  } while (false)

// Declares `variable` from the value of a Result, or returns its error.
#define BEEFLOW_ASSIGN_OR_RETURN(variable, expression) \
  BEEFLOW_ASSIGN_OR_RETURN_(variable, expression, BEEFLOW_CONCAT_(result_, __LINE__))
#define BEEFLOW_CONCAT_INNER_(a, b) a##b
#define BEEFLOW_CONCAT_(a, b) BEEFLOW_CONCAT_INNER_(a, b)
#define BEEFLOW_ASSIGN_OR_RETURN_(variable, expression, temporary) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) return temporary.error();                   \
  variable = std::move(*temporary)

}  // namespace beeflow
