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
  private final Map<String, List<String>> groups = new LinkedHashMap<>();

  private Commands(CommandLine line) {
    this.line = line;
  }

  /** Adds every command. */
  static void addTo(CommandLine line, Session session) {
    var commands = new Commands(line);
    commands.group(
        "Studies:",
        new RunCommand(session),
        new CheckCommand(session),
        new PlanCommand(session),
        new VerifyCommand(session),
        new CancelCommand(session),
        new ReferenceCommand(session));
    commands.group(
        "Runs and what they made:",
        new StatusCommand(session),
        new RunsCommand(session),
        new WhyCommand(session),
        new LogsCommand(session),
        ArtifactsCommand.line(session));
    commands.group(
        "The store:",
        new ImportCommand(session),
        new ExportCommand(session),
        new RemoveCommand(session),
        new CollectCommand(session),
        new RoomCommand(session));
    commands.group(
        "Servers:", new UpCommand(session), new WorkerMain(), new DoctorCommand(session));
    line.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, commands::list);
  }

  private void group(String heading, Object... commands) {
    var names = new ArrayList<String>();
    for (Object command : commands) {
      CommandLine added = command instanceof CommandLine made ? made : new CommandLine(command);
      line.addSubcommand(added);
      names.add(added.getCommandName());
    }
    groups.put(heading, names);
  }

  private String list(Help help) {
    int width = help.commandSpec().usageMessage().width();
    int longest = help.subcommands().keySet().stream().mapToInt(String::length).max().orElse(0);
    var text = new StringBuilder();
    groups.forEach((heading, names) -> {
      var table =
          Help.TextTable.forColumns(
              help.colorScheme(),
              new Help.Column(longest + 4, 2, Help.Column.Overflow.SPAN),
              new Help.Column(width - longest - 4, 0, Help.Column.Overflow.WRAP));
      for (String name : names) {
        var usage = help.subcommands().get(name).commandSpec().usageMessage();
        table.addRowValues(name, brief(String.join(" ", usage.description())));
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
