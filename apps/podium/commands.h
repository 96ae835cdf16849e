// Every subcommand of the program, each defined in a file of its own.
#pragma once

#include "command.h"

namespace podium::cli {}  // namespace podium::cli
