package dev.palimpsest.cli;

import dev.palimpsest.tasks.Catalogue;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the reference page. */
@Command(
    name = "reference",
    description =
        "Prints every stage and method of this build with its parameters, as a page in Markdown.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ReferenceCommand implements Callable<Integer> {
  private final Session session;

  ReferenceCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.out().print(new ReferencePage(Catalogue.load()).markdown());
    return 0;
  }
}
