package dev.palimpsest.cli.bundle;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Reference;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Every label of poisoned data that some part of a bundle gives an artifact. */
final class Labels {
  private final Map<Digest, List<String>> labels = new HashMap<>();

  void add(Reference reference) {
    add(reference.sha256(), reference.taint());
  }

  void add(Digest digest, List<String> taint) {
    var all = new LinkedHashSet<>(labels.getOrDefault(digest, List.of()));
    all.addAll(taint);
    labels.put(digest, List.copyOf(all));
  }

  /** The reference with all labels of its artifact. */
  Reference of(Reference reference) {
    return new Reference(
        reference.artifact(),
        reference.sha256(),
        reference.bytes(),
        labels.getOrDefault(reference.sha256(), reference.taint()));
  }

  Map<String, Reference> of(Map<String, Reference> outputs) {
    var labelled = new HashMap<String, Reference>();
    outputs.forEach((name, output) -> labelled.put(name, of(output)));
    return labelled;
  }
}
