#include <locale.h>

#include "base/interrupt.h"
#include "commands.h"

int main(int argc, char** argv) {
  setlocale(LC_CTYPE, "C.UTF-8");  // widths of characters, whatever the user's locale
  podium::InstallStopHandler();
  podium::cli::CommandLine line;
  podium::cli::AddIndexCommand(line);
  podium::cli::AddSearchCommand(line);
  podium::cli::AddRerankCommand(line);
  podium::cli::AddRunCommand(line);
  podium::cli::AddRerankRunCommand(line);
  podium::cli::AddEvalCommand(line);
  podium::cli::AddGetCommand(line);
  podium::cli::AddDeleteCommand(line);
  podium::cli::AddInfoCommand(line);
  podium::cli::AddModelCommand(line);
  podium::cli::AddBenchCommand(line);
  podium::cli::AddTokenizeCommand(line);
  podium::cli::AddCompletionCommand(line);
  podium::cli::AddManCommand(line);
  return line.Run(argc, argv);
}
