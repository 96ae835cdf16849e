// Ctrl-C as a question: long loops ask StopRequested() and finish cleanly with what is done.
#pragma once

#include "podium/status.h"

namespace podium {

// From now on SIGINT and SIGTERM set a flag instead of ending the process; a second signal ends it
// at once. For programs only: a library must not take over signals.
void InstallStopHandler();

// True once a stop was asked for. Safe from any thread.
bool StopRequested();

// Waits until `fd` has something to read (or has ended): true; or until a stop was asked for:
// false. A stop asked for just before the call counts, which a plain read after StopRequested()
// would miss.
bool WaitForInput(int fd);

// Cancelled("stopped by the user") once a stop was asked for, else OK.
Status CheckStop();

}  // namespace podium
