package dev.palimpsest.cli;

import dev.palimpsest.worker.WorkerMain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands in groups, as the help lists them. */
final class Commands {
  private final CommandLine line;
  private final Map<String, List<CommandLine>> groups = new LinkedHashMap<>();

  private Commands(CommandLine line) {
    this.line = line;
  }

  /** Adds every command. */
  static void addTo(CommandLine line, Session session) {
    var groups = new Commands(line);
    groups.group(
        "Studies:",
        new RunCommand(session),
        new CheckCommand(session),
        new PlanCommand(session),
        new VerifyCommand(session),
        new CancelCommand(session),
        new ReferenceCommand(session));
    groups.group(
        "Runs and what they made:",
        new StatusCommand(session),
        new RunsCommand(session),
        new WhyCommand(session),
        new LogsCommand(session),
        new NoteCommand(session),
        ArtifactsCommand.line(session));
    groups.group(
        "The store:",
        new ImportCommand(session),
        new ExportCommand(session),
        new RemoveCommand(session),
        new CollectCommand(session),
        new RoomCommand(session));
    groups.group(
        "Servers:",
        new UpCommand(session),
        new ConsoleCommand(session),
        new WorkerMain(),
        new DoctorCommand(session));
    line.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, groups::list);
  }

  private void group(String heading, Object... commands) {
    var all = new ArrayList<CommandLine>();
    for (Object command : commands) {
      CommandLine added = command instanceof CommandLine made ? made : new CommandLine(command);
      line.addSubcommand(added);
      all.add(added);
    }
    groups.put(heading, all);
  }

  private String list(Help help) {
    int width = help.commandSpec().usageMessage().width();
    int longest = line.getSubcommands().keySet().stream().mapToInt(String::length).max().orElse(0);
    var text = new StringBuilder();
    groups.forEach((heading, commands) -> {
      var table =
          Help.TextTable.forColumns(
              help.colorScheme(),
              new Help.Column(longest + 4, 2, Help.Column.Overflow.SPAN),
              new Help.Column(width - longest - 4, 0, Help.Column.Overflow.WRAP));
      for (CommandLine command : commands) {
        String[] described = command.getCommandSpec().usageMessage().description();
        table.addRowValues(command.getCommandName(), brief(String.join(" ", described)));
      }
      text.append('\n').append(heading).append('\n').append(table);
    });
    return text.toString();
  }

  /** The first clause. */
  private static String brief(String description) {
    return description.split("[.:;]( |$)", 2)[0] + ".";
  }
}
