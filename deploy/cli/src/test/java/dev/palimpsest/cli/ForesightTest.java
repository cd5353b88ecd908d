package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study's data and its parameters do not let a run do is refused before there is one. */
final class ForesightTest {
  private static final Path DATA = Path.of("../../examples/sbl-quickstart/data").toAbsolutePath();

  @TempDir Path folder;
  private Bench bench;

  /** A stream of tasks by itself, and one that another workflow sweeps. */
  @BeforeEach
  void makeStudies() throws IOException {
    bench = new Bench(folder);
    Files.writeString(
        folder.resolve("stream.json"),
        """
        {"name": "stream", "version": 1, "schemaVersion": 2,
         "inputParameters": ["seed", "data", "split", "learn", "learner", "heads"],
         "inputTemplate": {"seed": 1, "split": {}, "learn": 5, "learner": "naive",
           "heads": "fixed"},
         "tasks": [
          {"name": "split-tasks", "taskReferenceName": "split", "type": "SIMPLE",
           "inputParameters": {"parameters": "${workflow.input.split}",
             "inputs": {"train": "${workflow.input.data.train}",
               "test": "${workflow.input.data.test}"},
             "seed": "${workflow.input.seed}"}},
          {"name": "begin-stream", "taskReferenceName": "begin", "type": "SIMPLE",
           "inputParameters": {"parameters": {"heads": "${workflow.input.heads}"},
             "inputs": {"data": "${split.output.train}"}, "seed": "${workflow.input.seed}"}},
          {"name": "remember", "taskReferenceName": "remember", "type": "SET_VARIABLE",
           "inputParameters": {"checkpoint": "${begin.output.checkpoint}"}},
          {"name": "turns", "taskReferenceName": "turns", "type": "DO_WHILE",
           "loopCondition": "$.turns['iteration'] < $.n",
           "inputParameters": {"n": "${workflow.input.learn}"},
           "loopOver": [
            {"name": "continual", "taskReferenceName": "learn", "type": "SIMPLE",
             "inputParameters": {
               "parameters": {"learner": "${workflow.input.learner}",
                 "heads": "${workflow.input.heads}", "task": "${turns.output.iteration}",
                 "training": {"epochs": 1, "lr": 0.1}},
               "inputs": {"checkpoint": "${workflow.variables.checkpoint}",
                 "data": "${split.output.train}"},
               "seed": "${workflow.input.seed}"}},
            {"name": "hand-on", "taskReferenceName": "hand_on", "type": "SET_VARIABLE",
             "inputParameters": {"checkpoint": "${learn.output.checkpoint}"}}]}]}
        """);
    Files.writeString(
        folder.resolve("sweep.json"),
        """
        {"name": "sweep", "version": 1, "schemaVersion": 2,
         "inputParameters": ["data", "split", "learn"],
         "inputTemplate": {"split": {}, "learn": 5},
         "tasks": [
          {"name": "sweep-workflow", "taskReferenceName": "cells", "type": "JSON_JQ_TRANSFORM",
           "inputParameters": {"workflow": "stream", "as": "cell", "over": [{"seed": 1}],
             "common": {"data": "${workflow.input.data}", "split": "${workflow.input.split}",
               "learn": "${workflow.input.learn}"}}},
          {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN_DYNAMIC",
           "dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs",
           "inputParameters": {"tasks": "${cells.output.result.tasks}",
             "inputs": "${cells.output.result.inputs}"}},
          {"name": "join", "taskReferenceName": "join", "type": "JOIN"}]}
        """);
    for (String workflow : List.of("stream", "sweep")) {
      Files.createDirectories(folder.resolve(workflow));
      Files.writeString(
          folder.resolve(workflow).resolve("study.json"),
          """
          {"study": "s", "about": "", "workflow": "../%s.json", "data": "%s", "inputs": {}}
          """
              .formatted(workflow, DATA));
    }
  }

  private int plan(String study, String... settings) {
    var arguments = new ArrayList<>(List.of("plan", study));
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    return bench.run(arguments.toArray(String[]::new));
  }

  @Test
  void whatFitsIsPlanned() {
    assertThat(plan("stream", "split.order=drawn", "learn=5")).as(bench.err()).isZero();
    assertThat(plan("stream", "split.tasks=2", "learn=2")).as(bench.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          split.tasks=3 | task 'split': tasks is 3, which does not divide the 10 classes; expected one of 1, 2, 5, 10, or groups.
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Boot"]] | groups: unknown class 'Boot'
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Bag"]] | groups names class 'Bag' twice
          split.groups=[["Bag"],["Coat"],["Shirt"],["Dress"],["Sandal"]] | groups leaves out 'T-shirt/top'
          learn=6 | task 'learn', iteration 6 as ${workflow.input.learn} says: task 6 does not exist; expected 1 to 5.
          """)
  void whatDoesNotFitTheDataIsRefused(String setting, String sentence) {
    for (String study : List.of("stream", "sweep")) {
      assertThat(plan(study, setting)).as(study).isEqualTo(2);
      assertThat(bench.err()).contains(sentence);
    }
    assertThat(bench.run("run", "stream", "--set", setting)).isEqualTo(2);
    assertThat(bench.err()).contains(sentence);
    assertThat(bench.store.list("")).isEmpty();
  }
}
