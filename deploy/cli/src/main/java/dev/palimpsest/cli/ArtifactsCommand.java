package dev.palimpsest.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What runs made: lists it, fetches it. */
@Command(
    name = "artifacts",
    description = "Lists and fetches what runs made.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  palimpsest artifacts ls RUN",
      "  palimpsest artifacts get RUN/summarise/table -o table.json"
    })
final class ArtifactsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine line(Session session) {
    return new CommandLine(new ArtifactsCommand())
        .addSubcommand(new ArtifactsList(session))
        .addSubcommand(new ArtifactsGet(session));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name what to do: ls or get.");
  }
}
