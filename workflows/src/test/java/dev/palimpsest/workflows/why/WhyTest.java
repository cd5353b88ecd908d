package dev.palimpsest.workflows.why;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.workflows.why.Difference.Part;
import dev.palimpsest.workflows.why.Reason.Cause;
import dev.palimpsest.workflows.why.Reason.Earlier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A workflow of two tasks, prepare and then train, run again and again with something changed. */
final class WhyTest {
  @TempDir Path folder;
  private Past past;

  @BeforeEach
  void aRunPreparedDataAndTrained() {
    past = new Past(folder);
    past.run("run-1");
    past.computed("prepare", past.prepare(), "parts of 1");
    past.computed("train", past.train("parts of 1"), "weights 1");
  }

  @Test
  void theFirstRunHasNothingEarlier() {
    assertThat(past.why("run-1").all())
        .extracting(Reason::cause)
        .containsExactly(Cause.FIRST, Cause.FIRST);
  }

  @Test
  void aHitNamesTheRunThatComputedIt() {
    past.run("run-2");
    past.cached("prepare", past.prepare(), "parts of 1");
    past.run("run-3");
    past.cached("prepare", past.prepare(), "parts of 1");
    Reason reason = past.why("run-3").task("prepare");
    assertThat(reason.cause()).isEqualTo(Cause.CACHED);
    assertThat(reason.earlier()).contains(new Earlier("run-1", "prepare"));
    assertThat(past.why("run-3").task("train").cause()).isEqualTo(Cause.UNANSWERED);
    assertThat(past.why("run-1").task("prepare").cause()).isEqualTo(Cause.FIRST);
  }

  @Test
  void aHitWithinTheRunNamesItsTaskAndARetryItself() {
    past.cached("twin", past.train("parts of 1"), "weights 1");
    assertThat(past.why("run-1").task("twin").earlier()).contains(new Earlier("run-1", "train"));
    past.run("run-2");
    past.seed = 2;
    past.attempts = 2;
    past.cached("train", past.train("parts of 1"), "weights 2");
    assertThat(past.why("run-2").task("train").earlier()).contains(new Earlier("run-2", "train"));
  }

  @Test
  void aKeyThatWasKnownAndIsComputedAgainWasLost() {
    past.run("run-2");
    past.computed("train", past.train("parts of 1"), "weights 1");
    assertThat(past.why("run-2").task("train").cause()).isEqualTo(Cause.LOST);
    past.run("run-3");
    past.seconds = 1000;
    past.computed("train", past.train("parts of 1"), "weights 1");
    assertThat(past.why("run-3").task("train").cause()).isEqualTo(Cause.BESIDE);
  }

  @Test
  void aChangedParameterIsNamedByItsPathWithBothValues() {
    past.run("run-2");
    past.parameter("training", Json.object().put("lr", 0.1).put("epochs", 3));
    past.computed("train", past.train("parts of 1"), "weights 2");
    assertThat(changed("run-2", "train"))
        .containsExactly(difference(Part.PARAMETER, "training.lr", "0.05", "0.1"));
  }

  @Test
  void anotherMethodIsOneDifferenceWhateverItsParametersAre() {
    past.parameter("defence", Json.object().put("method", "ft").put("lr", 0.01));
    past.run("run-2");
    past.computed("train", past.train("parts of 1"), "weights 2");
    past.run("run-3");
    past.parameter("defence", Json.object().put("method", "ft-sam").put("rho", 2));
    past.computed("train", past.train("parts of 1"), "weights 3");
    assertThat(changed("run-3", "train"))
        .containsExactly(difference(Part.PARAMETER, "defence", "\"ft\"", "\"ft-sam\""));
  }

  @Test
  void seedNumericsAndVerificationAreNamed() {
    past.run("run-2");
    past.seed = 2;
    past.threads = 4;
    past.again = Optional.of("run-1/0");
    past.computed("train", past.train("parts of 1"), "weights 2");
    assertThat(changed("run-2", "train"))
        .containsExactly(
            new Difference(Part.AGAIN, "", Optional.empty(), Optional.of("run-1/0")),
            difference(Part.SEED, "", "1", "2"),
            difference(Part.NUMERICS, "threads", "1", "4"));
  }

  @Test
  void changedCodeIsNamedByClassAndLibrary() {
    past.run("run-2");
    past.code(Map.of("Train", "edited", "New", "1"), Map.of("djl", "0.36.0"));
    past.computed("train", past.train("parts of 1"), "weights 2");
    assertThat(changed("run-2", "train"))
        .containsExactly(
            new Difference(Part.CLASS, "New", Optional.empty(), Optional.of(Digest.of("1").hex())),
            new Difference(Part.CLASS, "Sam", Optional.of(Digest.of("1").hex()), Optional.empty()),
            difference(Part.CLASS, "Train", Digest.of("1").hex(), Digest.of("edited").hex()),
            difference(Part.LIBRARY, "djl", "0.35.1", "0.36.0"));
  }

  @Test
  void codeWhoseManifestIsGoneIsOneDifference() {
    Digest before = past.code.digest();
    past.store.delete("code/" + before.hex());
    past.run("run-2");
    past.code(Map.of("Train", "edited"), Map.of());
    past.computed("train", past.train("parts of 1"), "weights 2");
    assertThat(changed("run-2", "train"))
        .containsExactly(difference(Part.CODE, "", before.hex(), past.code.digest().hex()));
  }

  @Test
  void anInputThatATaskMadeIsFollowedToTheRoot() {
    past.run("run-2");
    past.share = 0.5;
    past.computed("prepare", past.prepare(), "parts of 2");
    past.computed("train", past.train("parts of 2"), "weights 2");
    Difference input = changed("run-2", "train").getFirst();
    assertThat(input.part()).isEqualTo(Part.INPUT);
    assertThat(input.name()).isEqualTo("data");
    assertThat(input.before()).contains(Digest.of("parts of 1").hex());
    assertThat(input.now()).contains(Digest.of("parts of 2").hex());
    Reason because = input.because().orElseThrow();
    assertThat(because.task()).isEqualTo("prepare");
    assertThat(because.earlier()).contains(new Earlier("run-1", "prepare"));
    assertThat(because.differences())
        .containsExactly(difference(Part.PARAMETER, "mixed", "0.85", "0.5"));
  }

  @Test
  void anInputThatTheRunWasGivenHasNoTaskBehindIt() {
    past.run("run-2");
    past.computed("train", past.train("imported"), "weights 2");
    assertThat(changed("run-2", "train"))
        .containsExactly(
            difference(
                Part.INPUT, "data", Digest.of("parts of 1").hex(), Digest.of("imported").hex()));
  }

  @Test
  void theSameKeyWithOtherOutputsIsAStageThatIsNotDeterministic() {
    past.run("run-2");
    past.generation = 1;
    past.computed("prepare", past.prepare(), "parts of 1 by chance");
    past.generation = 0;
    past.computed("train", past.train("parts of 1 by chance"), "weights 2");
    Reason lost = past.why("run-2").task("prepare");
    assertThat(lost.cause()).isEqualTo(Cause.LOST);
    assertThat(lost.differences()).extracting(Difference::part).containsExactly(Part.OUTPUT);
    Reason because = changed("run-2", "train").getFirst().because().orElseThrow();
    assertThat(because.cause()).isEqualTo(Cause.UNSTABLE);
  }

  @Test
  void theNearestEarlierKeyIsTheOneWithFewestDifferences() {
    past.run("run-2");
    past.seed = 2;
    past.parameter("training", Json.object().put("lr", 1).put("epochs", 9));
    past.computed("train", past.train("parts of 1"), "weights 2");
    past.run("run-3");
    past.seed = 1;
    past.parameter("training", Json.object().put("lr", 0.05).put("epochs", 9));
    past.computed("train", past.train("parts of 1"), "weights 3");
    Reason reason = past.why("run-3").task("train");
    assertThat(reason.earlier()).contains(new Earlier("run-1", "train"));
    assertThat(reason.differences())
        .containsExactly(difference(Part.PARAMETER, "training.epochs", "3", "9"));
  }

  @Test
  void whatWasComputedLaterIsNotEarlier() {
    past.run("run-2");
    past.seed = 2;
    past.computed("train", past.train("parts of 1"), "weights 2");
    assertThat(past.why("run-1").task("train").cause()).isEqualTo(Cause.FIRST);
  }

  @Test
  void anotherTaskOfTheSameStageIsComparedWhereTheTaskIsNew() {
    past.run("run-2");
    past.seed = 2;
    past.computed("joint", past.train("parts of 1"), "weights 2");
    Reason reason = past.why("run-2").task("joint");
    assertThat(reason.earlier()).contains(new Earlier("run-1", "train"));
    assertThat(reason.differences()).containsExactly(difference(Part.SEED, "", "1", "2"));
  }

  @Test
  void aRecordThatIsGoneCannotBeCompared() {
    past.run("run-2");
    past.seed = 2;
    past.computed("train", past.train("parts of 1"), "weights 2");
    past.store.list("stages/").forEach(seen -> past.store.delete(seen.key()));
    assertThat(past.why("run-2").task("train").cause()).isEqualTo(Cause.FORGOTTEN);
  }

  @Test
  void anUnknownTaskIsRefusedWithTheOneThatWasMeant() {
    assertThatThrownBy(() -> past.why("run-1").task("trian"))
        .isInstanceOf(Mistake.class)
        .hasMessage("unknown task 'trian'; did you mean 'train'?");
  }

  private List<Difference> changed(String run, String task) {
    Reason reason = past.why(run).task(task);
    assertThat(reason.cause()).isEqualTo(Cause.CHANGED);
    assertThat(reason.earlier()).isPresent();
    return reason.differences();
  }

  private static Difference difference(Part part, String name, String before, String now) {
    return new Difference(part, name, Optional.of(before), Optional.of(now));
  }
}
