// Every subcommand of the program, each defined in a file of its own.
#pragma once

#include "command.h"

namespace podium::cli {

void AddCompletionCommand(CommandLine& line);
void AddEvalCommand(CommandLine& line);
void AddDeleteCommand(CommandLine& line);
void AddGetCommand(CommandLine& line);
void AddIndexCommand(CommandLine& line);
void AddInfoCommand(CommandLine& line);
void AddManCommand(CommandLine& line);

}  // namespace podium::cli
