package dev.palimpsest.console.studies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Definitions;
import dev.palimpsest.workflows.RunInputs;
import dev.palimpsest.workflows.Study;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a study to its run, as a browser without scripts does it. */
final class StudiesTest {
  private static final String QUICKSTART = "/studies/example/sbl-quickstart";

  @TempDir Path folder;
  private final Shelf shelf = new Shelf();
  private Served served;

  @BeforeEach
  void open() {
    served = Served.in(folder, shelf);
    served.conductorAnswers.put("PUT /api/metadata/workflow", "{}");
    served.conductorAnswers.put("POST /api/workflow", "run-1");
    new Imports(served.store)
        .keep(new Imports.Import("fashion", Shelf.parts(), "2026-01-01T00:00:00Z"), false);
  }

  @AfterEach
  void close() {
    served.close();
  }

  private String page(String path) {
    HttpResponse<String> answer = served.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private JsonNode inputs() {
    return served.services.journal().run("run-1").orElseThrow().inputs();
  }

  private long starts() {
    return served.conductorAsked.stream().filter("POST /api/workflow"::equals).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbl", "sbl-arm", "sbl-compare", "continual", "continual-compare", "ilr"})
  void aDefinitionsFormUnchangedGivesExactlyItsInputs(String name) {
    String path = "/studies/shipped/" + name;
    Map<String, String> form = Fields.of(page(path));
    form.put("in.data", "import:fashion");
    HttpResponse<String> answer = served.post(path + "/run", form);
    assertThat(answer.headers().firstValue("Location")).as(answer.body()).hasValue("/runs/run-1");
    ObjectNode expected =
        RunInputs.of(
            Json.object(),
            Definition.find(name, Path.of("")),
            (ObjectNode) Json.tree(Shelf.parts()),
            List.of());
    assertThat(Json.canonical(inputs())).isEqualTo(Json.canonical(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sbl-quickstart", "continual-fashion"})
  void aStudysFormUnchangedGivesExactlyItsInputs(String name) {
    String path = "/studies/example/" + name;
    HttpResponse<String> answer = served.post(path + "/run", Fields.of(page(path)));
    assertThat(answer.headers().firstValue("Location")).as(answer.body()).hasValue("/runs/run-1");
    Study study = Study.read(Shelf.FOLDER.resolve(name));
    ObjectNode expected =
        RunInputs.of(
            study.content().inputs(),
            study.definition(),
            (ObjectNode) Json.tree(Shelf.parts()),
            List.of());
    assertThat(Json.canonical(inputs())).isEqualTo(Json.canonical(expected));
    assertThat(shelf.stored).containsExactly(name);
    RunJournal.Run run = served.services.journal().run("run-1").orElseThrow();
    assertThat(run.title()).contains(name);
    assertThat(run.code()).containsEntry("version", "test");
  }

  @Test
  void everyParameterOfEveryMethodStandsInTheFormWithItsDefault() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    assertThat(form)
        .containsEntry("in.seed", "1")
        .containsEntry("in.poisoning.rate", "0.1")
        .containsEntry("in.learner", "ewc")
        .containsEntry("in.learner:ewc.lambda", "100")
        .containsEntry("in.task2.weightDecay", "0")
        .containsEntry("in.task2.momentum", "0.9")
        .containsEntry("in.attack:badnets.corner", "lower-right")
        .containsEntry("in.defences.ftSam:ft-sam.adaptive", "false")
        .containsEntry("in.augmentation.flip", "true")
        .containsEntry("in.network:resnet-small.mean", "[]");
    assertThat(Fields.field(page(QUICKSTART), "in.poisoning.rate"))
        .contains("0 to 1, default 0.1", "share of the mixed part");
  }

  @Test
  void whatAnotherMethodTakesAppearsWithItAndWhatWasEnteredStays() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    form.put("in.seed", "5");
    form.put("in.learner:ewc.lambda", "77");
    form.put("in.learner", "rfe");
    HttpResponse<String> answer = served.post(QUICKSTART, form);
    Map<String, String> drawn = Fields.of(answer.body());
    assertThat(drawn)
        .containsEntry("in.seed", "5")
        .containsEntry("in.learner", "rfe")
        .containsEntry("in.learner:rfe.lambda", "1")
        .containsEntry("in.learner:rfe.modules.rectifier", "gated")
        .containsEntry("in.learner:rfe.modules.rectifier:gated.dProject", "128");
    drawn.put("in.learner:rfe.modules.dAux", "64");
    served.post(QUICKSTART + "/run", drawn);
    assertThat(inputs().path("learner"))
        .isEqualTo(
            Json.parse(
                "expected",
                "{\"method\":\"rfe\",\"modules\":{\"dAux\":64}}"
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThat(inputs().path("seed").intValue()).isEqualTo(5);
    drawn.put("in.learner", "ewc");
    assertThat(Fields.of(served.post(QUICKSTART, drawn).body()))
        .containsEntry("in.learner:ewc.lambda", "77");
  }

  @Test
  void aMethodWithoutChangesIsItsNameAlone() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    form.put("in.learner", "er");
    served.post(QUICKSTART + "/run", form);
    assertThat(inputs().path("learner")).isEqualTo(TextNode.valueOf("er"));
  }

  @Test
  void whatIsWrongIsToldAtItsFieldAndNothingIsLost() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    form.put("in.defences.ft:ft.lr", "abc");
    form.put("in.poisoning.rate", "1.5");
    form.put("in.task2.epochs", "7");
    HttpResponse<String> answer = served.post(QUICKSTART + "/run", form);
    assertThat(answer.statusCode()).isEqualTo(400);
    String page = Fields.plain(answer.body());
    assertThat(Fields.field(page, "in.defences.ft:ft.lr"))
        .contains("parameter 'lr' is \"abc\"; expected a number of at least 0.");
    assertThat(Fields.field(page, "in.poisoning.rate"))
        .contains("parameter 'rate' is 1.5; expected a number from 0 to 1.");
    assertThat(Fields.field(page, "in.task2.lr")).doesNotContain("class=\"error\"");
    assertThat(page).contains("2 things are to be put right.");
    assertThat(Fields.of(answer.body()))
        .containsEntry("in.defences.ft:ft.lr", "abc")
        .containsEntry("in.poisoning.rate", "1.5")
        .containsEntry("in.task2.epochs", "7");
    assertThat(starts()).isZero();
  }

  @Test
  void brokenJsonIsToldWithItsLine() {
    String path = "/studies/example/continual-fashion";
    Map<String, String> form = Fields.of(page(path));
    form.put("in.learners", "[{\"label\": \"x\",\r\n \"learner\": }]");
    String page = Fields.plain(served.post(path, form).body());
    assertThat(Fields.field(page, "in.learners"))
        .contains("'learners' is no JSON in line 2: '}' cannot stand here; expected");
    assertThat(Fields.of(page).get("in.learners")).contains("\"learner\": }]");
  }

  @Test
  void whatIsWrongWithinAListIsToldAtTheList() {
    String path = "/studies/example/continual-fashion";
    Map<String, String> form = Fields.of(page(path));
    form.put("in.learners", "[{\"label\": \"x\", \"learner\": \"ewcc\"}]");
    String page = Fields.plain(served.post(path, form).body());
    assertThat(Fields.field(page, "in.learners"))
        .contains("unknown learner 'ewcc'; did you mean 'ewc'?");
  }

  @Test
  void dataThatAreNotThereAreToldAtTheirField() {
    String page = Fields.plain(page("/studies/example/continual-cifar10"));
    assertThat(Fields.field(page, "in.data")).contains("unknown import 'cifar10-10k'");
    assertThat(Fields.options(page, "in.data"))
        .contains("import:fashion", "example:sbl-quickstart", "import:cifar10-10k");
    assertThat(Fields.plain(page("/studies/shipped/sbl")))
        .contains("needs the input 'data'; it was not given and has no default.");
  }

  @Test
  void oneFormStartsOneRunHoweverOftenItIsSent() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    served.post(QUICKSTART + "/run", form);
    HttpResponse<String> again = served.post(QUICKSTART + "/run", form);
    assertThat(again.headers().firstValue("Location")).hasValue("/runs/run-1");
    assertThat(starts()).isEqualTo(1);
    form.put("in.seed", "2");
    served.post(QUICKSTART + "/run", form);
    assertThat(starts()).isEqualTo(2);
  }

  @Test
  void aStartThatFailedMayBeRepeated() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    served.conductorAnswers.remove("POST /api/workflow");
    assertThat(served.post(QUICKSTART + "/run", form).statusCode()).isGreaterThanOrEqualTo(400);
    served.conductorAnswers.put("POST /api/workflow", "run-1");
    assertThat(served.post(QUICKSTART + "/run", form).statusCode()).isEqualTo(303);
  }

  @Test
  void aChangedValueIsMarkedAndGoesBackAlone() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    form.put("in.task2.epochs", "7");
    form.put("in.learner:ewc.lambda", "3");
    String page = served.post(QUICKSTART, form).body();
    assertThat(Fields.field(page, "in.task2.epochs")).contains("changed", "instead of 30");
    assertThat(page).contains("2 values differ from the study.");
    form.put("reset", "in.task2.epochs");
    assertThat(Fields.of(served.post(QUICKSTART, form).body()))
        .containsEntry("in.task2.epochs", "30")
        .containsEntry("in.learner:ewc.lambda", "3");
  }

  @Test
  void settingsOfTheAddressAreEnteredSoThatAColleagueSeesThem() {
    assertThat(Fields.of(page(QUICKSTART + "?set=seed=9&set=defences.ft.lr=0.02")))
        .containsEntry("in.seed", "9")
        .containsEntry("in.defences.ft:ft.lr", "0.02")
        .containsEntry("in.defences.ft:ft.batch", "32");
    HttpResponse<String> wrong = served.get(QUICKSTART + "?set=parts.mixd=0.9");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(Fields.plain(wrong.body())).contains("The study has no input 'parts.mixd'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          in.split.order     | x  | parameter 'order' is "x"; expected one of natural, drawn.
          in.learn           | 0  | runs 0 times; expected an integer from 1 to 1000.
          in.training.lr     | -1 | parameter 'lr' is -1; expected a number from 0 to 100.
          in.seeds           | [] | expected an object of lists, none of them empty.
          in.network         | x  | unknown network 'x'
          """)
  void whatASweepHandsOnIsToldAtTheInputThatItComesFrom(String field, String text, String told) {
    String path = "/studies/example/continual-fashion";
    Map<String, String> form = Fields.of(page(path));
    form.put(field, text);
    String page = Fields.plain(served.post(path, form).body());
    assertThat(Fields.field(page, field)).contains(told);
    assertThat(page).contains("One thing is to be put right.");
  }

  @Test
  void thePlanTellsWhatRunsAndWhoWouldWait() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    String plan = served.post(QUICKSTART, form).body();
    assertThat(plan)
        .contains("Of 17 stages, 1 will run, and 16 follow from that.")
        .contains("Nothing like them ran before")
        .contains("No worker serves cpu and gpu: the run will wait until one does.")
        .contains("known after prepare");
    var worker =
        new Workers.Announcement(
            "w",
            "1",
            java.util.Optional.empty(),
            Digest.of("catalogue"),
            List.of(Lane.CPU, Lane.GPU),
            Numerics.PINNED_CPU,
            "here",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z");
    new Workers(served.store, served.services.clock()).announce(worker);
    assertThat(served.post(QUICKSTART, form).body())
        .contains("1 worker serves cpu and gpu.")
        .doesNotContain("will wait");
    form.put(
        "in.numerics",
        "{\"device\":\"cpu\",\"threads\":4,\"instructions\":\"avx2\",\"engine\":\"pytorch-2.7.1\"}");
    assertThat(served.post(QUICKSTART, form).body())
        .contains("No worker computes with cpu, 4 threads, avx2, pytorch-2.7.1");
  }

  @Test
  void aRunIsStartedAgainFromItsOwnInputs() {
    Map<String, String> form = Fields.of(page(QUICKSTART));
    form.put("in.seed", "4");
    form.put("in.learner", "er");
    served.post(QUICKSTART + "/run", form);
    JsonNode first = inputs();
    String path = "/studies/run/run-1";
    String page = page(path);
    assertThat(page).contains("As this run has it.").contains("/runs/run-1");
    Map<String, String> again = Fields.of(page);
    assertThat(again).containsEntry("in.seed", "4").containsEntry("in.learner", "er");
    served.conductorAnswers.put("POST /api/workflow", "run-2");
    served.post(path + "/run", again);
    assertThat(served.services.journal().run("run-2").orElseThrow().inputs()).isEqualTo(first);
    again.put("in.seed", "6");
    assertThat(served.post(path, again).body())
        .contains("1 value differs from this run.", "instead of 4");
  }

  @Test
  void anEmptyInstallationOffersTheQuickstartAndOneClickRunsIt() {
    String page = page("/");
    assertThat(page).contains("Run the quickstart", "about two minutes", "No worker serves");
    String once = page.replaceFirst("(?s).*name=\"once\" value=\"([^\"]+)\".*", "$1");
    HttpResponse<String> answer = served.post(QUICKSTART + "/run", Map.of("once", once));
    assertThat(answer.headers().firstValue("Location")).as(answer.body()).hasValue("/runs/run-1");
    assertThat(page("/")).doesNotContain("Run the quickstart").contains("/runs/run-1");
  }

  @Test
  void theListTellsWhatEachAnswersAndHowItWentLast() {
    String before = page("/studies");
    assertThat(before)
        .contains(
            "Does a backdoor that was trained in sequence outlive fine-tuning",
            "Compares continual learners on one stream of tasks",
            "needs the import cifar10-10k",
            "not run yet");
    served.post(QUICKSTART + "/run", Fields.of(page(QUICKSTART)));
    served
        .services
        .journal()
        .write(
            "run-1", new RunJournal.End(RunJournal.Outcome.FAILED, "2100-01-01T00:00:00Z", 3, 1));
    assertThat(page("/studies")).contains("class=\"state failed\" href=\"/runs/run-1\"");
  }

  @Test
  void aDefinitionOfOnesOwnHasAFormAndRunsInItsNewestVersion() {
    String text =
        """
        {"name": "mine", "description": "Cuts data.", "version": 1, "schemaVersion": 2,
         "inputParameters": ["seed", "data", "mixed"], "inputTemplate": {"seed": 1, "mixed": 0.5},
         "tasks": [{"name": "prepare-data", "taskReferenceName": "cut", "type": "SIMPLE",
           "inputParameters": {"parameters": {"mixed": "${workflow.input.mixed}", "clean": 0.2},
             "inputs": {"train": "${workflow.input.data.train}"},
             "seed": "${workflow.input.seed}"}}],
         "outputParameters": {"mixed": "${cut.output.mixed}"}}
        """;
    var definitions = new Definitions(served.store, served.services.catalogue());
    definitions.register(text);
    definitions.register(text.replace("0.5", "0.6"));
    assertThat(page("/studies")).contains("/studies/own/mine", "Cuts data.");
    Map<String, String> form = Fields.of(page("/studies/own/mine"));
    assertThat(form).containsEntry("in.mixed", "0.6");
    assertThat(Fields.field(page("/studies/own/mine"), "in.mixed")).contains("0 to 1");
    form.put("in.data", "import:fashion");
    assertThat(served.post("/studies/own/mine/run", form).headers().firstValue("Location"))
        .hasValue("/runs/run-1");
    assertThat(inputs().path("mixed").doubleValue()).isEqualTo(0.6);
    assertThat(Fields.plain(served.get("/studies/own/mind").body()))
        .contains("did you mean 'mine'");
  }

  @Test
  void whatIsNoStudyIsToldWithTheNameThatWasProbablyMeant() {
    assertThat(served.get("/studies/shipped/sbk").statusCode()).isEqualTo(400);
    assertThat(Fields.plain(served.get("/studies/shipped/sbk").body()))
        .contains("did you mean 'sbl'?");
    assertThat(Fields.plain(served.get("/studies/run/..%2Fx").body())).contains("is not in");
  }
}
