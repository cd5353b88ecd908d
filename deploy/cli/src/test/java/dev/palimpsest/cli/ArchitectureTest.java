package dev.palimpsest.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/** The arrows of ARCHITECTURE.md, on the classes as they are. */
@AnalyzeClasses(packages = "dev.palimpsest", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String ROOT = "dev.palimpsest.";

  @ArchTest
  static final ArchRule theGroundStandsOnNothing =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + "base..", ROOT + "tensors..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "storage..",
              ROOT + "spec..",
              ROOT + "engine..",
              ROOT + "methods..",
              ROOT + "report..",
              ROOT + "tasks..",
              ROOT + "stages..",
              ROOT + "worker..",
              ROOT + "workflows..",
              ROOT + "console..",
              ROOT + "local..",
              ROOT + "cli..");

  @ArchTest
  static final ArchRule modelsKnowNeitherStorageNorServersNorEnvironmentNorClock =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "spec..", ROOT + "engine..", ROOT + "methods..", ROOT + "report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "storage..",
              ROOT + "tasks..",
              ROOT + "workflows..",
              "com.netflix..",
              "io.minio..",
              "java.net..",
              "java.time..")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");

  @ArchTest
  static final ArchRule storageAndSpecDoNotKnowEachOther =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "storage..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + "spec..", ROOT + "tasks..", ROOT + "workflows..");

  @ArchTest
  static final ArchRule theReportAndTheStageContractKnowNoEngine =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT + "engine..", ROOT + "methods..", ROOT + "stages..", ROOT + "worker..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", ROOT + "engine..");

  /** DJL frees such a number before a backward pass reads it; {@code Ops.scaled} does not. */
  @ArchTest
  static final ArchRule whatMayBeDifferentiatedIsNotMultipliedByAPlainNumber =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "methods..")
          .should()
          .callMethod(NDArray.class, "mul", Number.class)
          .orShould()
          .callMethod(NDArray.class, "div", Number.class)
          .orShould()
          .callMethod(NDArray.class, "pow", Number.class)
          .because(
              "DJL frees the number before a backward pass reads it; use Ops.scaled, or muli where"
                  + " nothing is differentiated");

  /** A fixed seed of one's own passes every test of sameness. */
  @ArchTest
  static final ArchRule randomNumbersComeFromTheRandomnessThatIsPassedIn =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "spec..", ROOT + "engine..", ROOT + "methods..", ROOT + "stages..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(StrictMath.class, "random")
          .orShould()
          .callMethod(Collections.class, "shuffle", List.class)
          .orShould()
          .callMethodWhere(
              target(nameStartingWith("random")).and(target(owner(assignableTo(NDManager.class)))))
          .because("a study repeats from its seed: draw from Randomness or RandomStream");

  @ArchTest
  static final ArchRule onlyTheEngineTouchesTorchsInternals =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "engine..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.pytorch..");

  @ArchTest
  static final ArchRule stagesSeeArraysOnlyThroughEngineAndMethods =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + "stages..", ROOT + "worker..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule conductorsClassesAppearInTwoPackages =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "worker", ROOT + "workflows.client")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.netflix..");

  @ArchTest
  static final ArchRule minioAppearsInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "storage")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.minio..");

  @ArchTest
  static final ArchRule theEmbeddedStoreStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "storage.server")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.gaul..");

  /** So that it runs without native libraries, beside any servers. */
  @ArchTest
  static final ArchRule theConsoleKnowsNoEngineAndNoLocalServers =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "console..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "engine..",
              ROOT + "methods..",
              ROOT + "stages..",
              ROOT + "worker..",
              ROOT + "storage.server..",
              ROOT + "local..",
              ROOT + "cli..");

  @ArchTest
  static final ArchRule webServersAndLayoutsStayInTheConsole =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "console..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "gg.jte..", "org.eclipse.elk..");

  @ArchTest
  static final ArchRule stagesOpenNoFilesAndReadNoClock =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "stages")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.io..", "java.net..", "java.time..");

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching(ROOT + "(*)..").should().beFreeOfCycles();
}
