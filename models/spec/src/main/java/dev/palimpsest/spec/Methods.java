package dev.palimpsest.spec;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The registered methods by kind and name. */
public final class Methods {
  private final Map<Kind, SortedMap<String, Method<?>>> byKind = new EnumMap<>(Kind.class);

  /** Every method on the class path. */
  @SuppressWarnings("rawtypes")
  public static Methods load() {
    var methods = new Methods();
    for (Method method : ServiceLoader.load(Method.class)) {
      methods.add(method);
    }
    return methods;
  }

  private void add(Method<?> method) {
    Method<?> former =
        byKind.computeIfAbsent(method.kind(), k -> new TreeMap<>()).put(method.name(), method);
    if (former != null) {
      throw new IllegalStateException(
          "two methods are named " + method.kind().label() + " '" + method.name() + "'");
    }
  }

  public Collection<Method<?>> of(Kind kind) {
    return byKind.getOrDefault(kind, new TreeMap<>()).values();
  }

  public Optional<Method<?>> find(Kind kind, String name) {
    return Optional.ofNullable(byKind.getOrDefault(kind, new TreeMap<>()).get(name));
  }

  /**
   * The method of this kind and name as {@code type}.
   *
   * @throws Mistake with the name that was probably meant
   */
  public <M extends Method<?>> M get(Kind kind, String name, Class<M> type) {
    Method<?> method =
        find(kind, name)
            .orElseThrow(() ->
                new Mistake(
                    Names.unknown(
                        kind.label(), name, byKind.getOrDefault(kind, new TreeMap<>()).keySet())));
    return type.cast(method);
  }
}
