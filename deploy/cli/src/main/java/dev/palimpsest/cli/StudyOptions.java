package dev.palimpsest.cli;

import dev.palimpsest.workflows.Study;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which study, with which changes. */
final class StudyOptions {
  @Parameters(
      paramLabel = "STUDY",
      description = "The study's folder, which holds study.json, or such a file.")
  private Path study = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "Change an input of the workflow, such as seed=7 or defences.ft.lr=0.02; repeatable.")
  private List<String> settings = new ArrayList<>();

  Study read(Session session) {
    return Study.read(session.folder().resolve(study));
  }

  List<String> settings() {
    return settings;
  }
}
