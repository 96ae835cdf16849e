// Every subcommand of the program, each defined in a file of its own.
#pragma once

#include "command.h"

namespace podium::cli {

void AddIndexCommand(CommandLine& line);
void AddSearchCommand(CommandLine& line);
void AddRerankCommand(CommandLine& line);
void AddRunCommand(CommandLine& line);
void AddRerankRunCommand(CommandLine& line);
void AddEvalCommand(CommandLine& line);
void AddGetCommand(CommandLine& line);
void AddDeleteCommand(CommandLine& line);
void AddInfoCommand(CommandLine& line);
void AddTokenizeCommand(CommandLine& line);
void AddCompletionCommand(CommandLine& line);
void AddManCommand(CommandLine& line);
void AddBenchCommand(CommandLine& line);
void AddModelCommand(CommandLine& line);

}  // namespace podium::cli
