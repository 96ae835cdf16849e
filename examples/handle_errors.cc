// How every function of Podium tells you that it failed: it returns a Status, or a Result that
// holds either the value or the Status. Nothing throws, prints or aborts.
#include <iostream>
#include <string>

#include "podium/status.h"

// A function of your own may speak the same language.
podium::Result<int> ParseTop(const std::string& text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return podium::InvalidArgument("top: expected a number, found '" + text + "'");
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

// The two macros pass errors on, so that the plain path stays in sight.
podium::Status Describe(const std::string& text) {
  PODIUM_ASSIGN_OR_RETURN(const int top, ParseTop(text));
  std::cout << "the best " << top << " documents\n";
  return podium::Status::Ok();
}

int main() {
  if (const podium::Status status = Describe("10"); !status.ok()) {
    std::cerr << status.ToString() << "\n";
    return 1;
  }
  const podium::Status refused = Describe("ten");
  std::cout << refused.ToString() << "\n";  // invalid argument: top: expected a number, found 'ten'
  return refused.code() == podium::StatusCode::kInvalidArgument ? 0 : 1;
}
