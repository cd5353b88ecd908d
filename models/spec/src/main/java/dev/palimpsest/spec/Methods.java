package dev.palimpsest.spec;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The registered methods by kind and name. */
public final class Methods implements MethodIndex {
  private final Map<Kind, SortedMap<String, Method<?>>> byKind = new EnumMap<>(Kind.class);

  private Methods() {
    for (Kind kind : Kind.values()) {
      named(kind);
    }
  }

  /** Every method on the class path. */
  public static Methods load() {
    var methods = new Methods();
    for (Method<?> method : ServiceLoader.load(Method.class)) {
      Method<?> other = methods.named(method.kind()).put(method.name(), method);
      if (other != null) {
        throw new IllegalStateException(
            "two methods are named "
                + method.kind().label()
                + " '"
                + method.name()
                + "': "
                + other.getClass().getName()
                + " and "
                + method.getClass().getName());
      }
    }
    return methods;
  }

  /** The methods of a kind, by name. */
  public Collection<Method<?>> all(Kind kind) {
    return Collections.unmodifiableCollection(named(kind).values());
  }

  /**
   * The method of this kind and name.
   *
   * @throws Mistake with the name that was probably meant
   */
  public <M extends Method<?>> M get(Kind kind, String name, Class<M> type) {
    Method<?> method = named(kind).get(name);
    if (method == null) {
      throw new Mistake(Names.unknown(kind.label(), name, named(kind).keySet()));
    }
    return type.cast(method);
  }

  /** The parameters of a chosen method, bound to its own record. */
  public <P extends Record> P bind(Method<P> method, Choice choice) {
    return new Parameters(this)
        .bind(
            method.kind().label() + " '" + method.name() + "'",
            method.parameters(),
            choice.parameters());
  }

  @Override
  public SortedMap<String, List<Field>> of(Kind kind) {
    var fields = new TreeMap<String, List<Field>>();
    named(kind).forEach((name, method) -> fields.put(name, Fields.of(method.parameters())));
    return fields;
  }

  private SortedMap<String, Method<?>> named(Kind kind) {
    return byKind.computeIfAbsent(kind, k -> new TreeMap<>());
  }
}
