// Xapian's exceptions as Status: the adapter that every call into Xapian goes through. Private to
// the module.
#pragma once

#include <new>
#include <string_view>
#include <utility>

#include <xapian.h>

#include "podium/status.h"

namespace podium::lexical {

// `what` heads the message: a path or what was tried.
Status FromXapian(const Xapian::Error& error, std::string_view what);

// work() with whatever Xapian throws turned into a Status. `work` returns Status or Result<T>.
template <typename Work>
auto Guarded(std::string_view what, Work&& work) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const Xapian::Error& error) {
    return FromXapian(error, what);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(std::string(what) + ": out of memory");
  }
}

}  // namespace podium::lexical
