// A callable passed down by reference: what a parameter of "any function of this shape" costs less
// with than as a std::function, which may allocate.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace podium {

template <typename Signature>
class FunctionRef;

// Two pointers; copy freely. REQUIRES: the callable outlives every use, which a temporary lambda
// does as an argument of a function that keeps no copy.
template <typename Return, typename... Args>
class FunctionRef<Return(Args...)> {
 public:
  template <typename Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef> &&
           std::is_object_v<std::remove_reference_t<Callable>> &&
           std::is_invocable_r_v<Return, Callable&, Args...>)
      // NOLINTNEXTLINE(google-explicit-constructor, bugprone-forwarding-reference-overload): as
      // above
      FunctionRef(Callable&& callable)
  noexcept
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Args... args) -> Return {
          return (*static_cast<std::remove_reference_t<Callable>*>(object))(
              std::forward<Args>(args)...);
        }) {}

  Return operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  Return (*call_)(void*, Args...);
};

}  // namespace podium
