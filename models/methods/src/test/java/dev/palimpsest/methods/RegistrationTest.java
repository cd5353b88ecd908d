package dev.palimpsest.methods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.methods.attacks.BadNets;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Methods;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be told of a method's class before it works. */
class RegistrationTest {
  /** The classes of this module that are methods, registered or not. */
  private static List<Class<?>> written() throws IOException, URISyntaxException {
    Path root = Path.of(BadNets.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.replace(".class", "").replace('/', '.'))
          .<Class<?>>map(RegistrationTest::loaded)
          .filter(Method.class::isAssignableFrom)
          .filter(type -> !type.isInterface() && !Modifier.isAbstract(type.getModifiers()))
          .toList();
    }
  }

  private static Class<?> loaded(String name) {
    try {
      return Class.forName(name, false, BadNets.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Method<?>> registered() {
    var methods = Methods.load();
    return Arrays.stream(Kind.values()).flatMap(kind -> methods.all(kind).stream()).toList();
  }

  @Test
  void everyMethodThatIsWrittenIsRegistered() throws IOException, URISyntaxException {
    List<Class<?>> registered = new ArrayList<>();
    registered().forEach(method -> registered.add(method.getClass()));
    assertThat(written()).hasSizeGreaterThan(40);
    for (Class<?> type : written()) {
      assertThat(registered)
          .as("%s lacks @AutoService(Method.class)", type.getName())
          .contains(type);
    }
  }

  /** One object serves all runs of a process; after a restart there is another one. */
  @Test
  void noMethodKeepsState() {
    for (Method<?> method : registered()) {
      assertThat(method.getClass().getDeclaredFields())
          .as("fields of %s that are not constants", method.getClass().getName())
          .filteredOn(field -> !field.isSynthetic())
          .filteredOn(field ->
              !Modifier.isStatic(field.getModifiers()) || !Modifier.isFinal(field.getModifiers()))
          .isEmpty();
    }
  }

  @Test
  void everyParameterIsExplained() {
    registered()
        .forEach(method -> explained(method.getClass().getName(), Fields.of(method.parameters())));
  }

  private static void explained(String owner, List<Field> fields) {
    for (Field field : fields) {
      assertThat(field.help()).as("help of %s.%s", owner, field.name()).isNotBlank();
      explained(owner + "." + field.name(), field.fields());
    }
  }
}
