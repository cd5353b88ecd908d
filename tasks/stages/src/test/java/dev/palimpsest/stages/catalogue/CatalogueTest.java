package dev.palimpsest.stages.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Lane;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/** The catalogue that the build made of the project's own stages and methods. */
final class CatalogueTest {
  private static final String SAM = "dev.palimpsest.engine.Sam";
  private static final String SAM_TUNING = "dev.palimpsest.methods.defences.SamFineTuning";
  private static final String BADNETS = "dev.palimpsest.methods.attacks.BadNets";
  private static final String RESNET = "dev.palimpsest.methods.networks.ResNetSmall";

  private static final List<ReachableCode.Library> LIBRARIES =
      List.of(
          new ReachableCode.Library("djl", "1", "ai.djl."),
          new ReachableCode.Library("ejml", "1", "org.ejml."),
          new ReachableCode.Library("jackson", "1", "com.fasterxml.jackson."),
          new ReachableCode.Library("jcs", "1", "org.erdtman.jcs."));

  private final Catalogue catalogue = Catalogue.load();

  @Test
  void itHoldsEveryStageWithItsLaneAndEveryMethodWithItsCitation() {
    assertThat(catalogue.stages())
        .extracting(Catalogue.StageEntry::name)
        .contains(
            "begin-stream",
            "compare-learners",
            "consolidate",
            "continual",
            "craft-trigger",
            "defend",
            "evaluate",
            "evaluate-tasks",
            "poison",
            "prepare-data",
            "split-tasks",
            "summarise",
            "summarise-stream",
            "train",
            "train-trigger");
    assertThat(catalogue.stage("train").lane()).isEqualTo(Lane.GPU);
    assertThat(catalogue.methods())
        .allSatisfy(method -> assertThat(method.citation().bibtex()).startsWith("@"));
  }

  @Test
  void aStageReachesItsOwnCodeAndThatOfTheMethodsItChooses() {
    assertThat(code("prepare-data", "{}").classes()).doesNotContainKeys(SAM, BADNETS, RESNET);
    assertThat(code("train", "{'training': {'epochs': 1, 'lr': 1}}").classes())
        .containsKeys(SAM, RESNET)
        .doesNotContainKeys(SAM_TUNING, BADNETS);
    assertThat(code("defend", "{'defence': 'ft-sam'}").classes()).containsKeys(SAM, SAM_TUNING);
    assertThat(code("defend", "{'defence': 'ft'}").classes())
        .containsKey("dev.palimpsest.engine.Training")
        .doesNotContainKeys(SAM, SAM_TUNING);
    assertThat(code("poison", "{'attack': {'method': 'badnets', 'size': 2}}").classes())
        .containsKey(BADNETS);
    assertThat(code("summarise", "{'title': '', 'rows': [], 'columns': []}").libraries())
        .containsOnlyKeys("jackson", "java-json-canonicalization");
    assertThat(code("summarise-stream", "{'title': ''}").libraries())
        .containsOnlyKeys("jackson", "java-json-canonicalization");
  }

  @Test
  void aMethodThatAnInputNamesIsCodeOfTheStage() {
    ObjectNode none = Json.object();
    assertThat(catalogue.code("evaluate", none).classes()).doesNotContainKeys(RESNET, BADNETS);
    assertThat(
            catalogue
                .code(
                    "evaluate",
                    none,
                    List.of(chosen(Kind.NETWORK, "resnet-small"), chosen(Kind.ATTACK, "badnets")))
                .classes())
        .containsKeys(RESNET, BADNETS);
    assertThatThrownBy(
            () -> catalogue.code("evaluate", none, List.of(chosen(Kind.ATTACK, "badnet"))))
        .isInstanceOf(Mistake.class)
        .hasMessage("unknown attack 'badnet'; did you mean 'badnets'?");
  }

  @Test
  void whatWritesArtifactsIsCodeOfEveryStage() {
    for (Catalogue.StageEntry stage : catalogue.stages()) {
      assertThat(catalogue.code().of(Set.of(CodeIndex.stage(stage.name()))).classes())
          .containsKeys(
              "dev.palimpsest.tasks.Formats",
              "dev.palimpsest.tensors.Safetensors",
              "dev.palimpsest.base.Json",
              "dev.palimpsest.spec.Parameters");
    }
  }

  @Test
  void anEditedSamIsNewCodeOfThoseWhoUseItAlone() {
    CodeIndex before = CatalogueWriter.catalogue(edited("nothing"), LIBRARIES).code();
    CodeIndex after = CatalogueWriter.catalogue(edited(SAM), LIBRARIES).code();
    assertThat(before.reached().keySet())
        .filteredOn(each -> !after.of(Set.of(each)).equals(before.of(Set.of(each))))
        .containsExactlyInAnyOrder(
            "stage train", "stage train-trigger", "stage continual", "defence ft-sam");
  }

  /** The project's classes, one of which has got another member. */
  private static ClassLoader edited(String name) {
    return new ClassLoader(CatalogueTest.class.getClassLoader()) {
      @Override
      public @Nullable InputStream getResourceAsStream(String path) {
        InputStream original = super.getResourceAsStream(path);
        if (original == null || !path.equals(name.replace('.', '/') + ".class")) {
          return original;
        }
        try (original) {
          var writer = new ClassWriter(0);
          new ClassReader(original).accept(writer, 0);
          writer.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC, "added", "I", null, null);
          return new ByteArrayInputStream(writer.toByteArray());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  @Test
  void twoBuildsGiveTheSameBytes(@TempDir Path folder) throws Exception {
    String[] arguments =
        Stream.concat(
                Stream.of(folder.toString()),
                LIBRARIES.stream()
                    .map(each -> each.name() + " " + each.version() + " " + each.packages()))
            .toArray(String[]::new);
    Path file = folder.resolve(Catalogue.RESOURCE);
    CatalogueWriter.main(arguments);
    byte[] first = Files.readAllBytes(file);
    CatalogueWriter.main(arguments);
    assertThat(file).hasBinaryContent(first);
    assertThat(Json.read("the catalogue", first, Catalogue.class).code().all().classes())
        .isEqualTo(catalogue.code().all().classes());
  }

  private Code code(String stage, String parameters) {
    return catalogue.code(
        stage,
        new Parameters(catalogue)
            .fill(
                stage,
                catalogue.stage(stage).parameters(),
                Json.parse(
                    "parameters", parameters.replace('\'', '"').getBytes(StandardCharsets.UTF_8))));
  }

  private static Catalogue.Chosen chosen(Kind kind, String name) {
    return new Catalogue.Chosen(kind, new Choice(name, Json.object()));
  }
}
