package dev.palimpsest.methods.learners;

import dev.palimpsest.tensors.Tensors;
import java.util.function.Predicate;

/**
 * What a learner keeps from task to task: tensors under names whose first part says what they are,
 * such as {@code buffer.images} or {@code fisher.1.conv1.weight}.
 *
 * @param tensors never changed
 */
public record Memory(Tensors tensors) {
  /** What a stream begins with. */
  public static final Memory EMPTY = new Memory(new Tensors.Builder().build());

  /** Whether there is anything under this name ({@code buffer}, {@code fisher.1}). */
  public boolean has(String part) {
    return tensors.tensors().keySet().stream().anyMatch(under(part));
  }

  /** What is under this name, without it: {@code part("fisher.1")} holds {@code conv1.weight}. */
  public Tensors part(String part) {
    var named = new Tensors.Builder();
    tensors
        .tensors()
        .forEach((name, tensor) -> {
          if (under(part).test(name)) {
            named.put(name.substring(part.length() + 1), tensor);
          }
        });
    return named.build();
  }

  /** This memory with these tensors under a name, in the place of what was there. */
  public Memory with(String part, Tensors kept) {
    var all = new Tensors.Builder();
    without(part).tensors().tensors().forEach(all::put);
    kept.tensors().forEach((name, tensor) -> all.put(part + "." + name, tensor));
    return new Memory(all.build());
  }

  /** This memory without what is under a name. */
  public Memory without(String part) {
    var rest = new Tensors.Builder();
    tensors
        .tensors()
        .forEach((name, tensor) -> {
          if (!under(part).test(name)) {
            rest.put(name, tensor);
          }
        });
    return new Memory(rest.build());
  }

  private static Predicate<String> under(String part) {
    return name -> name.startsWith(part + ".");
  }
}
