package dev.palimpsest.stages.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small programs of a stage and two methods, compiled anew for each edit. */
final class ReachableCodeTest {
  private static final String HOME = "dev.palimpsest.made.";
  private static final String FOLDER = "dev/palimpsest/made/";

  @TempDir Path folder;
  private final Map<String, String> sources = new LinkedHashMap<>();

  @BeforeEach
  void aStageThatFindsItsMethodsAndTwoMethodsOfWhichOneTakesSam() {
    source("Method", "interface Method { int value(); }");
    source("Sam", "class Sam { static int rho() { return 5; } }");
    source("Sgd", "class Sgd { static int rate() { return 1; } }");
    source("Plain", "class Plain implements Method { public int value() { return Sgd.rate(); } }");
    source(
        "Sharp",
        "class Sharp implements Method { public int value() { return Sam.rho() * Sgd.rate(); } }");
    source(
        "Train",
        """
        class Train {
          int run(String name) {
            int sum = 0;
            for (Method method : java.util.ServiceLoader.load(Method.class)) {
              sum += method.value();
            }
            return sum;
          }
        }
        """);
    source("Unused", "class Unused { int value() { return Sam.rho(); } }");
  }

  @Test
  void aStageReachesWhatItsBytecodeNamesAndNotWhatARegistryFinds() throws Exception {
    CodeIndex index = index();
    assertThat(index.reached().get("stage train")).containsExactly(HOME + "Method", HOME + "Train");
    assertThat(index.of(Set.of("stage train", "defence sharp")).classes())
        .containsOnlyKeys(
            HOME + "Method", HOME + "Sam", HOME + "Sgd", HOME + "Sharp", HOME + "Train");
    assertThat(index.all().classes()).doesNotContainKey(HOME + "Unused");
  }

  @Test
  void commentsLinesVariableNamesAndDebugDataChangeNoDigest() throws Exception {
    source("Sum", "class Sum { int of(int a) { int b = a + 1; return b; } }");
    Code before = index("-g", "-parameters").all();
    source(
        "Sum",
        """
        /** Sums. */

        class Sum {
          // one more
          int of(int first) {
            int second = first + 1;
            return second; // done
          }
        }
        """);
    source("Sam", "/** Sharpness. */\n\nclass Sam {\n  static int rho() {\n return 5; }\n}");
    assertThat(index("-g", "-parameters").all()).isEqualTo(before);
    assertThat(index("-g:none").all()).isEqualTo(before);
  }

  @Test
  void anEditedClassChangesTheCodeOfItsUsersAlone() throws Exception {
    CodeIndex before = index();
    source("Sam", "class Sam { static int rho() { return 6; } }");
    CodeIndex after = index();
    assertThat(digest(after, "defence sharp")).isNotEqualTo(digest(before, "defence sharp"));
    assertThat(digest(after, "defence plain")).isEqualTo(digest(before, "defence plain"));
    assertThat(digest(after, "stage train")).isEqualTo(digest(before, "stage train"));
  }

  @Test
  void aNewMethodChangesTheCodeOfNoOther() throws Exception {
    CodeIndex before = index();
    source("New", "class New implements Method { public int value() { return Sam.rho() + 1; } }");
    CodeIndex after = index();
    assertThat(after.reached()).containsKey("defence new");
    for (String provider : before.reached().keySet()) {
      assertThat(after.of(Set.of(provider))).isEqualTo(before.of(Set.of(provider)));
    }
  }

  @Test
  void aMethodThatAnotherCallsIsItsCode() throws Exception {
    source(
        "Sharp",
        "class Sharp implements Method { public int value() { return new Plain().value(); } }");
    assertThat(index().reached().get("defence sharp")).contains(HOME + "Plain", HOME + "Sgd");
  }

  @Test
  void everyWayToNameAClassIsFollowed() throws Exception {
    for (String name : List.of("A", "B", "C", "D", "E", "F", "G", "H", "K", "Thrown")) {
      source(name, "class " + name + " { static int of(Object o) { return 1; } }");
    }
    source("Thrown", "class Thrown extends RuntimeException {}");
    source("I", "interface I { default void i() { A.of(null); } }");
    source("J", "@interface J { Class<?> value(); }");
    source("L", "enum L { ONE { @Override int of() { return H.of(null); } }; abstract int of(); }");
    source(
        "Train",
        """
        import java.util.List;
        import java.util.function.ToIntFunction;

        @J(K.class)
        class Train implements I {
          B field;
          record Shape(List<C> listed) {}
          sealed interface Kind permits Kind.One {
            record One() implements Kind {}
          }
          ToIntFunction<Object> handle() { return D::of; }
          Runnable lambda() { return () -> E.of(null); }
          boolean is(Object o) { return o instanceof F[]; }
          Object constant() { return G.class; }
          void caught() { try { handle(); } catch (Thrown e) { lambda(); } }
          int chosen(L l) { return switch (l) { case ONE -> 1; }; }
        }
        """);
    assertThat(index().reached().get("stage train"))
        .contains(HOME + "L$1", HOME + "Train$1", HOME + "Train$Shape", HOME + "Train$Kind$One")
        .contains(HOME + "Thrown", HOME + "I", HOME + "J")
        .containsAll(
            List.of("A", "B", "C", "D", "E", "F", "G", "H", "K").stream()
                .map(HOME::concat)
                .toList());
  }

  @Test
  void anotherNestedClassOfAnUnrelatedOneChangesNothing() throws Exception {
    source(
        "Sam",
        "class Sam { static int rho() { return new Two().two; } static class Two { int two = 2; } }");
    Code before = index().of(Set.of("defence plain"));
    source("Sam", "class Sam { static int rho() { return 2; } static class Three {} }");
    assertThat(index().of(Set.of("defence plain"))).isEqualTo(before);
  }

  @Test
  void aResourceThatAClassOpensIsItsCode() throws Exception {
    source(
        "Sgd",
        "class Sgd { static int rate() { return Sgd.class.getResource(\"rates.json\") == null ? 0 : 1; } }");
    Files.createDirectories(folder.resolve(FOLDER));
    CodeIndex before = index(Map.of("rates.json", "[1]"));
    assertThat(before.of(Set.of("defence plain")).resources())
        .containsOnlyKeys(FOLDER + "rates.json");
    CodeIndex after = index(Map.of("rates.json", "[2]"));
    assertThat(digest(after, "defence plain")).isNotEqualTo(digest(before, "defence plain"));
    assertThat(digest(after, "stage train")).isEqualTo(digest(before, "stage train"));
  }

  @Test
  void everyWayToOpenAResourceIsSeen() throws Exception {
    Files.createDirectories(folder.resolve(FOLDER));
    String name = "\"" + FOLDER + "rates.json\"";
    for (String way :
        List.of(
            "ClassLoader.getSystemResource(" + name + ") == null",
            "ClassLoader.getSystemResourceAsStream(" + name + ") == null",
            "Sgd.class.getClassLoader().resources(" + name + ").count() == 0")) {
      source("Sgd", "class Sgd { static int rate() { return " + way + " ? 0 : 1; } }");
      assertThat(index(Map.of("rates.json", "[1]")).of(Set.of("defence plain")).resources())
          .as(way)
          .containsOnlyKeys(FOLDER + "rates.json");
    }
  }

  @Test
  void aClassThatALookupFindsByItsNameIsRefused() {
    source(
        "Sgd",
        """
        class Sgd {
          static int rate() throws ReflectiveOperationException {
            return java.lang.invoke.MethodHandles.lookup().findClass("x").getModifiers();
          }
        }
        """);
    source("Plain", "class Plain { Class<?> used() { return Sgd.class; } }");
    source(
        "Sharp",
        "class Sharp implements Method { public int value() { return Sam.rho() + Sgd.class.getModifiers(); } }");
    assertThatThrownBy(this::index).hasMessageContaining("calls findClass");
  }

  @Test
  void whatCannotBeKnownIsRefused() {
    source(
        "Sgd",
        "class Sgd { static int rate() { return Sgd.class.getResource(\"no\" + HashNone.of()) == null ? 0 : 1; } }");
    source("HashNone", "class HashNone { static String of() { return \"\"; } }");
    assertThatThrownBy(this::index).hasMessageContaining("opens a resource that none of its texts");
    source(
        "Sgd",
        "class Sgd { static int rate() { try { Class.forName(\"x\"); return 1; } catch (ClassNotFoundException e) { return 0; } } }");
    assertThatThrownBy(this::index).hasMessageContaining("calls forName");
    source(
        "Sgd",
        "class Sgd { static int rate() { return org.assertj.core.api.Assertions.class.getModifiers(); } }");
    assertThatThrownBy(this::index).hasMessageContaining("knows no version of");
  }

  @Test
  void aLibraryCountsWhereItIsUsed() throws Exception {
    source(
        "Sgd",
        "class Sgd { static int rate() { return org.assertj.core.api.Assertions.class.getModifiers(); } }");
    CodeIndex before = index(new ReachableCode.Library("assertj", "1", "org.assertj."));
    CodeIndex after = index(new ReachableCode.Library("assertj", "2", "org.assertj."));
    assertThat(before.of(Set.of("defence plain")).libraries()).containsEntry("assertj", "1");
    assertThat(digest(after, "defence plain")).isNotEqualTo(digest(before, "defence plain"));
    assertThat(digest(after, "stage train")).isEqualTo(digest(before, "stage train"));
  }

  private static Digest digest(CodeIndex index, String provider) {
    return index.of(Set.of(provider)).digest();
  }

  private void source(String name, String text) {
    sources.put(name, text);
  }

  private CodeIndex index(String... options) throws IOException {
    return index(Map.of(), List.of(), options);
  }

  private CodeIndex index(Map<String, String> resources) throws IOException {
    return index(resources, List.of());
  }

  private CodeIndex index(ReachableCode.Library library) throws IOException {
    return index(Map.of(), List.of(library));
  }

  /** Compiles all sources in a new folder and indexes them. */
  private CodeIndex index(
      Map<String, String> resources, List<ReachableCode.Library> libraries, String... options)
      throws IOException {
    Path place = Files.createTempDirectory(folder, "made");
    var arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-d", place.toString()));
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = place.resolve(source.getKey() + ".java");
      Files.writeString(file, "package dev.palimpsest.made;\n" + source.getValue());
      arguments.add(file.toString());
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, arguments.toArray(String[]::new)))
        .isZero();
    for (Map.Entry<String, String> resource : resources.entrySet()) {
      Files.writeString(place.resolve(FOLDER + resource.getKey()), resource.getValue());
    }
    var roots = new TreeMap<String, Set<String>>();
    roots.put("stage train", Set.of(HOME + "Train"));
    sources.forEach((name, text) -> {
      if (text.contains("implements Method")) {
        roots.put("defence " + name.toLowerCase(java.util.Locale.ROOT), Set.of(HOME + name));
      }
    });
    try (var loader =
        new URLClassLoader(
            new URL[] {place.toUri().toURL()}, ReachableCodeTest.class.getClassLoader())) {
      return new ReachableCode(loader, libraries).index(roots);
    }
  }
}
