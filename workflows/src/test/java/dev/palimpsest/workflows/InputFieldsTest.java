package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.spec.Field;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.workflows.InputField.Any;
import dev.palimpsest.workflows.InputField.Feed;
import dev.palimpsest.workflows.InputField.Fields;
import dev.palimpsest.workflows.InputField.OfNumerics;
import dev.palimpsest.workflows.InputField.OfType;
import dev.palimpsest.workflows.InputField.Parameter;
import dev.palimpsest.workflows.InputField.Takes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An input is what it feeds. */
final class InputFieldsTest {
  private static List<InputField> of(String text) {
    return InputFields.of(
        Definition.of("test", text.getBytes(StandardCharsets.UTF_8)), Sample.catalogue());
  }

  private static InputField input(List<InputField> fields, String name) {
    return fields.stream().filter(field -> field.name().equals(name)).findFirst().orElseThrow();
  }

  private static Field parameter(Takes takes) {
    assertThat(takes).isInstanceOf(Parameter.class);
    return ((Parameter) takes).field();
  }

  /** One stage with these inputs, and its call. */
  private static List<InputField> stage(String inputs, String call) {
    return of(
        """
        {"name": "w", "version": 1, "inputParameters": [%s], "tasks": [
          {"name": "train", "taskReferenceName": "t", "description": "Trains", "type": "SIMPLE",
           "inputParameters": %s}]}
        """
            .formatted(inputs, call));
  }

  @Test
  void aParametersTypeHelpAndRangeAreThoseOfTheInput() {
    InputField epochs = input(of(Sample.RIGHT), "epochs");
    Field field = parameter(epochs.takes());
    assertThat(field.type()).isEqualTo("integer");
    assertThat(field.help()).isEqualTo("how many");
    assertThat(field.min()).contains(1.0);
    assertThat(field.max()).contains(100.0);
    assertThat(epochs.feeds()).containsExactly(new Feed("first", "", "train", "epochs"));
  }

  @Test
  void dataSeedAndNumericsAreKnownByTheirPlaces() {
    List<InputField> fields =
        stage(
            "\"d\", \"s\", \"n\"",
            """
            {"inputs": {"data": "${workflow.input.d}"}, "seed": "${workflow.input.s}",
             "numerics": "${workflow.input.n}"}\
            """);
    assertThat(input(fields, "d").takes()).isEqualTo(new OfType(ArtifactType.DATASET));
    assertThat(input(fields, "d").artifacts()).isTrue();
    assertThat(parameter(input(fields, "s").takes()).type()).isEqualTo("integer");
    assertThat(input(fields, "n").takes()).isEqualTo(new OfNumerics());
  }

  @Test
  void fieldsOfAnInputAndParametersOfAMethodAreFollowed() {
    List<InputField> fields =
        stage(
            "\"all\"",
            """
            {"parameters": {"epochs": "${workflow.input.all.epochs}",
              "attack": {"method": "badnets", "size": "${workflow.input.all.patch}"}}}\
            """);
    assertThat(input(fields, "all").takes()).isInstanceOf(Fields.class);
    List<InputField> within = ((Fields) input(fields, "all").takes()).fields();
    assertThat(within).extracting(InputField::name).containsExactly("epochs", "patch");
    assertThat(input(within, "patch").feeds())
        .containsExactly(new Feed("t", "Trains", "train", "attack.size"));
  }

  @Test
  void allParametersOfAStageAreAGroup() {
    List<InputField> fields = stage("\"p\"", "{\"parameters\": \"${workflow.input.p}\"}");
    Field group = parameter(input(fields, "p").takes());
    assertThat(group.type()).isEqualTo("group");
    assertThat(group.fields()).extracting(Field::name).containsExactly("epochs", "attack");
  }

  @Test
  void whatFeedsTwoTakesWhatBothTake() {
    List<InputField> fields =
        of(
            """
            {"name": "w", "version": 1, "inputParameters": ["n", "odd", "nothing"], "tasks": [
              {"name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE",
               "loopCondition": "$.loop['iteration'] < $.n",
               "inputParameters": {"n": "${workflow.input.n}"}, "loopOver": [
                {"name": "train", "taskReferenceName": "t", "type": "SIMPLE", "inputParameters": {
                  "parameters": {"epochs": "${workflow.input.n}", "attack": "${workflow.input.odd}"},
                  "inputs": {"data": "${workflow.input.odd}"}}}]}]}
            """);
    assertThat(parameter(input(fields, "n").takes()).max()).contains(100.0);
    assertThat(input(fields, "odd").takes()).isEqualTo(new Any());
    assertThat(input(fields, "nothing").takes()).isEqualTo(new Any());
  }

  @Test
  void sweepsAndSubWorkflowsHandOnWhatTheirInputsAre() {
    List<InputField> fields =
        of(
            """
            {"name": "w", "version": 1, "inputParameters": ["epochs", "seeds", "data", "again"],
             "subWorkflows": {"study": %s},
             "tasks": [
              {"name": "grid", "taskReferenceName": "g", "description": "A repeat for each seed",
               "type": "JSON_JQ_TRANSFORM",
               "inputParameters": {"of": {"seed": "${workflow.input.seeds}"}}},
              {"name": "sweep-workflow", "taskReferenceName": "s", "type": "JSON_JQ_TRANSFORM",
               "inputParameters": {"workflow": "study", "as": "cell",
                 "common": {"epochs": "${workflow.input.epochs}", "data": "${workflow.input.data}"},
                 "over": "${g.output.result}"}},
              {"name": "call", "taskReferenceName": "c", "type": "SUB_WORKFLOW",
               "subWorkflowParam": {"name": "study"},
               "inputParameters": {"epochs": "${workflow.input.again}"}}]}
            """
                .formatted(Sample.RIGHT));
    assertThat(parameter(input(fields, "epochs").takes()).max()).contains(100.0);
    assertThat(parameter(input(fields, "again").takes()).max()).contains(100.0);
    assertThat(input(fields, "data").takes()).isEqualTo(new OfType(ArtifactType.DATASET));
    Field seeds = parameter(input(fields, "seeds").takes());
    assertThat(seeds.type()).isEqualTo("list");
    assertThat(seeds.help()).isEqualTo("A repeat for each seed");
  }
}
