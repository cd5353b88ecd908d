package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SummariseStreamTest {
  private static final SummariseStream.Parameters PARAMETERS =
      new SummariseStream.Parameters("Split clothes", "");

  private static MemoryContext run(MemoryContext context) {
    new SummariseStream().run(PARAMETERS, context);
    return context;
  }

  private static MemoryContext run() {
    return run(
        Streams.context(7, Streams.three()).with("untrained", Json.tree(Streams.untrained())));
  }

  private static StreamResult result(MemoryContext context) {
    return Json.read("result", context.writtenDocument("result"), StreamResult.class);
  }

  @Test
  void theMeasuresOfBothSettingsAreThoseComputedByHand() {
    StreamResult result = result(run());
    assertThat(result.label()).isEqualTo("er");
    assertThat(result.seed()).isEqualTo(7);
    assertThat(result.tasks()).isEqualTo(3);
    assertThat(result.heads()).isEqualTo("fixed");

    StreamResult.Setting task = result.taskIncremental();
    assertThat(task.matrix())
        .containsExactly(List.of(0.75), List.of(0.875, 0.5), List.of(0.25, 0.625, 1.0));
    assertThat(task.averages()).containsExactly(0.75, 0.6875, 0.625);
    assertThat(task.average()).isEqualTo(0.625);
    assertThat(task.forgetting()).contains(((0.875 - 0.25) + (0.5 - 0.625)) / 2);
    assertThat(task.backwardTransfer()).contains(((0.25 - 0.75) + (0.625 - 0.5)) / 2);
    assertThat(task.forwardTransfer()).contains(((0.625 - 0.5) + (0.5 - 0.75)) / 2);

    StreamResult.Setting all = result.classIncremental();
    assertThat(all.matrix().getLast()).containsExactly(0.0, 0.25, 1.0);
    assertThat(all.forgetting()).contains(((0.75 - 0) + (0.5 - 0.25)) / 2);
    assertThat(all.forwardTransfer()).isEmpty();
  }

  @Test
  void recallIsToldByAgeAndWithoutRectifiersWhereThereAreSome() {
    assertThat(result(run()).recall())
        .containsExactly(
            recall(0, (0.75 + 0.5 + 1) / 3, null, 3),
            recall(1, (0.875 + 0.625) / 2, null, 2),
            recall(2, 0.25, null, 1));

    var context = new MemoryContext(1);
    for (AccuracyRow row : Streams.three()) {
      ObjectNode json = (ObjectNode) Json.tree(row);
      if (row.task() > 1) {
        json.putArray("bare").add(0.125);
        for (int k = 2; k <= row.task(); k++) {
          json.withArray("bare").add(0.5);
        }
      }
      context.with("rows/" + row.task(), json);
    }
    assertThat(result(run(context)).recall())
        .containsExactly(
            recall(0, 0.75, (0.75 + 0.5 + 0.5) / 3, 3),
            recall(1, 0.75, (0.125 + 0.5) / 2, 2),
            recall(2, 0.25, 0.125, 1));
    assertThat(context.writtenFigure("recall")).contains("with rectifiers", "without");
    assertThat(run().writtenFigure("recall")).doesNotContain("rectifiers");
  }

  private static StreamResult.Recall recall(
      int age, double accuracy, @Nullable Double bare, int pairs) {
    return new StreamResult.Recall(age, accuracy, Optional.ofNullable(bare), pairs);
  }

  @Test
  void theTableFitsATerminalAndTellsWhatWasKept() {
    MemoryContext context =
        Streams.context(7, Streams.three())
            .with("untrained", Json.tree(Streams.untrained()))
            .with("metrics/1", lines(100, 200))
            .with("metrics/2", lines(1000, 2000))
            .with("metrics/3", List.<JsonNode>of());
    Table table = Json.read("table", run(context).writtenDocument("table"), Table.class);
    assertThat(TextTable.render(table))
        .isEqualTo(
            """
            Split clothes

            ───────────────────────────────────────────────────────────────────────
                                                                      transfer
                                                                  ─────────────────
            er                  average accuracy %   forgetting   backward  forward
            ───────────────────────────────────────────────────────────────────────
            class-incremental                 41.7         50.0      -50.0
            task-incremental                  62.5         25.0      -18.8     -6.2
            ───────────────────────────────────────────────────────────────────────
            Mean over tasks 1 to 3 of 4 after the last of them, on 9 test images; forgetting
            and transfer in percentage points.
            Kept after the last task, network: 78,042 numbers, 312,168 bytes; buffer: 200
            samples, 158,400 bytes.
            2,200 gradient evaluations (samples times backward passes, replayed ones too) in
            training; consolidation is not counted.
            This is seed 7 alone, and one seed misleads: repeat with others (--set seed=...)
            before you believe a difference.
            """);
  }

  @Test
  void whatIsKeptIsToldTaskByTask() {
    Table table = Json.read("tasks", run().writtenDocument("tasks"), Table.class);
    assertThat(TextTable.render(table))
        .isEqualTo(
            """
            Split clothes, task by task

            ─────────────────────────────────────────────────────────────────────
                              average accuracy         network    kept beside it
                         ───────────────────────────   ───────   ────────────────
            after task   class-incr. %  task-incr. %   numbers   numbers  size kB
            ─────────────────────────────────────────────────────────────────────
                     1            75.0          75.0     78042         0    158.4
                     2            37.5          68.8     78042         0    158.4
                     3            41.7          62.5     78042         0    158.4
            ─────────────────────────────────────────────────────────────────────
            Average accuracy: mean over the tasks learned so far. Numbers: values of
            floating point; the network's are its weights and running statistics.
            """);
  }

  private static List<JsonNode> lines(long... evaluations) {
    var lines = new ArrayList<JsonNode>();
    for (long each : evaluations) {
      lines.add(Json.object().put("gradientEvaluations", each));
    }
    return lines;
  }

  @Test
  void rowsArriveInAnyOrderUnderAnyName() {
    var context = new MemoryContext(7).with("untrained", Json.tree(Streams.untrained()));
    List<String> names = List.of("z", "b", "a");
    for (int i = 0; i < 3; i++) {
      context.with("rows/" + names.get(i), Json.tree(Streams.three().get(i)));
    }
    assertThat(result(run(context))).isEqualTo(result(run()));
  }

  @Test
  void forwardTransferNeedsTheUntrainedNetworkAndHeadsThatAreThereFromTheStart() {
    assertThat(result(run(Streams.context(7, Streams.three()))).taskIncremental().forwardTransfer())
        .isEmpty();
    List<AccuracyRow> growing =
        List.of(Streams.made("er", 1, 1, 2, 0.1), Streams.made("er", 1, 2, 2, 0.1));
    MemoryContext context =
        Streams.context(7, growing).with("untrained", Json.tree(Streams.untrained()));
    assertThat(result(run(context)).taskIncremental().forwardTransfer()).isEmpty();
  }

  @Test
  void aSingleTaskIsAStreamToo() {
    MemoryContext context = run(Streams.context(7, Streams.three().subList(0, 1)));
    assertThat(result(context).taskIncremental().forgetting()).isEmpty();
    assertThat(context.writtenFigure("curves")).doesNotContain("NaN");
    assertThat(TextTable.render(Json.read("table", context.writtenDocument("table"), Table.class)))
        .contains("Mean over task 1 of 4");
  }

  @Test
  void figuresShowEveryTask() {
    MemoryContext context = run();
    assertThat(context.writtenFigure("matrix"))
        .contains("Class-incremental", "Task-incremental", "task 2 after task 3: 62.50 %");
    assertThat(context.writtenFigure("curves"))
        .contains("data-series=\"task 1\"", "data-series=\"task 3\"")
        .contains("data-y=\"75 68.75 62.5\"", "data-y=\"75 87.5 25\"");
    assertThat(context.writtenFigure("recall")).contains("data-x=\"0 1 2\" data-y=\"75 75 25\"");
  }

  @Test
  void whatIsNoStreamIsRefused() {
    refused(new MemoryContext(1), "the rows are of tasks []; expected one of each task from 1 on.");
    refused(
        Streams.context(1, Streams.three().subList(1, 3)),
        "the rows are of tasks [2, 3]; expected one of each task from 1 on.");
    refused(
        Streams.context(1, Streams.three()).with("rows/x", Json.tree(Streams.three().get(1))),
        "the rows are of tasks [1, 2, 2, 3]; expected one of each task from 1 on.");
    refused(
        Streams.context(1, List.of(Streams.three().get(0), Streams.made("ewc", 1, 2, 4, 0.1))),
        "the rows are of learners er, ewc; expected one learner.");
    refused(
        Streams.context(1, Streams.three()).with("untrained", Json.tree(Streams.three().get(2))),
        "the untrained row is of 3 tasks learned and 1 to come; expected 0 learned and 3 or more"
            + " to come.");
    refused(
        new MemoryContext(1).with("rows/1", Json.object().put("task", 1)),
        "input 'rows/1': field 'tasks' is missing.");
  }

  private static void refused(MemoryContext context, String sentence) {
    assertThatThrownBy(() -> run(context)).isInstanceOf(Mistake.class).hasMessage(sentence);
  }
}
