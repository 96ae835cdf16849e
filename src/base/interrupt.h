// Ctrl-C as a question: long loops ask StopRequested() and finish cleanly with what is done.
#pragma once

#include "podium/status.h"

namespace podium {

// From now on SIGINT and SIGTERM set a flag instead of ending the process; a second signal ends it
// at once. For programs only: a library must not take over signals.
void InstallStopHandler();

// True once a stop was asked for. Safe from any thread.
bool StopRequested();

// Cancelled("stopped by the user") once a stop was asked for, else OK.
Status CheckStop();

}  // namespace podium
